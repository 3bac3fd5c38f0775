#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dibs::declared {

/// Where in the schema's sources it is said.
struct Where {
    std::string file; ///< base name
    std::int64_t line = 0;

    bool operator==(const Where&) const = default;
};

/// What a thing is called. An empty schema is the search path's first, which is public.
struct Name {
    std::string schema;
    std::string name;

    bool operator==(const Name&) const = default;
};

struct Identity {
    bool by_default = false;
    std::optional<std::int64_t> start;
    std::optional<std::int64_t> increment;
    std::optional<std::int64_t> minimum;
    std::optional<std::int64_t> maximum;
    std::optional<std::int64_t> cache;
    bool cycle = false;
};

// Texts that are not said are empty. What is called SQL goes to PostgreSQL as it is.

struct Column {
    std::string name;
    std::string member; ///< of the struct
    std::string type;   ///< SQL
    bool nullable = false;
    std::string default_to; ///< SQL
    std::string generated;  ///< SQL
    std::optional<Identity> identity;
    std::string collation;
    std::string comment;
    std::string renamed_from;
    Where where;
};

enum class Deferrable { no, initially_immediate, initially_deferred };

/// A primary key or a unique constraint.
struct Key {
    std::string name;
    std::vector<std::string> columns;
    std::vector<std::string> include;
    bool nulls_not_distinct = false;
    Deferrable deferrable = Deferrable::no;
    Where where;
};

enum class Action { no_action, restrict, cascade, set_null, set_default };

struct ForeignKey {
    std::string name;
    std::vector<std::string> columns;
    Name target;
    std::vector<std::string> target_columns;
    Action on_delete = Action::no_action;
    Action on_update = Action::no_action;
    bool match_full = false;
    Deferrable deferrable = Deferrable::no;
    Where where;
};

struct Check {
    std::string name;
    std::string expression; ///< SQL
    bool no_inherit = false;
    Where where;
};

enum class Order { unsaid, ascending, descending };
enum class Nulls { unsaid, first, last };

/// Of an index or an exclusion: a column, or an expression in its place.
struct Element {
    std::string column;
    std::string expression; ///< SQL
    std::string collation;
    std::string operator_class;
    Order order = Order::unsaid;
    Nulls nulls = Nulls::unsaid;
    std::string with_operator; ///< of an exclusion
};

struct Exclusion {
    std::string name;
    std::string method;
    std::vector<Element> elements;
    std::string condition; ///< SQL: WHERE
    Deferrable deferrable = Deferrable::no;
    Where where;
};

struct Index {
    std::string name;
    std::string method;
    std::vector<Element> elements;
    std::vector<std::string> include;
    std::string condition; ///< SQL: WHERE
    std::string storage;   ///< SQL: WITH
    std::string comment;
    bool unique = false;
    bool nulls_not_distinct = false;
    Where where;
};

struct Table {
    Name name;
    std::string cpp_type; ///< full name
    std::string comment;
    std::string renamed_from;
    std::vector<Column> columns;
    std::optional<Key> primary_key;
    std::vector<Key> uniques;
    std::vector<ForeignKey> foreign_keys;
    std::vector<Check> checks;
    std::vector<Exclusion> exclusions;
    std::vector<Index> indexes;
    Where where;
};

struct Enumeration {
    Name name;
    std::string cpp_type; ///< full name
    std::vector<std::string> labels;
    std::string comment;
    std::string renamed_from;
    Where where;
};

/// Plain SQL.
struct Script {
    std::string name;
    std::string sql;
    std::vector<std::string> after;
    std::vector<std::string> before;
    Where where;
};

/// A schema as its sources declare it, in the order of files and lines. Complete and free of contradiction as
/// far as that can be told without PostgreSQL: see read().
struct Schema {
    std::vector<Enumeration> enumerations;
    std::vector<Table> tables;
    std::vector<Script> scripts;
};

/// "public.users" where a schema is said, else "users": for people.
std::string text_of(const Name& name);
/// "users.cpp:12", or nothing where it is not known.
std::string text_of(const Where& where);

} // namespace dibs::declared
