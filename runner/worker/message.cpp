#include "worker/message.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

namespace dibs::worker {

void Line::send(const MessageWriter& message) {
    std::uint64_t size = message.bytes().size();
    std::array<iovec, 2> parts{
        {{&size, sizeof size}, {const_cast<char*>(message.bytes().data()), message.bytes().size()}}};
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    std::size_t left = sizeof size + message.bytes().size();
    while (left > 0) {
        const ssize_t sent = sendmsg(descriptor_, &header, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            throw LineClosed();
        left -= static_cast<std::size_t>(sent);
        for (auto done = static_cast<std::size_t>(sent); done > 0;) {
            iovec& part = *header.msg_iov;
            const std::size_t of_this = std::min(done, part.iov_len);
            part.iov_base = static_cast<char*>(part.iov_base) + of_this;
            part.iov_len -= of_this;
            done -= of_this;
            if (part.iov_len == 0) {
                ++header.msg_iov;
                --header.msg_iovlen;
            }
        }
    }
}

void Line::read_exactly(char* to, std::size_t size) {
    while (size > 0) {
        const ssize_t got = recv(descriptor_, to, size, MSG_WAITALL);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            throw LineClosed();
        to += got;
        size -= static_cast<std::size_t>(got);
    }
}

MessageReader Line::receive() {
    std::uint64_t size = 0;
    read_exactly(reinterpret_cast<char*>(&size), sizeof size);
    std::string bytes(size, '\0');
    read_exactly(bytes.data(), bytes.size());
    return MessageReader(std::move(bytes));
}

} // namespace dibs::worker
