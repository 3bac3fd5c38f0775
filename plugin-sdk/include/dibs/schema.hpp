#pragma once

/// What a file of the schema includes. Each struct is a table; dibs_add_schema() builds the files of a folder
/// into one library.
///
///     #include <dibs/schema.hpp>
///
///     struct User {
///         std::int64_t id;
///         std::string email;
///         std::optional<std::string> bio;
///     };
///
///     DIBS_TABLE(User, "users") {
///         table.primary_key(&User::id);
///         table.unique(&User::email);
///     }

#include <string>
#include <string_view>
#include <vector>

#include <dibs/abi.hpp>
#include <dibs/enumerators.hpp>
#include <dibs/schema_description.hpp>
#include <dibs/schema_sink.hpp>
#include <dibs/table.hpp>
#include <dibs/type_name.hpp>

namespace dibs {
inline namespace abi_v1 {

/// What DIBS_ENUM(...) takes behind the name, by name and in this order.
struct EnumOptions {
    std::string schema = {};
    /// In the place of the enumerators' names, for those that are no identifiers ("new") or have values above
    /// 127.
    std::vector<std::string> labels = {};
    std::string comment = {};
    std::string renamed_from = {};
};

/// What DIBS_SQL(...) takes behind the text, by name and in this order: names of tables, enums and other SQL.
struct SqlOptions {
    std::vector<std::string> after = {};  ///< which are made before it
    std::vector<std::string> before = {}; ///< which need it: an extension before the tables that use its type
};

namespace detail {

/// A DIBS_TABLE, DIBS_ENUM or DIBS_SQL: links itself into a list when the library is loaded, and does nothing
/// else.
class Registration {
  public:
    using Describe = void (*)(const Registration& registration, SchemaSink& sink);

    inline static Registration* first = nullptr;

    Registration(Describe describe_it, const char* its_name, Location at)
        : describe(describe_it), name(its_name), where(at), next(first) {
        first = this;
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    Describe describe;
    const char* name;
    Location where;
    Registration* next;
};

/// Says what stands in the file, so that it is known when the author's code throws or crashes.
inline Description begin(const Registration& registration, SchemaPart part, std::string_view cpp_type,
                         SchemaSink& sink) {
    sink.begin(part);
    Description said(part, registration.where);
    said.set(SchemaField::name, registration.name);
    if (!cpp_type.empty())
        said.set(SchemaField::cpp_type, cpp_type);
    said.emit_content(sink);
    sink.checkpoint();
    return Description(part);
}

template <class T, class Body>
void describe_table(const Registration& registration, SchemaSink& sink) {
    check_types_of_members<T>();
    Description description = begin(registration, SchemaPart::table, type_name<T>(), sink);
    Table<T> table(description, registration.where);
    Body::describe(table);
    table.finish(registration.where);
    description.emit_content(sink);
    sink.end();
}

template <class E, class Body>
void describe_enum(const Registration& registration, SchemaSink& sink) {
    static_assert(is_enum_class<E>, "dibs: DIBS_ENUM is for an enum class");
    Description description = begin(registration, SchemaPart::enumeration, type_name<E>(), sink);
    const EnumOptions options = Body::options();
    const std::vector<std::string> names = enumerators<E>();
    if (!options.labels.empty() && options.labels.size() < names.size())
        raise(registration.where,
              "the enum " + std::string(type_name<E>()) + " has " + std::to_string(names.size()) +
                  " enumerators, and only " + std::to_string(options.labels.size()) + " labels",
              "Give .labels one for each, in the order of their values.");
    for (const std::string& label : options.labels.empty() ? names : options.labels)
        description.set(SchemaField::label, label);
    if (!options.schema.empty())
        description.set(SchemaField::schema, options.schema);
    if (!options.comment.empty())
        description.set(SchemaField::comment, options.comment);
    if (!options.renamed_from.empty())
        description.set(SchemaField::renamed_from, options.renamed_from);
    description.emit_content(sink);
    sink.end();
}

template <class Body>
void describe_sql(const Registration& registration, SchemaSink& sink) {
    Description description = begin(registration, SchemaPart::script, {}, sink);
    description.set(SchemaField::sql, Body::sql());
    const SqlOptions options = Body::options();
    for (const std::string& name : options.after)
        description.set(SchemaField::after, name);
    for (const std::string& name : options.before)
        description.set(SchemaField::before, name);
    description.emit_content(sink);
    sink.end();
}

} // namespace detail
} // namespace abi_v1
} // namespace dibs

/// Declares a struct to be a table. The block that follows says what SQL needs beyond the struct's members:
/// `table`, a dibs::Table<Struct>. It runs when dibs asks for the schema.
#define DIBS_TABLE(Struct, table_name) DIBS_TABLE_(Struct, table_name, __COUNTER__)
#define DIBS_TABLE_(Struct, table_name, number) DIBS_NUMBERED_TABLE_(Struct, table_name, number)
#define DIBS_NUMBERED_TABLE_(Struct, table_name, number)                                                     \
    namespace {                                                                                              \
    struct dibs_table_##number {                                                                             \
        static void describe(dibs::Table<Struct>& table);                                                    \
    };                                                                                                       \
    const dibs::detail::Registration dibs_registration_##number{                                             \
        &dibs::detail::describe_table<Struct, dibs_table_##number>, table_name, {__FILE__, __LINE__}};       \
    }                                                                                                        \
    void dibs_table_##number::describe([[maybe_unused]] dibs::Table<Struct>& table)

/// Names the enum type of an enum class: DIBS_ENUM(OrderState, "order_state"); more by name, see
/// dibs::EnumOptions.
#define DIBS_ENUM(Enum, enum_name, ...) DIBS_ENUM_(Enum, enum_name, __COUNTER__, __VA_ARGS__)
#define DIBS_ENUM_(Enum, enum_name, number, ...) DIBS_NUMBERED_ENUM_(Enum, enum_name, number, __VA_ARGS__)
#define DIBS_NUMBERED_ENUM_(Enum, enum_name, number, ...)                                                    \
    namespace {                                                                                              \
    struct dibs_enum_##number {                                                                              \
        static dibs::EnumOptions options() { return {__VA_ARGS__}; }                                         \
    };                                                                                                       \
    const dibs::detail::Registration dibs_registration_##number{                                             \
        &dibs::detail::describe_enum<Enum, dibs_enum_##number>, enum_name, {__FILE__, __LINE__}};            \
    }                                                                                                        \
    static_assert(true)

/// Plain SQL for what structs cannot say: DIBS_SQL("touch", "CREATE FUNCTION ...", .before = {"users"}); the
/// name is for others to refer to. See dibs::SqlOptions.
#define DIBS_SQL(sql_name, sql_text, ...) DIBS_SQL_(sql_name, sql_text, __COUNTER__, __VA_ARGS__)
#define DIBS_SQL_(sql_name, sql_text, number, ...) DIBS_NUMBERED_SQL_(sql_name, sql_text, number, __VA_ARGS__)
#define DIBS_NUMBERED_SQL_(sql_name, sql_text, number, ...)                                                  \
    namespace {                                                                                              \
    struct dibs_sql_##number {                                                                               \
        static std::string_view sql() { return sql_text; }                                                   \
        static dibs::SqlOptions options() { return {__VA_ARGS__}; }                                          \
    };                                                                                                       \
    const dibs::detail::Registration dibs_registration_##number{                                             \
        &dibs::detail::describe_sql<dibs_sql_##number>, sql_name, {__FILE__, __LINE__}};                     \
    }                                                                                                        \
    static_assert(true)
