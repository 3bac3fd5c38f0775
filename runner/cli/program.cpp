#include "cli/program.hpp"

#include "cli/new_file.hpp"
#include "process/child.hpp"

namespace dibs::cli {
namespace fs = std::filesystem;

fs::path own_program() {
    return fs::read_symlink("/proc/self/exe");
}

std::string how_to_call_dibs() {
    const fs::path own = own_program();
    std::error_code error; // what PATH leads to may be a symlink
    const auto found = process::find_program("dibs");
    return found && fs::equivalent(*found, own, error) ? "dibs" : shell_word(own.string());
}

fs::path own_prefix() {
    const fs::path folder = own_program().parent_path();
    return folder.filename() == "bin" ? folder.parent_path() : folder;
}

} // namespace dibs::cli
