#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <dibs/abi.hpp>
#include <dibs/column_type.hpp>
#include <dibs/enumerators.hpp>
#include <dibs/index.hpp>
#include <dibs/location.hpp>
#include <dibs/members.hpp>
#include <dibs/schema_description.hpp>
#include <dibs/table_parts.hpp>
#include <dibs/type_name.hpp>

namespace dibs {
inline namespace abi_v1 {

namespace detail {

// table.ignore(&T::m) and table.embed(&T::m) allow what is an error without them, wherever in the body they
// stand. A call leaves a friend function behind that the check, which is instantiated after the body, looks
// for. It is defined by the type of the member; that a second member of this type is not mentioned is found
// when the body has run.
#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wnon-template-friend"
#endif
template <class T, class M>
struct Excuse {
    friend constexpr bool excused(Excuse<T, M>);
};
#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic pop
#endif
template <class T, class M>
struct Excused {
    friend constexpr bool excused(Excuse<T, M>) { return true; }
    using Returned = void;
};
template <class T, class M, bool Found = excused(Excuse<T, M>{})>
constexpr bool is_excused(int) {
    return Found;
}
template <class T, class M>
constexpr bool is_excused(...) {
    return false;
}

/// Stops the compiler where a member of T has a type without a column type: M.
template <class T, class M>
struct TypeOfMember {
    static constexpr bool fine = [] {
        if constexpr (Mapping<M>::is_mapped) // unmapped types only: g++ warns of a friend that nobody defines
            return true;
        else
            return is_excused<T, M>(0);
    }();
    static_assert(
        fine || !std::is_unsigned_v<typename Mapping<M>::Value>,
        "dibs: PostgreSQL has no unsigned integers and no characters: take a signed integer for this "
        "member, or a std::string");
    static_assert(
        fine || std::is_unsigned_v<typename Mapping<M>::Value>,
        "dibs: the type of this member (M, named above or below) has no PostgreSQL type: specialise "
        "dibs::column_type for it, take its members as columns with table.embed(&T::member), or leave it "
        "out with table.ignore(&T::member)");
};

/// Stops the compiler where T cannot be a table.
template <class T>
struct TableStruct {
    static constexpr bool plain = std::is_class_v<T> && std::is_aggregate_v<T>;
    static_assert(plain,
                  "dibs: a table's struct is a plain aggregate: no constructors, no private members, no "
                  "virtual functions");
    static constexpr bool has_base = [] {
        if constexpr (plain)
            return HasBase<T>;
        return false;
    }();
    static_assert(!has_base,
                  "dibs: a table's struct has no base class: put the shared members into a struct of "
                  "their own, make that a member, and take its members with table.embed(&T::member)");
    static constexpr bool visible = has_external_linkage<T>();
    static_assert(visible,
                  "dibs: a table's struct has external linkage: it is not in an unnamed namespace and not "
                  "in a function");
    static constexpr std::size_t count = [] {
        if constexpr (plain && !has_base && visible)
            return member_count<T>;
        return std::size_t{1};
    }();
    static_assert(count > 0,
                  "dibs: the members of this struct cannot be counted: it has none, or one that cannot "
                  "be made from {} (a reference, a type without a default constructor)");
    static_assert(count <= most_members,
                  "dibs: a table's struct has at most 64 members: put some of them into a "
                  "struct of their own and take them with table.embed(&T::member)");
    static constexpr bool usable = plain && !has_base && visible && count > 0 && count <= most_members;
};

template <class T>
void check_types_of_members() {
    if constexpr (TableStruct<T>::usable)
        []<std::size_t... I>(std::index_sequence<I...>) {
            (static_cast<void>(sizeof(TypeOfMember<T, MemberType<T, I>>)), ...);
        }
    (std::make_index_sequence<member_count<T>>{});
}

/// A column as its member is.
struct Slot {
    Description description;
    std::string_view member;
    bool mapped;
    bool left_out = false;
    std::list<Slot> embedded = {};
};

template <class M>
Slot slot_of(std::string_view member, std::int64_t column, Location where) {
    using Type = Mapping<M>;
    using Value = typename Type::Value;
    Slot slot{Description(SchemaPart::column, where), member, Type::is_mapped};
    Description& description = slot.description;
    description.set(SchemaField::name, member);
    description.set(SchemaField::cpp_member, member);
    description.set(SchemaField::column, column);
    description.set(SchemaField::nullable, Type::nullable);
    description.set(SchemaField::dimensions, Type::dimensions);
    if constexpr (HasColumnType<Value>) {
        description.set(SchemaField::type, std::string_view(column_type<Value>::name));
    } else if constexpr (is_enum_class<Value>) {
        static_assert(
            has_external_linkage<Value>(),
            "dibs: an enum of a table has external linkage: it is not in an unnamed namespace and not in "
            "a function");
        description.set(SchemaField::enum_type, type_name<Value>());
        Description& implied = description.add(SchemaPart::enumeration, where);
        implied.set(SchemaField::implied, true);
        implied.set(SchemaField::cpp_type, type_name<Value>());
        implied.set(SchemaField::name, snake_case(type_name<Value>()));
        for (const std::string& label : enumerators<Value>())
            implied.set(SchemaField::label, label);
    }
    return slot;
}

/// @param first_column the number of the struct's first member
template <class T>
std::list<Slot> slots_of(std::int64_t first_column, Location where) {
    std::list<Slot> slots;
    if constexpr (TableStruct<T>::usable)
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (slots.push_back(slot_of<MemberType<T, I>>(member_name<T, I>(),
                                                       first_column + static_cast<std::int64_t>(I), where)),
             ...);
        }
    (std::make_index_sequence<member_count<T>>{});
    return slots;
}

inline Slot& slot_at(std::list<Slot>& slots, std::size_t index) {
    auto slot = slots.begin();
    std::advance(slot, static_cast<std::ptrdiff_t>(index));
    return *slot;
}

/// Columns of an embedded struct are numbered from here on: those of T's members are below.
constexpr std::int64_t first_embedded(std::size_t outer) {
    return static_cast<std::int64_t>(outer + 1) * 256;
}

} // namespace detail

/// The members of a struct in T, as columns of T's table: `const auto audit = table.embed(&T::audit)`, and
/// `audit(&Audit::created_at)` goes wherever `&T::m` does.
template <class T, class Inner>
class Embedded {
  public:
    Embedded(detail::Slot& outer, std::int64_t first_column) : outer_(&outer), first_column_(first_column) {}

