#include "report/json.hpp"

#include <nlohmann/json.hpp>

namespace dibs::report {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json optional(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

void redact_strings(Json& json, const Redactor& redactor) {
    if (json.is_string())
        json = redactor(json.get_ref<const std::string&>());
    else if (json.is_structured())
        for (Json& child : json)
            redact_strings(child, redactor);
}

std::string written(Json json, const Redactor& redactor) {
    redact_strings(json, redactor);
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Json to_json(const MigrationFailure& failure) {
    Json json;
    json["version"] = failure.version;
    const auto put = [&](const char* key, const std::string& text) {
        json[key] = text.empty() ? Json(nullptr) : Json(text);
    };
    json["function"] = failure.backwards ? "rollback" : "migrate";
    put("what", failure.what);
    put("message", failure.message);
    put("sqlstate", failure.sqlstate);
    put("detail", failure.detail);
    put("hint", failure.hint);
    put("context", failure.context);
    put("sql", failure.sql);
    put("file", failure.file);
    json["line"] = failure.line;
    json["position"] = failure.position;
    json["statement"] = failure.statement;
    put("step", failure.step);
    json["steps_done"] = failure.steps_done;
    put("outcome", failure.outcome);
    json["blocked_by"] = failure.blocked_by;
    return json;
}

} // namespace

std::string to_json(const StatusDocument& document, const Redactor& redactor) {
    Json json;
    json["database"] = document.database;
    json["applied"] = document.applied;
    json["pending"] = document.pending;
    json["migrations"] = Json::array();
    for (const StatusRow& row : document.migrations) {
        Json& entry = json["migrations"].emplace_back();
        entry["version"] = row.version;
        entry["name"] = row.name;
        entry["state"] = row.state;
        entry["applied_at"] = optional(row.applied_at);
        entry["duration_ms"] = optional(row.duration_ms);
        entry["applied_by"] = optional(row.applied_by);
        entry["checksum"] = optional(row.checksum);
        entry["out_of_order"] = row.out_of_order;
        entry["transaction"] = row.transaction;
        entry["reversible"] = optional(row.reversible);
        entry["description"] = optional(row.description);
        entry["library"] = optional(row.library);
        entry["source"] = optional(row.source);
        entry["begun_at"] = optional(row.begun_at);
        entry["steps"] = Json::array();
        for (const StatusRow::Step& step : row.steps)
            entry["steps"].push_back(
                {{"name", step.name}, {"done_at", step.done_at}, {"duration_ms", step.duration_ms}});
        entry["backfills"] = Json::array();
        for (const StatusRow::Backfill& backfill : row.backfills)
            entry["backfills"].push_back({{"name", backfill.name},
                                          {"state", backfill.state},
                                          {"rows", backfill.rows},
                                          {"percent", optional(backfill.percent)}});
    }
    return written(std::move(json), redactor);
}

std::string to_json_line(std::string_view version, const BackfillProgress& progress) {
    Json json;
    json["event"] = "backfill";
    json["version"] = version;
    json["name"] = progress.name;
    json["table"] = progress.table;
    json["rows"] = progress.rows;
    json["percent"] = progress.percent ? Json(*progress.percent) : Json(nullptr);
    json["rows_per_second"] = static_cast<std::int64_t>(progress.rows_per_second);
    json["batch_size"] = progress.batch_size;
    json["left_s"] = progress.left_s ? Json(*progress.left_s) : Json(nullptr);
    json["pass"] = progress.pass;
    json["waits"] = progress.waits.empty() ? Json(nullptr) : Json(progress.waits);
    json["finished"] = progress.finished;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const RunDocument& document, const Redactor& redactor) {
    Json json;
    json["database"] = document.database;
    json["dry_run"] = document.dry_run;
    const auto put_done = [&](const char* key, const std::optional<std::vector<RunDocument::Done>>& list) {
        if (!list)
            return;
        json[key] = Json::array();
        for (const RunDocument::Done& done : *list)
            json[key].push_back({{"version", done.version}, {"duration_us", done.duration_us}});
    };
    put_done("rolled_back", document.rolled_back);
    if (document.remaining)
        json["remaining"] = *document.remaining;
    put_done("applied", document.applied);
    json["steps"] = Json::array();
    for (const RunDocument::Step& step : document.steps) {
        Json& entry = json["steps"].emplace_back();
        entry["version"] = step.version;
        entry["step"] = step.step;
        entry["duration_us"] = step.done_at ? Json(nullptr) : Json(step.duration_us);
        entry["done_at"] = optional(step.done_at);
    }
    json["backfills"] = Json::array();
    for (const RunDocument::Backfill& backfill : document.backfills)
        json["backfills"].push_back(
            {{"version", backfill.version}, {"name", backfill.name}, {"rows", backfill.rows}});
    if (document.pending)
        json["pending"] = *document.pending;
    json["failure"] = document.failure ? to_json(*document.failure) : Json(nullptr);
    json["output"] = document.output;
    json["duration_us"] = document.duration_us;
    json["round_trips"] = document.round_trips;
    return written(std::move(json), redactor);
}

std::string to_json(const DiffDocument& document, const Redactor& redactor) {
    Json json;
    json["from"] = document.from;
    json["to"] = document.to;
    json["equal"] = document.changes.empty() && document.unsupported.empty();
    json["changes"] = Json::array();
    for (const DiffDocument::Change& change : document.changes) {
        Json& entry = json["changes"].emplace_back();
        entry["sign"] = change.sign;
        entry["kind"] = change.kind;
        entry["object"] = change.object;
        entry["group"] = change.group;
        entry["text"] = change.text;
        entry["hazards"] = Json::array();
        for (const DiffDocument::Hazard& hazard : change.hazards)
            entry["hazards"].push_back({{"type", hazard.type}, {"text", hazard.text}});
        entry["remark"] = optional(change.remark);
    }
    json["unsupported"] = document.unsupported;
    redact_strings(json, redactor);
    json["statements"] = Json::array();
    for (const DiffDocument::Statement& statement : document.statements)
        json["statements"].push_back(
            {{"sql", statement.sql}, {"loses", optional(statement.loses)}, {"alone", statement.alone}});
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const GeneratedDocument& document, const Redactor& redactor) {
    Json json;
    json["migrations"] = Json::array();
    for (const GeneratedDocument::Migration& migration : document.migrations)
        json["migrations"].push_back({{"path", migration.path}, {"version", migration.version}});
    json["schema"] = document.schema;
    return written(std::move(json), redactor);
}

std::string to_json(const VerifyDocument& document, const Redactor& redactor) {
    Json json;
    json["database"] = document.database.empty() ? Json(nullptr) : Json(document.database);
    json["libraries"] = document.libraries;
    json["applied"] = document.applied;
    json["pending"] = document.pending;
    json["problems"] = Json::array();
    for (const Problem& problem : document.problems)
        json["problems"].push_back({{"severity", problem.is_error ? "error" : "warning"},
                                    {"kind", problem.kind},
                                    {"version", optional(problem.version)},
                                    {"message", problem.message},
                                    {"hint", problem.hint}});
    return written(std::move(json), redactor);
}

std::string to_json(const RepairDocument& document, const Redactor& redactor) {
    Json json;
    json["database"] = document.database;
    json["migrations"] = Json::array();
    for (const Repair& repair : document.migrations)
        json["migrations"].push_back({{"version", repair.version},
                                      {"kind", repair.kind},
                                      {"message", repair.message},
                                      {"repaired", repair.repaired},
                                      {"recorded_checksum", optional(repair.recorded_checksum)},
                                      {"built_checksum", optional(repair.built_checksum)},
                                      {"diff", optional(repair.diff)}});
    return written(std::move(json), redactor);
}

std::string to_json(const HistoryDocument& document, const Redactor& redactor) {
    Json json;
    json["database"] = document.database;
    json["attempts"] = Json::array();
    for (const HistoryRow& row : document.attempts)
        json["attempts"].push_back({{"at", row.at},
                                    {"event", row.event},
                                    {"version", optional(row.version)},
                                    {"duration_ms", optional(row.duration_ms)},
                                    {"sqlstate", optional(row.sqlstate)},
                                    {"message", optional(row.message)},
                                    {"by", row.by},
                                    {"runner_version", row.runner_version},
                                    {"run", row.run}});
    return written(std::move(json), redactor);
}

std::string to_json(const BackfillDocument& document, const Redactor& redactor) {
    Json json;
    json["database"] = document.database;
    json["backfills"] = Json::array();
    for (const BackfillRow& row : document.backfills) {
        Json& entry = json["backfills"].emplace_back();
        entry["name"] = row.name;
        entry["version"] = row.version;
        entry["state"] = row.state;
        entry["rows"] = row.rows;
        entry["percent"] = optional(row.percent);
        entry["batches"] = row.batches;
        entry["pass"] = row.pass;
        entry["begun_at"] = row.begun_at;
        entry["changed_at"] = optional(row.changed_at);
        entry["finished_at"] = optional(row.finished_at);
        entry["paused_by"] = optional(row.paused_by);
        entry["waits"] = optional(row.waits);
        entry["definition"] = row.definition;
    }
    return written(std::move(json), redactor);
}

std::string to_json(const Facts& facts, const Redactor& redactor) {
    Json json = Json::object();
    for (const auto& [name, fact] : facts)
        std::visit([&, &key = name](const auto& value) { json[key] = value; }, fact);
    return written(std::move(json), redactor);
}

std::string error_json(const std::string& message, const std::string& hint, int code,
                       const Redactor& redactor) {
    Json json;
    json["error"] = {
        {"message", message}, {"hint", hint.empty() ? Json(nullptr) : Json(hint)}, {"code", code}};
    return written(std::move(json), redactor);
}

} // namespace dibs::report
