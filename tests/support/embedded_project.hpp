#pragma once

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "embedded/server.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace dibs::tests {

/// A folder in which a user works with the embedded server: <temporary>/app, empty but for its dibs.yaml.
/// The server and its data are gone at the end.
class EmbeddedProject {
  public:
    explicit EmbeddedProject(const std::string& yaml = "database: embedded\n") {
        std::filesystem::create_directory(folder());
        if (!yaml.empty())
            std::ofstream(folder() / "dibs.yaml") << yaml;
    }
    EmbeddedProject(const EmbeddedProject&) = delete;
    EmbeddedProject& operator=(const EmbeddedProject&) = delete;
    ~EmbeddedProject() {
        try {
            server().reset();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
    }

    [[nodiscard]] std::filesystem::path above() const { return temporary_.path(); }
    [[nodiscard]] std::filesystem::path folder() const { return above() / "app"; }
    [[nodiscard]] embedded::Server server() const {
        return embedded::Server({.directory = folder() / ".dibs"});
    }
    [[nodiscard]] bool running() const { return server().status().state == embedded::Status::State::running; }

    [[nodiscard]] Ran dibs(std::vector<std::string> words,
                           std::map<std::string, std::string> variables = {}) const {
        words.insert(words.begin(), dibs_program().string());
        return run_in(folder(), std::move(words), std::move(variables));
    }

  private:
    TemporaryDirectory temporary_;
};

} // namespace dibs::tests
