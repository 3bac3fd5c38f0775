#include "report/live_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "report/text.hpp"

namespace dibs::report {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view erase = "\r\x1b[K"; // ECMA-48: EL, to the line's end

std::size_t columns_of(int terminal) {
    winsize size{};
    return ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

LiveLine::LiveLine(int terminal)
    : terminal_(terminal), redrawer_([this](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (!stop.stop_requested()) {
              stopped_.wait_for(lock, stop, 100ms, [] { return false; });
              redraw();
          }
      }) {}

LiveLine::~LiveLine() {
    redrawer_.request_stop();
    redrawer_.join();
    flush();
}

void LiveLine::running(std::string what) {
    const std::scoped_lock lock(mutex_);
    running_ = std::move(what);
    detail_.clear();
    since_ = Clock::now();
}

void LiveLine::detail(std::string how_far) {
    const std::scoped_lock lock(mutex_);
    detail_ = std::move(how_far);
}

void LiveLine::print(std::string_view lines) {
    const std::scoped_lock lock(mutex_);
    unwritten_ += lines;
}

bool LiveLine::flush() {
    const std::scoped_lock lock(mutex_);
    if (shown_)
        unwritten_.insert(0, erase);
    shown_ = false;
    write_out();
    return written_;
}

void LiveLine::redraw() {
    if (shown_)
        unwritten_.insert(0, erase);
    shown_ = !running_.empty();
    if (shown_)
        unwritten_ += line();
    write_out();
}

/// Not in the last column: there the cursor stands differently from terminal to terminal.
std::string LiveLine::line() const {
    const std::size_t room = columns_of(terminal_) - 1;
    const auto tenths =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since_).count() / 100;
    const std::string time = tenths < 600 ? fmt::format("  {}.{} s", tenths / 10, tenths % 10)
                                          : "  " + duration(std::chrono::milliseconds(tenths * 100));
    const std::string what = detail_.empty() ? running_ : running_ + "  " + detail_;
    if (room <= time.size())
        return shortened(what, room);
    return shortened(what, room - time.size()) + time;
}

void LiveLine::write_out() {
    std::string_view rest = unwritten_;
    while (!rest.empty()) {
        const ssize_t wrote = write(terminal_, rest.data(), rest.size());
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            written_ = false;
            break;
        }
        rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
    unwritten_.clear();
}

} // namespace dibs::report
