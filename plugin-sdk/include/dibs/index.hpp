#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

#include <dibs/abi.hpp>
#include <dibs/location.hpp>
#include <dibs/schema_description.hpp>
#include <dibs/table_parts.hpp>

namespace dibs {
inline namespace abi_v1 {

/// SQL in the place of a column: dibs::expression("lower(email)").
struct Expression {
    std::string_view sql;
    Location where;
};
inline Expression expression(std::string_view sql, const char* file = __builtin_FILE(),
                             std::uint32_t line = __builtin_LINE()) {
    return {sql, {file, line}};
}

/// What an index has in one place: a column or an expression, with its order.
template <class T>
class Element {
  public:
    template <class M>
    Element(M T::*member, const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE())
        : Element(Member<T>(member, file, line)) {}
    Element(Member<T> member) : description_(SchemaPart::element, member.where()), where_(member.where()) {
        description_.set(SchemaField::column, member.column());
    }
    Element(Expression expression)
        : description_(SchemaPart::element, expression.where), where_(expression.where) {
        description_.set(SchemaField::expression, expression.sql);
    }
    template <detail::NoColumn<T> Named>
    Element(Named named) : Element(Member<T>(named)) {}

    Element asc() && { return set(SchemaField::order, 1); }
    Element desc() && { return set(SchemaField::order, 2); }
    Element nulls_first() && { return set(SchemaField::nulls, 1); }
    Element nulls_last() && { return set(SchemaField::nulls, 2); }
    Element collate(std::string_view collation) && { return set(SchemaField::collation, collation); }
    Element operator_class(std::string_view name) && { return set(SchemaField::operator_class, name); }

    [[nodiscard]] const detail::Description& description() const { return description_; }
    [[nodiscard]] Location where() const { return where_; }

  private:
    template <class Value>
    Element set(SchemaField field, const Value& value) {
        description_.set(field, value);
        return std::move(*this);
    }
    detail::Description description_;
    Location where_;
};

/// A column as an element that says more: dibs::element(&T::name).operator_class("text_pattern_ops").
template <class T, class M>
Element<T> element(M T::*member, const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE()) {
    return {member, file, line};
}
template <class T>
Element<T> element(Member<T> member) {
    return {member};
}
template <class T, class M>
Element<T> desc(M T::*member, const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE()) {
    return Element<T>(member, file, line).desc();
}
template <class T>
Element<T> desc(Member<T> member) {
    return Element<T>(member).desc();
}

template <class T>
class Index {
  public:
    explicit Index(detail::Description& description) : description_(&description) {}

    Index& name(std::string_view name) { return set(SchemaField::name, name); }
    Index& unique() { return set(SchemaField::unique_index, true); }
    Index& nulls_not_distinct() { return set(SchemaField::nulls_not_distinct, true); } ///< PostgreSQL 15
    Index& method(std::string_view name) { return set(SchemaField::method, name); }    ///< "gin"
    Index& where(std::string_view sql) { return set(SchemaField::where, sql); }
    Index& with(std::string_view sql) { return set(SchemaField::storage, sql); } ///< "fillfactor = 70"
    Index& comment(std::string_view text) { return set(SchemaField::comment, text); }
    template <std::convertible_to<Member<T>>... More>
    Index& include(Member<T> first, More... more) {
        for (const Member<T>& member : {first, Member<T>(more)...})
            set(SchemaField::include, member.column());
        return *this;
    }

  private:
    template <class Value>
    Index& set(SchemaField field, const Value& value) {
        description_->set(field, value);
        return *this;
    }
    detail::Description* description_;
};

/// An exclusion constraint: no two rows for which all of these operators are true.
template <class T>
class Exclusion {
  public:
    explicit Exclusion(detail::Description& description) : description_(&description) {}

    Exclusion& with(Element<T> element, std::string_view with_operator) {
        detail::Description part = element.description();
        part.set(SchemaField::with_operator, with_operator);
        description_->add(std::move(part));
        return *this;
    }
    Exclusion& name(std::string_view name) { return set(SchemaField::name, name); }
    Exclusion& where(std::string_view sql) { return set(SchemaField::where, sql); }
    Exclusion& deferrable() { return set(SchemaField::deferrable, 1); }
    Exclusion& initially_deferred() { return set(SchemaField::deferrable, 2); }

  private:
    template <class Value>
    Exclusion& set(SchemaField field, const Value& value) {
        description_->set(field, value);
        return *this;
    }
    detail::Description* description_;
};

} // namespace abi_v1
} // namespace dibs
