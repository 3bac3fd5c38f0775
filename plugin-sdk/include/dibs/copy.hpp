#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <dibs/abi.hpp>
#include <dibs/concurrent_index.hpp>
#include <dibs/parameter.hpp>

namespace dibs {
inline namespace abi_v1 {

/// Where MigrationContext::copy_in() writes to, for a table that is not to be looked for along the search
/// path. Names are names as they are, which dibs quotes. Append only.
struct CopyTable {
    Text table;
    Text schema = "";
};

/// Rows on their way into a table, as the runner takes them. Not for direct use: copy_in() fills it. Append
/// only.
class DIBS_API CopyWriter {
  public:
    CopyWriter(const CopyWriter&) = delete;
    CopyWriter& operator=(const CopyWriter&) = delete;

    /// The row's next value; is done with it on return.
    virtual void value(const Parameter& value) = 0;
    virtual void end_row() = 0;
    /// @return the rows written
    virtual std::uint64_t finish() = 0;
    /// Without finish() before: undoes it all.
    virtual void release() noexcept = 0;

  protected:
    CopyWriter() = default;
    ~CopyWriter() = default;
};

namespace detail {

/// std::tuple, std::pair, std::array, and what else has as many values as its type says.
template <class T>
concept TupleLike = requires {
    std::tuple_size<T>::value;
}
&&!AsBytes<T>;

template <class T>
concept OneValue = AsText<T> || AsBytes<T> || Optional<T> || !Container<T>;

template <class T, std::size_t... place>
void copy_values(CopyWriter& writer, const T& row, std::index_sequence<place...>) {
    (writer.value(bind(get<place>(row))), ...); // found by its argument, as that of std::tuple is
}

/// @tparam columns how many there are
template <std::size_t columns, class T>
void copy_row(CopyWriter& writer, const T& row) {
    if constexpr (TupleLike<T>) {
        static_assert(std::tuple_size<T>::value == columns,
                      "dibs: a row of copy_in() has as many values as there are columns");
        if constexpr (std::tuple_size<T>::value == columns)
            copy_values(writer, row, std::make_index_sequence<columns>());
    } else if constexpr (OneValue<T>) {
        static_assert(columns == 1, "dibs: a row of copy_in() is a std::tuple (or a std::pair, an array, a "
                                    "container) of as many values as there are columns");
        writer.value(bind(row));
    } else {
        for (const auto& value : row)
            writer.value(bind(value));
    }
    writer.end_row();
}

/// What was copied is undone unless it came to its end.
class Copy {
  public:
    explicit Copy(CopyWriter* owned) : writer_(owned) {}
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    ~Copy() { writer_->release(); }
    [[nodiscard]] CopyWriter& writer() { return *writer_; }

  private:
    CopyWriter* writer_;
};

} // namespace detail
} // namespace abi_v1
} // namespace dibs
