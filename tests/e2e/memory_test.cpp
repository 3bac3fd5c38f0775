#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

/// Before a migration's functions: how much memory the worker, and dibs, which started it, had at most.
const char* const peaks = R"cpp(
#include <fstream>
#include <ranges>
#include <string>
#include <tuple>

#include <unistd.h>

#include <dibs/context.hpp>

namespace {

/// In KiB.
long peak(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:") {
            long size = 0;
            status >> size;
            return size;
        }
    throw dibs::Error("no VmHWM");
}

class Peaks {
  public:
    void check(dibs::MigrationContext& ctx) const {
        const long worker = peak(getpid()) - worker_;
        const long runner = peak(getppid()) - runner_;
        ctx.log("worker +" + std::to_string(worker) + " KiB, runner +" + std::to_string(runner) + " KiB");
        if (worker > 32 * 1024 || runner > 32 * 1024) throw dibs::Error("too much memory");
    }

  private:
    long worker_ = peak(getpid());
    long runner_ = peak(getppid());
};

} // namespace
)cpp";

void runs_in_little_memory(const std::string& body, std::string_view options) {
    Project project;
    if (contains(project.dibs({"--version"}).out, "sanitizer")) // which keeps what is freed
        return;
    project.add("m2026_01_01_000000_large", peaks + dibs::tests::source_around(body, options));
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
}

} // namespace

TEST_CASE("a stream of 300 MB takes little memory in dibs and its worker") {
    const std::string options = GENERATE(as<std::string>{}, "", ".transaction = false");
    runs_in_little_memory(R"cpp(
    const Peaks peaks;
    std::size_t bytes = 0;
    for (const auto row : ctx.stream("SELECT i, repeat('x', 3000) AS t FROM generate_series(1, 100000) AS i"))
        bytes += row.get<std::string_view>("t").size();
    if (bytes != 300000000) throw 1;
    peaks.check(ctx);
    )cpp",
                          options);
}

TEST_CASE("copying 100 MB from a stream takes little memory in dibs and its worker") {
    runs_in_little_memory(R"cpp(
    ctx.execute("CREATE UNLOGGED TABLE t (i int, t text)");
    const Peaks peaks;
    auto rows = ctx.stream("SELECT i, repeat('x', 2000) AS t FROM generate_series(1, 50000) AS i");
    ctx.copy_in("t", {"i", "t"}, rows | std::views::transform([](const dibs::StreamedRow& row) {
        return std::tuple(row.get<int>("i"), row.get<std::string>("t"));
    }));
    if (ctx.query("SELECT sum(length(t)) FROM t").one().get<std::int64_t>(0) != 100000000) throw 1;
    peaks.check(ctx);
    )cpp",
                          "");
}
