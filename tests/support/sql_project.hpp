#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "support/project.hpp"

namespace dibs::tests {

/// A project whose schema is a file of SQL: no compiler is needed until there are migrations.
class SqlProject {
  public:
    SqlProject() { configure(""); }

    /// What dibs.yaml says besides where the databases are.
    void configure(const std::string& more) const {
        project_.write("dibs.yaml", "database: \"" + project_.database().url() + "\"\nscratch:\n  url: \"" +
                                        server().url() + "\"\n" + more);
    }

    /// What the database shall be from now on.
    void wants(std::string_view sql) const { project_.write("schema.sql", sql); }

    [[nodiscard]] Ran diff(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"diff", "--schema-file", "schema.sql", "--exit-code"});
        return project_.dibs(more);
    }

    [[nodiscard]] Ran generate(const std::string& name, std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"generate-from-diff", name, "--schema-file", "schema.sql"});
        return project_.dibs(more);
    }

    /// Builds what was generated.
    /// @return the sources, one after the other
    std::string build() {
        std::string all;
        std::set<std::filesystem::path> sources;
        for (const std::filesystem::directory_entry& entry :
             std::filesystem::directory_iterator(project_.folder() / "migrations"))
            sources.insert(entry.path());
        for (const std::filesystem::path& path : sources)
            if (const std::string stem = path.stem(); !std::filesystem::exists(project_.library(stem))) {
                const std::string text = project_.read("migrations/" + path.filename().string());
                project_.add(stem, text);
                all += text;
            }
        return all;
    }

    /// Builds what was generated, and migrates; nothing differs then.
    /// @return the sources, one after the other
    std::string apply() {
        std::string all = build();
        const Ran ran = project_.dibs({"migrate"});
        INFO(all << ran.out << ran.err);
        CHECK(ran.code == 0);
        const Ran left = diff();
        INFO(left.out << left.err);
        CHECK(left.code == 0);
        return all;
    }

    /// Generates, and apply().
    std::string step(const std::string& name, std::vector<std::string> more = {}) {
        const Ran ran = generate(name, std::move(more));
        INFO(ran.out << ran.err);
        REQUIRE(ran.code == 0);
        return apply();
    }

    [[nodiscard]] std::size_t sources() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(project_.folder() / "migrations"), {}));
    }

    std::string psql(std::string_view sql) const { return project_.psql(sql); }
    [[nodiscard]] Project& project() { return project_; }

  private:
    Project project_;
};

} // namespace dibs::tests
