#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <dibs/abi.hpp>
#include <dibs/location.hpp>
#include <dibs/parameter.hpp>

namespace dibs {
inline namespace abi_v1 {

/// The result of a query as the runner holds it. Not for direct use: Rows and Row read it. Append only.
class DIBS_API RowSet {
  public:
    enum class Read : std::uint8_t {
        ok,
        null,
        wrong_type,
        out_of_range,
        no_such_column,
        no_such_row,
        not_one_row
    };
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    RowSet(const RowSet&) = delete;
    RowSet& operator=(const RowSet&) = delete;

    [[nodiscard]] virtual std::size_t rows() const noexcept = 0;
    [[nodiscard]] virtual std::size_t columns() const noexcept = 0;
    /// @return none when no column, or more than one, has this name
    [[nodiscard]] virtual std::size_t column(const char* name, std::size_t size) const noexcept = 0;

    // Each reads one value; `value` is set when the answer is ok. Views live as long as the RowSet.
    virtual Read is_null(std::size_t row, std::size_t column) const noexcept = 0;
    virtual Read boolean(std::size_t row, std::size_t column, bool& value) const noexcept = 0;
    virtual Read integer(std::size_t row, std::size_t column, std::int64_t& value) const noexcept = 0;
    virtual Read real(std::size_t row, std::size_t column, double& value) const noexcept = 0;
    virtual Read single(std::size_t row, std::size_t column, float& value) const noexcept = 0;
    virtual Read text(std::size_t row, std::size_t column, Parameter::View& value) const noexcept = 0;
    virtual Read bytes(std::size_t row, std::size_t column, Parameter::View& value) const = 0;
    /// An array's elements, as a column of their own, owned by this RowSet.
    virtual Read elements(std::size_t row, std::size_t column, const RowSet*& value) const = 0;

    /// Throws the dibs::Error that says what is wrong with this read.
    /// @param wanted the C++ type, in words; @param name the column asked for, where there is none
    [[noreturn]] virtual void fail(Read why, std::size_t row, std::size_t column, const char* wanted,
                                   Parameter::View name, Location where) const = 0;
    virtual void release() noexcept = 0;

    /// Since 1.2: one release() more is needed.
    virtual void share() noexcept = 0;

  protected:
    RowSet() = default;
    ~RowSet() = default;
};

/// A column's name, or its place from 0; remembers the line that asked.
class Column {
  public:
    template <detail::AsText Name>
    Column(const Name& name, const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE())
        : name_(name), where_{file, line} {}
    template <std::integral Index>
    requires(!std::same_as<Index, bool> && !std::same_as<Index, char>)
        Column(Index index, const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE())
        : index_(static_cast<std::size_t>(index)), where_{file, line} {}

  private:
    friend class Row;
    std::string_view name_;
    std::size_t index_ = RowSet::none;
    Location where_;
};

namespace detail {

template <class T>
concept Growing = requires(T& container) {
    typename T::value_type;
    container.push_back(
        static_cast<typename T::value_type&&>(*static_cast<typename T::value_type*>(nullptr)));
};

template <class T>
concept FromText = std::is_constructible_v<T, const char*, std::size_t>;

template <AsBytes T>
using ByteOf = std::remove_cv_t<std::remove_pointer_t<decltype(static_cast<const T*>(nullptr)->data())>>;

template <class T>
concept FromBytes = AsBytes<T> && requires(const ByteOf<T>* data, std::size_t size) {
    requires Growing<T> || std::is_constructible_v<T, decltype(data), decltype(size)>;
};

template <class T>
inline constexpr bool no_column_form = false;

/// Words for the message that a wrong read gives.
template <class T>
constexpr const char* words_for() {
    if constexpr (std::same_as<T, bool>)
        return "bool";
    else if constexpr (std::integral<T>)
        return sizeof(T) == 8   ? (std::signed_integral<T> ? "std::int64_t" : "std::uint64_t")
               : sizeof(T) == 4 ? (std::signed_integral<T> ? "std::int32_t" : "std::uint32_t")
               : sizeof(T) == 2 ? (std::signed_integral<T> ? "std::int16_t" : "std::uint16_t")
                                : (std::signed_integral<T> ? "std::int8_t" : "std::uint8_t");
    else if constexpr (std::same_as<T, double>)
        return "double";
    else if constexpr (std::same_as<T, float>)
        return "float";
    else if constexpr (Optional<T>)
        return words_for<typename T::value_type>();
    else if constexpr (FromText<T>)
        return "a string";
    else if constexpr (AsBytes<T>)
        return "bytes";
    else
        return "a container";
}

template <class T>
T read(const RowSet& set, std::size_t row, std::size_t column, Location where) {
    using Read = RowSet::Read;
    const auto check = [&](Read outcome) {
        if (outcome != Read::ok)
            set.fail(outcome, row, column, words_for<T>(), {nullptr, 0}, where);
    };
    if constexpr (std::same_as<T, bool>) {
        bool value = false;
        check(set.boolean(row, column, value));
        return value;
    } else if constexpr (std::integral<T> && !std::same_as<T, char> && sizeof(T) <= sizeof(std::int64_t)) {
        std::int64_t value = 0;
        check(set.integer(row, column, value));
        T narrow{};
        if (__builtin_add_overflow(value, 0, &narrow))
            check(Read::out_of_range);
        return narrow;
    } else if constexpr (std::same_as<T, double>) {
        double value = 0;
        check(set.real(row, column, value));
        return value;
    } else if constexpr (std::same_as<T, float>) {
        float value = 0;
        check(set.single(row, column, value));
        return value;
    } else if constexpr (Optional<T>) {
        T value{};
        const Read outcome = set.is_null(row, column);
        if (outcome == Read::ok)
            value.emplace(read<typename T::value_type>(set, row, column, where));
        else if (outcome != Read::null)
            check(outcome);
        return value;
    } else if constexpr (FromText<T> && !AsBytes<T>) {
        Parameter::View view{nullptr, 0};
        check(set.text(row, column, view));
        return T(view.data, view.size);
    } else if constexpr (FromBytes<T>) {
        Parameter::View view{nullptr, 0};
        check(set.bytes(row, column, view));
        const auto* const data = reinterpret_cast<const ByteOf<T>*>(view.data);
        if constexpr (Growing<T>)
            return T(data, data + view.size);
        else
            return T(data, view.size);
    } else if constexpr (Growing<T>) {
        const RowSet* elements = nullptr;
        check(set.elements(row, column, elements));
        T value{};
        for (std::size_t i = 0; i < elements->rows(); ++i)
            value.push_back(read<typename T::value_type>(*elements, i, 0, where));
        return value;
    } else {
        static_assert(no_column_form<T>,
                      "dibs: a column cannot be read as this C++ type; read it as a number, bool, "
                      "string, bytes, an optional or a container of these");
    }
}

} // namespace detail

/// One row of a result. Valid as long as its Rows.
class Row {
  public:
    Row(const RowSet& set, std::size_t row) : set_(&set), row_(row) {}

    /// The value of a column as T: an integer, bool, float, double, a string (std::string, or
    /// std::string_view into the Rows; of any column but bytea, as PostgreSQL writes it), bytes
    /// (std::vector<std::byte>), std::optional of these where NULL may come, a container with push_back() of
    /// an array.
    /// @throws Error when there is no such column, when T does not fit the column's type (nothing is
    /// converted
    ///         silently: cast in SQL), when the number does not fit T, and on NULL where T is no optional
    template <class T>
    [[nodiscard]] T get(Column column) const {
        return detail::read<T>(*set_, row_, place(column), column.where_);
    }
    [[nodiscard]] bool is_null(Column column) const {
        return set_->is_null(row_, place(column)) == RowSet::Read::null;
    }

  private:
    [[nodiscard]] std::size_t place(const Column& column) const {
        const std::size_t found = column.index_ == RowSet::none
                                      ? set_->column(column.name_.data(), column.name_.size())
                                      : column.index_;
        if (found >= set_->columns())
            set_->fail(RowSet::Read::no_such_column, row_, column.index_, "",
                       {column.name_.data(), column.name_.size()}, column.where_);
        return found;
    }

    const RowSet* set_;
    std::size_t row_;
};

class OwnedRow;

/// A result, whole in memory. Owns it: views that a Row gave end with it.
class Rows {
  public:
    class Iterator {
      public:
        Iterator(const RowSet* set, std::size_t row) : set_(set), row_(row) {}
        Row operator*() const { return {*set_, row_}; }
        Iterator& operator++() {
            ++row_;
            return *this;
        }
        bool operator==(const Iterator& other) const { return row_ == other.row_; }

      private:
        const RowSet* set_;
        std::size_t row_;
    };

    Rows(RowSet* owned, Location where) : set_(owned), where_(where) {}
    Rows(Rows&& other) noexcept : set_(other.set_), where_(other.where_) { other.set_ = nullptr; }
    Rows& operator=(Rows&& other) noexcept {
        RowSet* const mine = set_;
        set_ = other.set_;
        other.set_ = mine;
        where_ = other.where_;
        return *this;
    }
    ~Rows() {
        if (set_ != nullptr)
            set_->release();
    }

    [[nodiscard]] std::size_t size() const { return set_->rows(); }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] Iterator begin() const { return {set_, 0}; }
    [[nodiscard]] Iterator end() const { return {set_, size()}; }
    /// @throws Error when there is no such row
    [[nodiscard]] Row operator[](std::size_t row) const& {
        if (row >= size())
            set_->fail(RowSet::Read::no_such_row, row, 0, "", {nullptr, 0}, where_);
        return {*set_, row};
    }
    [[nodiscard]] inline OwnedRow operator[](std::size_t row) &&;
    /// The only row. @throws Error when there is none, or more than one
    [[nodiscard]] Row one() const& {
        if (size() != 1)
            set_->fail(RowSet::Read::not_one_row, 0, 0, "", {nullptr, 0}, where_);
        return {*set_, 0};
    }
    [[nodiscard]] inline OwnedRow one() &&;

  private:
    RowSet* set_;
    Location where_;
};

/// The row of a Rows that nobody keeps, which it keeps itself: `auto row = ctx.query(...).one();`
class OwnedRow {
  public:
    OwnedRow(Rows&& rows, std::size_t row) : rows_(static_cast<Rows&&>(rows)), row_(row) {}

    /// As Row::get().
    template <class T>
    [[nodiscard]] T get(Column column) const {
        return rows_[row_].template get<T>(column);
    }
    [[nodiscard]] bool is_null(Column column) const { return rows_[row_].is_null(column); }

  private:
    Rows rows_;
    std::size_t row_;
};

OwnedRow Rows::operator[](std::size_t row) && {
    (void)static_cast<const Rows&>(*this)[row]; // throws when there is none
    return {static_cast<Rows&&>(*this), row};
}

OwnedRow Rows::one() && {
    (void)static_cast<const Rows&>(*this).one();
    return {static_cast<Rows&&>(*this), 0};
}

} // namespace abi_v1
} // namespace dibs
