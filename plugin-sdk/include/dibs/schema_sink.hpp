#pragma once

#include <cstddef>
#include <cstdint>

#include <dibs/abi.hpp>

namespace dibs {
inline namespace abi_v1 {

/// What a schema is made of. Append only: the numbers cross to the runner.
enum class SchemaPart : std::uint8_t {
    table,
    column,
    primary_key,
    unique,
    foreign_key,
    check,
    exclusion,
    index,
    element, ///< of an index or an exclusion: a column or an expression
    enumeration,
    script, ///< plain SQL
};

/// What is said of a part. Append only. One that may be said several times is a list, in order.
enum class SchemaField : std::uint8_t {
    file,         ///< the C++ source
    line,         ///< number
    name,         ///< unquoted
    schema,       ///< unquoted; not said: public
    comment,      ///< of a table, column or enum
    renamed_from, ///< of a table, column or enum: what it was called before
    cpp_type,     ///< the C++ type's full name: which struct a table has, which enum a type
    cpp_member,   ///< the C++ member's name
    column,       ///< number, a list: in a column its own, elsewhere that of the column that is meant
    type,         ///< SQL, without the array's brackets
    whole_type,   ///< SQL, in place of `type` and `dimensions`
    enum_type,    ///< in place of `type`: the full name of a C++ enum
    dimensions,   ///< number: of an array
    nullable,     ///< number: 0 or 1, and so for all that are true or false
    default_to,   ///< SQL
    generated,    ///< SQL
    identity,     ///< number: 1 always, 2 by default
    identity_start,
    identity_increment,
    identity_minimum,
    identity_maximum,
    identity_cache,
    identity_cycle,
    collation,          ///< unquoted
    nulls_not_distinct, ///< of a unique constraint or index
    include,            ///< number, a list: columns
    deferrable,         ///< number: 1 initially immediate, 2 initially deferred
    target_type,        ///< of a foreign key: the full name of the struct that it references
    target_column,      ///< number, a list
    on_delete,          ///< number: Action
    on_update,          ///< number: Action
    match_full,
    expression, ///< SQL: of a check, an element
    no_inherit,
    unique_index,
    method,  ///< of an index or an exclusion
    where,   ///< SQL
    storage, ///< SQL in WITH (...)
    order,   ///< number: 1 ascending, 2 descending
    nulls,   ///< number: 1 first, 2 last
    operator_class,
    with_operator, ///< of an exclusion's element
    label,         ///< of an enum, a list
    implied,       ///< the enum has no DIBS_ENUM: name and labels are those of the C++ enum
    sql,           ///< of a script
    after,         ///< a list: names of tables, enums and scripts that it needs
    before,        ///< a list: names of those that need it
};

/// Where a schema library says what is in it, part by part: fields first, then the parts of a part. Append
/// only: a new virtual function comes last and raises the minor version. Only for the time of a call.
class DIBS_API SchemaSink {
  public:
    SchemaSink(const SchemaSink&) = delete;
    SchemaSink& operator=(const SchemaSink&) = delete;

    virtual void begin(SchemaPart part) = 0;
    virtual void text(SchemaField field, const char* data, std::size_t size) = 0;
    virtual void number(SchemaField field, std::int64_t value) = 0;
    virtual void end() = 0;
    /// What was said so far is true, whatever comes of the author's code that runs next.
    virtual void checkpoint() = 0;

  protected:
    SchemaSink() = default;
    ~SchemaSink() = default;
};

} // namespace abi_v1
} // namespace dibs
