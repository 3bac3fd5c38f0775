#include "support/library.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "process/child.hpp"

namespace dibs::tests {
namespace {

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

/// The precompiled headers of a source that begins with a header of the SDK, if there are such
/// (tests/support/prelude); empty otherwise.
std::filesystem::path prelude_of(const std::filesystem::path& source) {
    constexpr std::string_view before = "#include <dibs/";
    std::string line;
    std::getline(std::ifstream(source), line);
    if (!line.starts_with(before) || !line.ends_with('>'))
        return {};
    std::filesystem::path prelude(DIBS_TEST_PRELUDES);
    prelude /= line.substr(before.size(), line.size() - before.size() - 1);
    return std::filesystem::exists(prelude) ? prelude : std::filesystem::path();
}

} // namespace

void compile(const std::filesystem::path& source, const std::filesystem::path& library,
             const std::vector<std::string>& more_flags) {
    process::Command command;
    command.argv = {DIBS_TEST_CXX, "-shared",
                    "-I",          DIBS_TEST_SDK,
                    "-Xassembler", "-I",
                    "-Xassembler", source.parent_path().string(),
                    "-iquote",     source.parent_path().string()};
    for (const std::string& flag : words_of(DIBS_TEST_CXX_FLAGS))
        command.argv.push_back(flag);
    if (const std::filesystem::path prelude = prelude_of(source); !prelude.empty())
        command.argv.insert(command.argv.end(), {"-include", prelude.string()});
    const std::filesystem::path fresh = library.string() + ".new";
    for (const std::string& word : {source.string(), std::string("-o"), fresh.string()})
        command.argv.push_back(word);
    command.argv.insert(command.argv.end(), more_flags.begin(), more_flags.end());
    const process::Result result = process::run(command);
    if (!result.exit.ok())
        throw std::runtime_error(source.string() + " does not compile:\n" + result.err);
    std::filesystem::rename(fresh, library);
}

std::string source_around(std::string_view body, std::string_view options) {
    return fmt::format(
        "#include <dibs/migration.hpp>\n\n#include <csignal>\n#include <cstdint>\n#include <cstdio>\n"
        "#include <cstdlib>\n#include <optional>\n#include <stdexcept>\n#include <string>\n"
        "#include <vector>\n\nDIBS_MIGRATION({});\n\nvoid migrate(dibs::MigrationContext& ctx) {{\n{}\n}}\n",
        options, body);
}

std::string reversible_source(std::string_view body, std::string_view undo, std::string_view options) {
    return fmt::format("{}\nvoid rollback(dibs::MigrationContext& ctx) {{\n{}\n}}\n",
                       source_around(body, options), undo);
}

std::filesystem::path build_library(const std::filesystem::path& folder, const std::string& stem,
                                    std::string_view text) {
    const std::filesystem::path source = folder / (stem + ".cpp");
    std::ofstream(source, std::ios::binary) << text;
    compile(source, folder / (stem + ".so"));
    return folder / (stem + ".so");
}

} // namespace dibs::tests
