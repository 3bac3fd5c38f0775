#include "support/pseudo_terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace dibs::tests {
namespace {

process::FileDescriptor checked(int descriptor) {
    if (descriptor < 0)
        throw std::system_error(errno, std::generic_category(), "a pseudo-terminal");
    return process::FileDescriptor(descriptor);
}

} // namespace

PseudoTerminal::PseudoTerminal(unsigned short columns)
    : outside_(checked(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC))) {
    std::array<char, 64> name{};
    checked(grantpt(outside_.get()) != 0 || unlockpt(outside_.get()) != 0 ||
                    ptsname_r(outside_.get(), name.data(), name.size()) != 0
                ? -1
                : dup(outside_.get()));
    inside_ = checked(open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    const winsize size{.ws_row = 50, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    ioctl(inside_.get(), TIOCSWINSZ, &size);
}

std::string PseudoTerminal::read_some() {
    std::array<char, 65536> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (;;) {
        const ssize_t size = read(outside_.get(), buffer.data(), buffer.size());
        if (size >= 0 || errno != EINTR) // EIO: nobody holds the other end
            return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }
}

Shown run_on_terminal(const process::Command& command, unsigned short columns) {
    PseudoTerminal terminal(columns);
    process::Child child = process::spawn(command, {terminal.inside(), terminal.inside(), terminal.inside()});
    terminal.close_inside();
    Shown shown;
    for (std::string part = terminal.read_some(); !part.empty(); part = terminal.read_some())
        shown.written += part;
    const process::Exit exit = child.wait();
    shown.code = exit.signal != 0 ? -1 : exit.code;
    return shown;
}

std::vector<std::string> screen(std::string_view written) {
    std::vector<std::string> lines{{}};
    std::size_t column = 0;
    for (std::size_t i = 0; i < written.size(); ++i) {
        std::string& line = lines.back();
        if (written[i] == '\r') {
            column = 0;
        } else if (written[i] == '\n') {
            lines.emplace_back();
        } else if (written.substr(i, 2) == "\x1b[") {
            i = written.find_first_of("Km", i);
            if (written[i] == 'K')
                line.resize(std::min(line.size(), column));
        } else {
            line.resize(std::max(line.size(), column + 1), ' ');
            line[column++] = written[i];
        }
    }
    for (std::string& line : lines)
        line.erase(line.find_last_not_of(' ') + 1);
    if (lines.back().empty())
        lines.pop_back();
    return lines;
}

} // namespace dibs::tests