    template <class M>
    EmbeddedMember<T, M> operator()(M Inner::*member, const char* file = __builtin_FILE(),
                                    std::uint32_t line = __builtin_LINE()) const {
        return {first_column_ + static_cast<std::int64_t>(detail::member_index(member)), {file, line}};
    }
    template <class M>
    typename detail::Excused<Inner, M>::Returned ignore(M Inner::*member) const {
        detail::slot_at(outer_->embedded, detail::member_index(member)).left_out = true;
    }
    /// "audit_" before each name.
    const Embedded& prefix(std::string_view text) const {
        for (detail::Slot& slot : outer_->embedded)
            slot.description.set(SchemaField::name, std::string(text) + std::string(slot.member));
        return *this;
    }

  private:
    detail::Slot* outer_;
    std::int64_t first_column_;
};

/// What the body of DIBS_TABLE says of T's table: `table`. Columns are named by pointers to members
/// (&T::email), or by what embed() gives. SQL text (checks, defaults, expressions) goes as it is.
template <class T>
class Table {
  public:
    Table(detail::Description& description, Location where)
        : description_(description), slots_(detail::slots_of<T>(0, where)) {}
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    void schema(std::string_view name) { description_.set(SchemaField::schema, name); }
    void comment(std::string_view text) { description_.set(SchemaField::comment, text); }
    void renamed_from(std::string_view name) { description_.set(SchemaField::renamed_from, name); }

    TableColumn column(Member<T> member) { return TableColumn(slot(member).description); }
    void comment(Member<T> member, std::string_view text) { column(member).comment(text); }
    void renamed_from(Member<T> member, std::string_view name) { column(member).renamed_from(name); }
    void collate(Member<T> member, std::string_view collation) { column(member).collate(collation); }
    void identity(Member<T> member, const Identity& options = {}) { column(member).identity(options); }
    void generated(Member<T> member, std::string_view sql) { column(member).generated(sql); }
    void default_to(Member<T> member, std::string_view sql) { column(member).default_to(sql); }
    template <class Number>
    requires std::is_arithmetic_v<Number>
    void default_to(Member<T> member, Number value) {
        if constexpr (std::is_same_v<Number, bool>) {
            column(member).default_to(value ? "true" : "false");
        } else {
            char digits[64]; // the shortest that reads back
            const char* const end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
            column(member).default_to(std::string_view(digits, static_cast<std::size_t>(end - digits)));
        }
    }

    template <std::convertible_to<Member<T>>... More>
    Key<T> primary_key(Member<T> first, More... more) {
        return Key<T>(add(SchemaPart::primary_key, {first, Member<T>(more)...}));
    }
    template <std::convertible_to<Member<T>>... More>
    Key<T> unique(Member<T> first, More... more) {
        return Key<T>(add(SchemaPart::unique, {first, Member<T>(more)...}));
    }

