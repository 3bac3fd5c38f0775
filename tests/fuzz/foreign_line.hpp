#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "process/file_descriptor.hpp"
#include "worker/message.hpp"

namespace dibs::tests {

/// A line at whose other end somebody has written, and gone. The input's first byte says whether that is the
/// rest of the input as it is, or messages that begin as messages do: a length of two bytes, and the content.
class ForeignLine {
  public:
    explicit ForeignLine(std::string_view input) {
        std::array<int, 2> sockets{};
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0)
            std::abort();
        near_ = process::FileDescriptor(sockets[0]);
        far_ = process::FileDescriptor(sockets[1]);
        const bool raw = !input.empty() && input.front() == 'r';
        const std::string bytes = raw ? std::string(input.substr(1)) : framed(input);
        if (::send(far_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(bytes.size()))
            std::abort();
        shutdown(far_.get(), SHUT_WR);
    }
    ForeignLine(const ForeignLine&) = delete;

    [[nodiscard]] worker::Line line() const { return worker::Line(near_.get()); }
    /// Takes away what was answered, so that there is room for more.
    void drain() const {
        std::array<char, 65536> answers; // NOLINT(cppcoreguidelines-pro-type-member-init): recv() writes it
        while (recv(far_.get(), answers.data(), answers.size(), MSG_DONTWAIT) > 0) {
        }
    }

  private:
    static std::string framed(std::string_view input) {
        std::string bytes;
        while (input.size() > 2) {
            const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(input[at]); };
            const std::string_view content = input.substr(2, byte(0) + 256U * byte(1));
            const std::uint64_t size = content.size();
            bytes += mark();
            bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
            bytes += content;
            input.remove_prefix(2 + content.size());
        }
        return bytes;
    }
    /// What each message begins with, in eight bytes.
    static const std::string& mark() {
        static const std::string found = [] {
            const ForeignLine empty("r");
            empty.line().send(worker::MessageWriter(worker::Kind::loaded));
            std::string head(8, '\0');
            if (recv(empty.far_.get(), head.data(), head.size(), 0) != 8)
                std::abort();
            return head;
        }();
        return found;
    }

    process::FileDescriptor near_;
    process::FileDescriptor far_;
};

} // namespace dibs::tests
