#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace dibs::worker {

/// What goes over the socket pair between the runner and its worker: both are the same program, so numbers
/// keep their form in memory. A migration shares its process with one end, and may write on it whatever it
/// likes: neither end believes what it reads.
enum class Kind : std::uint8_t {
    // runner to worker
    load,   ///< the libraries of the run
    run,    ///< call a function of one of them
    answer, ///< to the request before
    refuse, ///< to the request before: it failed
    // worker to runner
    loaded,     ///< as many libraries as one step has, or all; or the one that is `loading`
    not_loaded, ///< one library: why
    execute,
    query,
    savepoint,
    log, ///< not answered
    type_name,
    ended, ///< the function returned or threw
    begin_step,
    end_step,
    create_index,
    drop_index,
    // runner to worker
    describe, ///< load a schema's library and ask it
    // worker to runner
    described, ///< what it said since the last of these
    backfill,
    begin_batches,
    next_batch,
    end_batch,
    end_batches,
    require_backfill,
    open_stream,
    fetch,
    close_stream,
    begin_copy,
    copy_rows,
    end_copy,
    loading, ///< the next library, unasked
};

/// Nothing more comes over the line: the other end is gone.
class LineClosed : public std::runtime_error {
  public:
    LineClosed() : LineClosed("the other end closed the line") {}

  protected:
    explicit LineClosed(const char* why) : std::runtime_error(why) {}
};

/// What came is no message: something else than dibs has written on the line.
class ForeignMessage final : public LineClosed {
  public:
    ForeignMessage() : LineClosed("what came over the line is no message of dibs") {}
};

template <class T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T>;

class MessageWriter {
  public:
    explicit MessageWriter(Kind kind) { put(kind); }

    template <Plain T>
    MessageWriter& put(T value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    MessageWriter& put(std::string_view text) {
        put(static_cast<std::uint64_t>(text.size()));
        bytes_ += text;
        return *this;
    }
    MessageWriter& put(const std::string& text) { return put(std::string_view(text)); }
    MessageWriter& put(const std::optional<std::string>& text) {
        put(text.has_value());
        return text ? put(*text) : *this;
    }
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

/// Each function throws ForeignMessage where the bytes are not what is wanted.
class MessageReader {
  public:
    explicit MessageReader(std::string bytes) : bytes_(std::move(bytes)) {}

    template <class T>
    requires std::is_arithmetic_v<T>
    [[nodiscard]] T take() {
        if constexpr (std::is_same_v<T, bool>) {
            return take_up_to<std::uint8_t>(1) != 0;
        } else {
            T value;
            std::memcpy(&value, part(sizeof value).data(), sizeof value);
            return value;
        }
    }
    /// @param last the enum's last value
    template <class T>
    requires std::is_enum_v<T>
    [[nodiscard]] T take(T last) {
        using Number = std::underlying_type_t<T>;
        return static_cast<T>(take_up_to(static_cast<Number>(last)));
    }
    [[nodiscard]] Kind kind() { return take(Kind::loading); }
    [[nodiscard]] std::string text() { return std::string(part(take<std::uint64_t>())); }
    [[nodiscard]] std::optional<std::string> optional_text() {
        return take<bool>() ? std::optional(text()) : std::nullopt;
    }
    void end() const {
        if (at_ != bytes_.size())
            throw ForeignMessage();
    }
    /// @return the value, which was the last
    template <class T>
    [[nodiscard]] T last(T value) const {
        end();
        return value;
    }

  private:
    template <std::unsigned_integral Number>
    Number take_up_to(Number last) {
        const auto number = take<Number>();
        if (number > last)
            throw ForeignMessage();
        return number;
    }
    std::string_view part(std::uint64_t size) {
        if (size > bytes_.size() - at_)
            throw ForeignMessage();
        const std::string_view found = std::string_view(bytes_).substr(at_, size);
        at_ += size;
        return found;
    }

    std::string bytes_;
    std::size_t at_ = 0;
};

/// One end of a socket pair; does not own the descriptor. Each function throws LineClosed at the other's end,
/// and ForeignMessage where no message begins.
class Line {
  public:
    explicit Line(int descriptor) : descriptor_(descriptor) {}
    void send(const MessageWriter& message);
    /// Waits for it.
    [[nodiscard]] MessageReader receive();
    /// Whether receive() need not wait.
    [[nodiscard]] bool has_message() const;
    /// Takes in what has come, without waiting. @return false when nothing has
    bool take_in();
    /// Ends it for both ends.
    void shut() noexcept;

  private:
    /// Of the next message, in bytes; nothing when its head has not come yet.
    [[nodiscard]] std::optional<std::uint64_t> next_size() const;
    bool fill(int flags);

    int descriptor_;
    std::string buffer_; ///< received; read up to at_
    std::size_t at_ = 0;
};

} // namespace dibs::worker
