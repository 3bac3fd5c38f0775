#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "process/child.hpp"
#include "process/file_descriptor.hpp"

namespace dibs::tests {

/// A terminal of this width that is not there: what is written to `inside` can be read here.
class PseudoTerminal {
  public:
    explicit PseudoTerminal(unsigned short columns);

    [[nodiscard]] int inside() const { return inside_.get(); }
    void close_inside() { inside_.close(); }
    /// What was written meanwhile, waiting for it; empty when nobody holds `inside` any more.
    std::string read_some();

  private:
    process::FileDescriptor outside_;
    process::FileDescriptor inside_;
};

struct Shown {
    int code = -1;
    std::string written; ///< byte for byte
};

/// Runs it with the terminal as standard input, output and error.
Shown run_on_terminal(const process::Command& command, unsigned short columns);

/// The lines that stand there at the end, without colours and trailing blanks.
std::vector<std::string> screen(std::string_view written);

} // namespace dibs::tests
