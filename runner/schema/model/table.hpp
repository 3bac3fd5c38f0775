#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/model/key.hpp"
#include "schema/model/object.hpp"
#include "schema/model/sequence.hpp"

namespace dibs::schema {

struct Identity {
    bool always = false;
    std::string sequence; ///< its name, in the table's schema
    Counting counting;

    [[nodiscard]] bool operator==(const Identity&) const = default;
};

struct Column {
    Key key;
    Attachments attached;
    std::string type; ///< format_type(): with modifiers, and with the schema where it is not pg_catalog
    bool not_null = false;
    std::optional<std::string> expression; ///< the default's, or what it is generated from
    bool generated = false;
    std::optional<Identity> identity;
    std::string collation;    ///< quoted; empty where it is the type's
    std::string storage;      ///< PLAIN, ...; empty where it is the type's
    std::string type_storage; ///< its type's
    std::string compression;  ///< empty for the default
    int statistics = -1;      ///< -1 for the default
    Options options;
    bool local = true;      ///< declared here
    bool inherited = false; ///< from a parent, or the whole of which this is a partition

    [[nodiscard]] bool has_default() const { return expression && !generated; }
    [[nodiscard]] bool operator==(const Column&) const = default;
};

struct Constraint {
    enum class Type { primary_key, unique, foreign_key, check, exclusion };

    Key key;
    Attachments attached;
    Type type = Type::check;
    std::string definition; ///< pg_get_constraintdef() without what follows here
    bool deferrable = false;
    bool deferred = false;
    bool validated = true;
    std::vector<std::string> columns;            ///< of its own table
    std::optional<Key> references;               ///< the other table of a foreign key
    std::vector<std::string> referenced_columns; ///< there
    std::optional<Key> whole;      ///< the partitioned table's constraint that this is a part of
    bool clustered = false;        ///< the table was clustered by its index
    bool replica_identity = false; ///< its index is the table's replica identity
    std::string index_comment;     ///< its index's own
    bool local = true;             ///< declared here
    bool inherited = false;        ///< a check or foreign key that a parent has as well

    [[nodiscard]] bool has_index() const {
        return type == Type::primary_key || type == Type::unique || type == Type::exclusion;
    }
    [[nodiscard]] bool operator==(const Constraint&) const = default;
};

struct Index {
    Key key;
    Attachments attached;
    Key table; ///< or materialized view
    bool unique = false;
    std::string definition; ///< pg_get_indexdef() from " ON " to the end: "public.t USING btree (a)"
    bool valid = true;      ///< false after a concurrent build that failed
    std::vector<std::string> columns; ///< all that it depends on
    std::optional<Key> whole;         ///< the partitioned table's index that this is a part of
    bool clustered = false;
    bool replica_identity = false;
    Options statistics; ///< "2=500": statistics targets of expressions

    [[nodiscard]] bool operator==(const Index&) const = default;
};

/// What PostgreSQL gives as a complete statement: trigger, rule.
struct Scripted {
    Key key;
    Attachments attached;
    std::string definition; ///< empty with `whole`
    char enabled = 'O';     ///< as in pg_trigger: O, D, R, A
    /// The partitioned table's trigger that a partition has this one from, which is in the model only where
    /// it fires otherwise than that.
    std::optional<Key> whole;

    [[nodiscard]] bool operator==(const Scripted&) const = default;
};

struct Policy {
    Key key;
    Attachments attached;
    bool permissive = true;
    std::string command;            ///< ALL, SELECT, ...
    std::vector<std::string> roles; ///< empty for PUBLIC
    std::string using_expression;
    std::string check_expression;

    [[nodiscard]] bool operator==(const Policy&) const = default;
};

/// The space that a table takes, as the last VACUUM or ANALYZE has seen it.
struct Size {
    std::int64_t pages = 0;
    std::int64_t rows = -1; ///< -1: never counted
};

struct Table {
    Key key;
    Attachments attached;
    std::vector<Column> columns; ///< in order
    bool unlogged = false;
    bool row_security = false;
    bool force_row_security = false;
    char replica_identity = 'd'; ///< as in pg_class: d, n, f, i
    std::string access_method;
    Options options;
    std::string partitioned_by; ///< "RANGE (created_at)"; empty for a plain table
    std::vector<Key> parents;   ///< what it inherits from, in order; the whole of a partition
    std::string bounds;         ///< "FOR VALUES ..." or DEFAULT of a partition
    std::string of_type;
    Size size;

    [[nodiscard]] bool is_partition() const { return !bounds.empty(); }
    [[nodiscard]] const Column* column(const std::string& name) const {
        for (const Column& each : columns)
            if (each.key.part == name)
                return &each;
        return nullptr;
    }
};

} // namespace dibs::schema
