#include "support/backfilled.hpp"
#include "support/text.hpp"

using dibs::tests::add_backfill;
using dibs::tests::add_counted_rows;
using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::times_changed;

// ThreadSanitizer sees nothing of it: what two threads may not share is in libpq, which it has not compiled.
TEST_CASE("the workers of a backfill have no connection in common") {
    const std::filesystem::path valgrind = "/usr/bin/valgrind";
#ifdef __SANITIZE_ADDRESS__
    const bool can_run = false; // valgrind and AddressSanitizer exclude each other
#else
    const bool can_run = std::filesystem::exists(valgrind);
#endif
    if (!can_run) {
        WARN("valgrind cannot run here: not tried");
        return;
    }
    Project project;
    add_counted_rows(project, 400);
    add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 5, .workers = 3)", 400);
    // When it connects, libpq keeps the server's encoding for those functions that are given no connection.
    project.write(project.folder() / "known",
                  "{\n  connecting\n  Helgrind:Race\n  ...\n  fun:PQconnectPoll\n}\n");
    dibs::process::Child run =
        project.start({"--tool=helgrind", "--suppressions=known", "--log-file=races",
                       dibs::tests::dibs_program().string(), "migrate", "--in-process"},
                      "run", valgrind);
    CHECK(run.wait().ok());
    const std::string races = project.read(project.folder() / "races");
    CHECK(contains(races, "ERROR SUMMARY"));
    CHECK_FALSE(contains(races, "Possible data race"));
    CHECK(times_changed(project) == "1");
}
