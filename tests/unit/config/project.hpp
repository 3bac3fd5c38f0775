#pragma once

#include "config/settings.hpp"
#include "report/failure.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

namespace dibs::test {

/// A folder of its own with a dibs.yaml, and an environment; removed at the end.
class Project {
  public:
    Project() { std::filesystem::create_directories(folder_); }
    explicit Project(const std::string& dibs_yaml) : Project() { write("dibs.yaml", dibs_yaml); }
    Project(const Project&) = delete;
    Project& operator=(const Project&) = delete;
    ~Project() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

    void write(const std::filesystem::path& file, const std::string& text) const {
        std::filesystem::create_directories((folder_ / file).parent_path());
        std::ofstream(folder_ / file, std::ios::binary) << text;
    }

    [[nodiscard]] config::Settings load(const config::Overrides& overrides = {}) const {
        return config::load(overrides, environment, folder_);
    }

    /// What a person would read: the error and its hint.
    template <typename Action>
    [[nodiscard]] static std::string error(Action action) {
        try {
            action();
        } catch (const report::Failure& failure) {
            CHECK(failure.code() == report::ExitCode::usage);
            CHECK_FALSE(failure.hint().empty());
            return std::string(failure.what()) + "\n" + failure.hint();
        }
        return "no error";
    }

    [[nodiscard]] std::string load_error(const config::Overrides& overrides = {}) const {
        return error([&] { static_cast<void>(load(overrides)); });
    }

    /// The error that waits for a command that needs the database.
    [[nodiscard]] std::string database_error(const config::Overrides& overrides = {}) const {
        const config::Settings settings = load(overrides);
        return error([&] { static_cast<void>(config::required_database(settings)); });
    }

    std::map<std::string, std::string> variables;
    config::Environment environment = [this](const std::string& name) {
        const auto found = variables.find(name);
        return found != variables.end() ? std::optional(found->second) : std::nullopt;
    };

  private:
    std::filesystem::path folder_ = std::filesystem::canonical(std::filesystem::temp_directory_path()) /
                                    ("dibs-config-" + std::to_string(std::random_device()()));
};

} // namespace dibs::test
