#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "report/events.hpp"
#include "report/redactor.hpp"

namespace dibs::report {

/// A migration in `dibs status --json`; the names are those of the JSON.
struct StatusRow {
    std::string version;
    std::string name;
    std::string state;
    std::optional<std::string> applied_at; ///< UTC, ISO 8601
    std::optional<std::int64_t> duration_ms;
    std::optional<std::string> applied_by;
    std::optional<std::string> checksum;
    std::optional<std::string> library; ///< path
    std::optional<std::string> source;  ///< path
    std::optional<std::string> description;
    struct Step {
        std::string name;
        std::string done_at; ///< UTC, ISO 8601
        std::int64_t duration_ms = 0;
    };
    std::vector<Step> steps; ///< done, of one that is interrupted
    struct Backfill {
        std::string name;
        std::string state;
        std::int64_t rows = 0;
        std::optional<int> percent;
    };
    std::vector<Backfill> backfills;     ///< that are not finished
    std::optional<std::string> begun_at; ///< of one that is interrupted: the last time
    bool out_of_order = false;
    bool transaction = true;
    std::optional<bool> reversible; ///< its library has a rollback()
};

/// A backfill in `dibs backfill status --json`.
struct BackfillRow {
    std::string name;
    std::string version;
    std::string state;
    std::int64_t rows = 0;
    std::optional<int> percent;
    std::int64_t batches = 0;
    int pass = 1;
    std::string begun_at; ///< UTC, ISO 8601, as the others
    std::optional<std::string> changed_at;
    std::optional<std::string> finished_at;
    std::optional<std::string> paused_by;
    std::optional<std::string> waits;
    std::string definition;
};

struct BackfillDocument {
    std::string database;
    std::vector<BackfillRow> backfills;
};

struct StatusDocument {
    std::string database;
    std::size_t applied = 0;
    std::size_t pending = 0;
    std::vector<StatusRow> migrations;
};

/// What a run of migrations did; of the lists it has those that the command is about.
struct RunDocument {
    struct Done {
        std::string version;
        std::int64_t duration_us = 0;
    };
    std::string database;
    bool dry_run = false;
    struct Step {
        std::string version;
        std::string step;
        std::int64_t duration_us = 0;
        std::optional<std::string> done_at; ///< by an earlier run, so that this one passed over it
    };
    std::optional<std::vector<Done>> rolled_back;
    std::optional<std::vector<std::string>> remaining; ///< was to be rolled back, and is applied
    std::optional<std::vector<Done>> applied;
    std::vector<Step> steps;
    struct Backfill {
        std::string version;
        std::string name;
        std::int64_t rows = 0; ///< changed, by earlier runs too
    };
    std::vector<Backfill> backfills;                 ///< finished in this run
    std::optional<std::vector<std::string>> pending; ///< was to be applied, and is not
    std::optional<MigrationFailure> failure;
    std::vector<std::string> output; ///< what migrations logged and printed
    std::int64_t duration_us = 0;
    std::size_t round_trips = 0;
};

/// What `dibs diff` found; the names are those of the JSON.
struct DiffDocument {
    struct Hazard {
        std::string type;
        std::string text;
    };
    struct Change {
        std::string sign;
        std::string kind;
        std::string object;
        std::string group;
        std::string text;
        std::vector<Hazard> hazards;
        std::optional<std::string> remark;
    };
    struct Statement {
        std::string sql; ///< not redacted: it is to be run
        std::optional<std::string> loses;
        bool alone = false;
    };
    std::string from;
    std::string to;
    std::vector<Change> changes;
    std::vector<Statement> statements;
    std::vector<std::string> unsupported;
};

/// What `dibs generate-from-diff` wrote.
struct GeneratedDocument {
    struct Migration {
        std::string path;
        std::string version;
    };
    std::vector<Migration> migrations;
    std::string schema; ///< checksum of the one that they were tried on
};

/// What `dibs verify` finds wrong.
struct Problem {
    std::string kind;
    std::optional<std::string> version;
    std::string message;
    std::string hint;
    bool is_error = true; ///< otherwise a warning
};

struct VerifyDocument {
    std::string database;
    std::size_t libraries = 0;
    std::size_t applied = 0;
    std::size_t pending = 0;
    std::vector<Problem> problems;
};

/// A migration that `dibs repair` has looked at.
struct Repair {
    std::string version;
    std::string kind;
    std::string message;
    std::optional<std::string> recorded_checksum;
    std::optional<std::string> built_checksum;
    std::optional<std::vector<std::string>> diff; ///< lines; none without a source in the history
    bool repaired = false;
};

struct RepairDocument {
    std::string database;
    std::vector<Repair> migrations;
};

/// A row of `dibs history`.
struct HistoryRow {
    std::string at; ///< UTC, ISO 8601
    std::string event;
    std::optional<std::string> version;
    std::optional<std::int64_t> duration_ms;
    std::optional<std::string> sqlstate;
    std::optional<std::string> message;
    std::string by;
    std::string runner_version;
    std::string run;
};

struct HistoryDocument {
    std::string database;
    std::vector<HistoryRow> attempts;
};

/// A flat object: what a command with little to tell says, in this order.
using Fact = std::variant<std::nullptr_t, bool, std::int64_t, std::string, std::vector<std::string>>;
using Facts = std::vector<std::pair<std::string, Fact>>;

// Each string passes the redactor before it is escaped. Text that is not UTF-8 has its bad bytes replaced.
std::string to_json(const StatusDocument& document, const Redactor& redactor);
std::string to_json(const RunDocument& document, const Redactor& redactor);
/// An event on one line, for a stream beside the document.
std::string to_json_line(std::string_view version, const BackfillProgress& progress);
std::string to_json(const DiffDocument& document, const Redactor& redactor);
std::string to_json(const GeneratedDocument& document, const Redactor& redactor);
std::string to_json(const VerifyDocument& document, const Redactor& redactor);
std::string to_json(const RepairDocument& document, const Redactor& redactor);
std::string to_json(const HistoryDocument& document, const Redactor& redactor);
std::string to_json(const BackfillDocument& document, const Redactor& redactor);
std::string to_json(const Facts& facts, const Redactor& redactor);

std::string error_json(const std::string& message, const std::string& hint, int code,
                       const Redactor& redactor);

} // namespace dibs::report
