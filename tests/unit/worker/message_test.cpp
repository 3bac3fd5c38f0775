#include "worker/message.hpp"

#include <sys/socket.h>

#include <array>

#include "process/file_descriptor.hpp"

using dibs::process::FileDescriptor;
using dibs::worker::ForeignMessage;
using dibs::worker::Kind;
using dibs::worker::Line;
using dibs::worker::LineClosed;
using dibs::worker::MessageReader;
using dibs::worker::MessageWriter;

namespace {

struct Ends {
    FileDescriptor one;
    FileDescriptor other;

    Ends() {
        std::array<int, 2> sockets{};
        REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) == 0);
        one = FileDescriptor(sockets[0]);
        other = FileDescriptor(sockets[1]);
    }
    void write(const std::string& bytes) const {
        REQUIRE(::send(one.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    }
};

MessageReader reading(const std::string& bytes) {
    return MessageReader(bytes);
}

} // namespace

TEST_CASE("messages come out of a line as they went in, one after the other") {
    const Ends ends;
    Line line(ends.one.get());
    Line far(ends.other.get());
    line.send(MessageWriter(Kind::log).put(std::string_view("one")));
    line.send(MessageWriter(Kind::loaded));
    MessageReader first = far.receive();
    CHECK(first.kind() == Kind::log);
    CHECK(first.last(first.text()) == "one");
    CHECK(far.has_message());
    CHECK(far.receive().kind() == Kind::loaded);
    CHECK_FALSE(far.has_message());
    CHECK_FALSE(far.take_in());
}

TEST_CASE("what somebody else writes on a line is no message, whatever it is and wherever it begins") {
    const Ends ends;
    Line far(ends.other.get());
    const bool after_a_message = GENERATE(false, true);
    if (after_a_message) {
        Line(ends.one.get()).send(MessageWriter(Kind::loaded));
        CHECK(far.receive().kind() == Kind::loaded);
    }
    const std::string foreign = GENERATE(std::string("hello, this is not for you\n"), std::string(16, '\0'),
                                         std::string(100000, '\xff'), std::string("x"));
    ends.write(foreign);
    Line(ends.one.get()).send(MessageWriter(Kind::loaded)); // what is short shows when the next message comes
    CHECK_THROWS_AS(far.receive(), ForeignMessage);
    CHECK_THROWS_AS(far.has_message(), ForeignMessage); // and for good
}

TEST_CASE("a line that ends within a message has ended") {
    Ends ends;
    Line far(ends.other.get());
    Line(ends.one.get()).send(MessageWriter(Kind::log).put(std::string_view("whole")));
    std::array<char, 100> sent{};
    const auto size = static_cast<std::size_t>(recv(ends.other.get(), sent.data(), sent.size(), 0));
    const std::size_t cut = GENERATE(1U, 15U, 16U, 17U, 24U);
    REQUIRE(cut < size);
    ends.write(std::string(sent.data(), cut));
    CHECK(far.take_in());
    CHECK_FALSE(far.has_message());
    ends.one.close();
    CHECK_THROWS_AS(far.receive(), LineClosed);
}

TEST_CASE("a line that one end has shut has ended for both") {
    const Ends ends;
    Line line(ends.one.get());
    Line far(ends.other.get());
    line.shut();
    CHECK_THROWS_AS(far.receive(), LineClosed);
    CHECK_THROWS_AS(far.send(MessageWriter(Kind::loaded)), LineClosed);
    CHECK_THROWS_AS(line.send(MessageWriter(Kind::loaded)), LineClosed);
}

TEST_CASE("a value is taken only from bytes that are one") {
    CHECK(reading(std::string(1, '\1')).take<bool>());
    CHECK_FALSE(reading(std::string(1, '\0')).take<bool>());
    CHECK_THROWS_AS(reading("\2").take<bool>(), ForeignMessage);
    CHECK_THROWS_AS(reading("\xff").optional_text(), ForeignMessage);
    CHECK_THROWS_AS(reading("abc").take<std::uint32_t>(), ForeignMessage);
    CHECK_THROWS_AS(reading("").kind(), ForeignMessage);
    const auto last = static_cast<char>(Kind::loading);
    CHECK(reading(std::string(1, last)).kind() == Kind::loading);
    CHECK_THROWS_AS(reading(std::string(1, static_cast<char>(last + 1))).kind(), ForeignMessage);
    CHECK_THROWS_AS(reading("more").end(), ForeignMessage);
}

TEST_CASE("a text is no longer than what is left of its message") {
    const std::uint64_t size = GENERATE(std::uint64_t{4}, std::uint64_t{1} << 40U, ~std::uint64_t{0});
    MessageReader reader(MessageWriter(Kind::log).put(size).bytes() + "abc");
    CHECK(reader.kind() == Kind::log);
    CHECK_THROWS_AS(reader.text(), ForeignMessage);
}
