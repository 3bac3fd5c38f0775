#include "report/live_line.hpp"

#include <unistd.h>

#include <mutex>
#include <optional>
#include <thread>

#include "support/pseudo_terminal.hpp"
#include "support/scratch_server.hpp"

using dibs::report::LiveLine;
using dibs::tests::PseudoTerminal;
using dibs::tests::screen;
using Lines = std::vector<std::string>;
using namespace std::chrono_literals;

namespace {

/// A live line on a terminal of this width, and what the terminal has got.
class Watched {
  public:
    explicit Watched(unsigned columns)
        : terminal_(static_cast<unsigned short>(columns)), inside_(dup(terminal_.inside())),
          line_(std::in_place, inside_.get()), reader_([this] {
              for (std::string part = terminal_.read_some(); !part.empty(); part = terminal_.read_some()) {
                  const std::scoped_lock lock(mutex_);
                  written_ += part;
              }
          }) {
        terminal_.close_inside();
    }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() { end(); }

    LiveLine& line() { return *line_; }
    [[nodiscard]] int inside() const { return inside_.get(); }
    /// Waits until it has got this.
    void await(const std::string& part) {
        REQUIRE(dibs::tests::eventually([&] {
            const std::scoped_lock lock(mutex_);
            return written_.find(part) != std::string::npos;
        }));
    }
    /// Everything, once the line has ended.
    std::string end() {
        line_.reset();
        inside_.close();
        if (reader_.joinable())
            reader_.join();
        return written_;
    }

  private:
    PseudoTerminal terminal_;
    dibs::process::FileDescriptor inside_;
    std::mutex mutex_;
    std::string written_;
    std::optional<LiveLine> line_;
    std::jthread reader_;
};

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t number = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++number;
    return number;
}

/// What stood on the line before it was erased, each time.
Lines redrawn(const std::string& text) {
    Lines lines;
    std::size_t end = 0;
    while ((end = text.find("\r\x1b[K", end)) != std::string::npos) {
        const std::size_t begin = text.find_last_of("\nK", end);
        lines.push_back(text.substr(begin == std::string::npos ? 0 : begin + 1,
                                    end - (begin == std::string::npos ? 0 : begin + 1)));
        ++end;
    }
    return lines;
}

} // namespace

TEST_CASE("the live line stands below what is printed, and is gone at the end") {
    Watched watched(80);
    watched.line().print("first\n");
    watched.line().running("one");
    watched.await("one  0.2 s");
    watched.line().print("second\n");
    watched.line().running("two");
    watched.await("two  0.");
    watched.line().print("third\n");
    const std::string all = watched.end();
    INFO(all);
    CHECK(screen(all) == Lines{"first", "second", "third"});
    CHECK(all.find("one  0.") > all.find("first"));
    CHECK(all.find("two  0.") > all.find("second"));
}

TEST_CASE("while nothing runs there is no live line") {
    Watched watched(80);
    watched.line().running("short");
    watched.line().idle();
    watched.line().print("done\n");
    watched.await("done"); // by a redrawing
    CHECK(watched.end().find("short") == std::string::npos);
}

TEST_CASE("the live line keeps within the terminal's width, and the time in sight") {
    for (const unsigned columns : {1U, 5U, 12U, 20U, 40U}) {
        Watched watched(columns);
        watched.line().print("above\n");
        watched.line().running("  7/12  2026_01_24_120000-a_rather_long_name");
        watched.await(columns == 1 ? "above" : "above\r\n ");
        const std::string all = watched.end();
        for (const std::string& each : redrawn(all)) {
            INFO(each);
            CHECK(each.size() < columns);
            if (columns >= 12)
                CHECK(each.ends_with(" s"));
        }
        CHECK(screen(all) == Lines{"above"});
    }
}

TEST_CASE("flush puts everything on the terminal, in order, without the live line") {
    Watched watched(80);
    watched.line().running("running");
    watched.await("running");
    watched.line().print("out\n");
    CHECK(watched.line().flush());
    REQUIRE(write(watched.inside(), "err\n", 4) == 4);
    watched.line().print("more\n");
    CHECK(screen(watched.end()) == Lines{"out", "err", "more"});
}

TEST_CASE("however many lines are printed, the terminal is redrawn ten times a second") {
    const auto begun = std::chrono::steady_clock::now();
    Watched watched(80);
    for (int i = 0; i < 100'000; ++i) {
        watched.line().running("task");
        watched.line().print("line\n");
    }
    const std::string all = watched.end();
    const auto tenths = (std::chrono::steady_clock::now() - begun) / 100ms;
    CHECK(count(all, "line\r\n") == 100'000);
    CHECK(count(all, "\x1b[K") <= static_cast<std::size_t>(tenths) + 1);
}

TEST_CASE("a terminal that is gone is told by flush") {
    LiveLine line(-1);
    line.print("lost\n");
    CHECK_FALSE(line.flush());
}
