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

/// What goes over the socket pair between the runner and its worker: both are the same program, so values
/// keep their form in memory.
enum class Kind : std::uint8_t {
    // runner to worker
    load,   ///< the libraries of the run
    run,    ///< call a function of one of them
    answer, ///< to the request before
    refuse, ///< to the request before: it failed
    // worker to runner
    loaded,     ///< as many libraries as one step has, or all
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
};

/// The other end is gone.
class LineClosed : public std::runtime_error {
  public:
    LineClosed() : std::runtime_error("the other end closed the line") {}
};

class MessageWriter {
  public:
    explicit MessageWriter(Kind kind) { put(kind); }

    template <class T>
    requires std::is_trivially_copyable_v<T> MessageWriter& put(T value) {
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

class MessageReader {
  public:
    explicit MessageReader(std::string bytes) : bytes_(std::move(bytes)) {}

    template <class T>
    requires std::is_trivially_copyable_v<T>
    [[nodiscard]] T take() {
        T value;
        std::memcpy(&value, part(sizeof value).data(), sizeof value);
        return value;
    }
    [[nodiscard]] std::string text() { return std::string(part(take<std::uint64_t>())); }
    [[nodiscard]] std::optional<std::string> optional_text() {
        return take<bool>() ? std::optional(text()) : std::nullopt;
    }

  private:
    std::string_view part(std::uint64_t size) {
        if (size > bytes_.size() - at_)
            throw std::runtime_error("a message between dibs and its worker is cut off");
        const std::string_view found = std::string_view(bytes_).substr(at_, size);
        at_ += size;
        return found;
    }

    std::string bytes_;
    std::size_t at_ = 0;
};

/// One end of a socket pair; does not own the descriptor. Each function throws LineClosed at the other's end.
class Line {
  public:
    explicit Line(int descriptor) : descriptor_(descriptor) {}
    void send(const MessageWriter& message);
    [[nodiscard]] MessageReader receive();
    /// Looks out for a message for a moment: one that comes within microseconds is not worth the two changes
    /// of process that sleeping costs.
    void look_out();
    /// Whether part of a message is here already, so that the descriptor may have nothing more to say.
    [[nodiscard]] bool has_begun() const { return at_ < buffer_.size(); }

  private:
    /// Fills the buffer with what has come. @return false when nothing has, and `flags` say not to wait
    bool fill(int flags);

    int descriptor_;
    std::string buffer_; ///< received; read up to at_
    std::size_t at_ = 0;
};

} // namespace dibs::worker