    template <class A>
    ForeignKey<A> foreign_key(A T::*a, const char* file = __builtin_FILE(),
                              std::uint32_t line = __builtin_LINE()) {
        return ForeignKey<A>(add(SchemaPart::foreign_key, {{a, file, line}}));
    }
    template <class A, class B>
    ForeignKey<A, B> foreign_key(A T::*a, B T::*b, const char* file = __builtin_FILE(),
                                 std::uint32_t line = __builtin_LINE()) {
        return ForeignKey<A, B>(add(SchemaPart::foreign_key, {{a, file, line}, b}));
    }
    template <class A, class B, class C>
    ForeignKey<A, B, C> foreign_key(A T::*a, B T::*b, C T::*c, const char* file = __builtin_FILE(),
                                    std::uint32_t line = __builtin_LINE()) {
        return ForeignKey<A, B, C>(add(SchemaPart::foreign_key, {{a, file, line}, b, c}));
    }
    template <class A, class B, class C, class D>
    ForeignKey<A, B, C, D> foreign_key(A T::*a, B T::*b, C T::*c, D T::*d,
                                       const char* file = __builtin_FILE(),
                                       std::uint32_t line = __builtin_LINE()) {
        return ForeignKey<A, B, C, D>(add(SchemaPart::foreign_key, {{a, file, line}, b, c, d}));
    }
    /// From columns of which at least one is of an embedded struct.
    template <class... Columns>
    requires(detail::IsEmbeddedIn<T, Columns> || ...)
        ForeignKey<typename detail::TypeOfColumn<T, Columns>::Type...> foreign_key(Columns... columns) {
        return ForeignKey<typename detail::TypeOfColumn<T, Columns>::Type...>(
            add(SchemaPart::foreign_key, {Member<T>(columns)...}));
    }
    /// The same as foreign_key(embedded(a)).
    template <class Inner, class A>
    ForeignKey<A> foreign_key(const Embedded<T, Inner>& embedded, A Inner::*a,
                              const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE()) {
        return foreign_key(embedded(a, file, line));
    }

    /// From what is no column of this table.
    template <class... Named>
    requires detail::NotAllColumns<T, Named...> ForeignKey<> foreign_key(Named...) {
        constexpr bool of_the_other = (detail::MemberOfAnother<Named, T> || ...);
        static_assert(!of_the_other,
                      "dibs: foreign_key() takes columns of this table, and .references() those of the "
                      "other: table.foreign_key(&User::team_id).references(&Team::id)");
        if constexpr (!of_the_other)
            (detail::refuse_column<Named, T>(), ...);
        return ForeignKey<>(description_);
    }

    /// @param sql "price > 0"
    Check check(std::string_view sql, const char* file = __builtin_FILE(),
                std::uint32_t line = __builtin_LINE()) {
        detail::Description& part = description_.add(SchemaPart::check, {file, line});
        part.set(SchemaField::expression, sql);
        return Check(part);
    }
    /// table.exclude("gist").with(&T::room, "=").with(&T::during, "&&")
    Exclusion<T> exclude(std::string_view method, const char* file = __builtin_FILE(),
                         std::uint32_t line = __builtin_LINE()) {
        detail::Description& part = description_.add(SchemaPart::exclusion, {file, line});
        part.set(SchemaField::method, method);
        return Exclusion<T>(part);
    }
    /// Of columns, dibs::desc(&T::m), dibs::element(&T::m)... and dibs::expression("...").
    template <std::convertible_to<Element<T>>... More>
    Index<T> index(Element<T> first, More... more) {
        detail::Description& part = description_.add(SchemaPart::index, first.where());
        for (const Element<T>& element : {first, Element<T>(more)...})
            part.add(element.description());
        return Index<T>(part);
    }

    /// Leaves a member out.
    template <class M>
    typename detail::Excused<T, M>::Returned ignore(M T::*member) {
        detail::slot_at(slots_, detail::member_index(member)).left_out = true;
    }
    /// Takes the members of a member as columns, in its place.
    template <class Inner>
    Embedded<T, Inner> embed(Inner T::*member, const char* file = __builtin_FILE(),
                             std::uint32_t line = __builtin_LINE(),
                             typename detail::Excused<T, Inner>::Returned* = nullptr) {
        detail::check_types_of_members<Inner>();
        const std::size_t index = detail::member_index(member);
        const std::int64_t first_column = detail::first_embedded(index);
        detail::Slot& outer = detail::slot_at(slots_, index);
        outer.left_out = true;
        outer.embedded = detail::slots_of<Inner>(first_column, {file, line});
        return {outer, first_column};
    }

    /// Puts the columns into the description; called when the body has run.
    void finish(Location where) { finish(slots_, where); }

  private:
    detail::Description& add(SchemaPart kind, std::initializer_list<Member<T>> members) {
        detail::Description& part = description_.add(kind, members.begin()->where());
        for (const Member<T>& member : members)
            part.set(SchemaField::column, member.column());
        return part;
    }
    detail::Slot& slot(const Member<T>& member) {
        if (member.column() < detail::first_embedded(0))
            return detail::slot_at(slots_, static_cast<std::size_t>(member.column()));
        const auto outer = static_cast<std::size_t>(member.column() / 256 - 1);
        return detail::slot_at(detail::slot_at(slots_, outer).embedded,
                               static_cast<std::size_t>(member.column() % 256));
    }
    void finish(const std::list<detail::Slot>& slots, Location where) {
        for (const detail::Slot& slot : slots) {
            if (slot.left_out)
                finish(slot.embedded, where);
            else if (slot.mapped)
                description_.add(slot.description);
            else
                detail::raise(
                    where, "the type of the member " + std::string(slot.member) + " has no PostgreSQL type",
                    "Leave it out with table.ignore(), or take its members as columns with "
                    "table.embed().");
        }
    }

    detail::Description& description_;
    std::list<detail::Slot> slots_;
};

} // namespace abi_v1
} // namespace dibs
