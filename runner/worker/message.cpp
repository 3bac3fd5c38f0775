#include "worker/message.hpp"

#include <sched.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <chrono>

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

bool Line::fill(int flags) {
    std::array<char, 65536> received; // NOLINT(cppcoreguidelines-pro-type-member-init): recv() writes it
    for (;;) {
        const ssize_t got = recv(descriptor_, received.data(), received.size(), flags);
        if (got > 0) {
            buffer_.erase(0, at_);
            at_ = 0;
            buffer_.append(received.data(), static_cast<std::size_t>(got));
            return true;
        }
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return false;
        if (got == 0 || errno != EINTR)
            throw LineClosed();
    }
}

void Line::look_out() {
    using std::chrono::steady_clock;
    const auto until = steady_clock::now() + std::chrono::microseconds(50);
    do {
        if (has_begun() || fill(MSG_DONTWAIT))
            return;
        sched_yield();
    } while (steady_clock::now() < until);
}

MessageReader Line::receive() {
    std::uint64_t size = 0;
    const auto complete = [&](std::size_t wanted) {
        while (buffer_.size() - at_ < wanted)
            fill(0);
    };
    complete(sizeof size);
    std::memcpy(&size, buffer_.data() + at_, sizeof size);
    at_ += sizeof size;
    complete(size);
    std::string bytes = buffer_.substr(at_, size);
    at_ += size;
    return MessageReader(std::move(bytes));
}

} // namespace dibs::worker
