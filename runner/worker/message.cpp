#include "worker/message.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

namespace dibs::worker {
namespace {

/// What each message begins with. By the mark a message is told from what a migration writes on the line.
struct Head {
    static constexpr std::uint64_t dibs = 0xd1b5'0f4a'7c93'e682;
    std::uint64_t mark = dibs;
    std::uint64_t size = 0; ///< of what follows, bytes
};

} // namespace

void Line::send(const MessageWriter& message) {
    Head head{.size = message.bytes().size()};
    std::array<iovec, 2> parts{
        {{&head, sizeof head}, {const_cast<char*>(message.bytes().data()), message.bytes().size()}}};
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    std::size_t left = sizeof head + message.bytes().size();
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

std::optional<std::uint64_t> Line::next_size() const {
    Head head;
    if (buffer_.size() - at_ < sizeof head)
        return std::nullopt;
    std::memcpy(&head, buffer_.data() + at_, sizeof head);
    if (head.mark != Head::dibs)
        throw ForeignMessage();
    return head.size;
}

bool Line::has_message() const {
    const auto size = next_size();
    return size && *size <= buffer_.size() - at_ - sizeof(Head);
}

bool Line::take_in() {
    return fill(MSG_DONTWAIT);
}

MessageReader Line::receive() {
    while (!has_message()) {
        // Not a recv() that waits: the other end's reading wakes that one as well (unix_write_space()).
        pollfd readable{descriptor_, POLLIN, 0};
        poll(&readable, 1, -1);
        fill(0);
    }
    const std::uint64_t size = *next_size();
    std::string bytes = buffer_.substr(at_ + sizeof(Head), size);
    at_ += sizeof(Head) + size;
    return MessageReader(std::move(bytes));
}

void Line::shut() noexcept {
    shutdown(descriptor_, SHUT_RDWR);
}

} // namespace dibs::worker
