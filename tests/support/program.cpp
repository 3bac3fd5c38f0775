#include "support/program.hpp"

#include "config/environment.hpp"

namespace dibs::tests {

const std::filesystem::path& dibs_program() {
    static const std::filesystem::path program = DIBS_TEST_PROGRAM;
    return program;
}

const std::filesystem::path& build_tree() {
    static const std::filesystem::path folder = DIBS_TEST_BUILD_TREE;
    return folder;
}

process::Command command_in(const std::filesystem::path& folder, std::vector<std::string> argv,
                            std::map<std::string, std::string> variables) {
    for (const char* name :
         {"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"})
        if (const auto value = config::process_environment()(name))
            variables.emplace(name, *value);
    process::Command command;
    command.argv = std::move(argv);
    command.directory = folder;
    command.environment.emplace();
    for (const auto& [name, value] : variables)
        command.environment->push_back(name + "=" + value);
    return command;
}

Ran run_in(const std::filesystem::path& folder, std::vector<std::string> argv,
           std::map<std::string, std::string> variables) {
    process::Result result = process::run(command_in(folder, std::move(argv), std::move(variables)));
    return {result.exit.signal != 0 ? -1 : result.exit.code, std::move(result.out), std::move(result.err)};
}

} // namespace dibs::tests
