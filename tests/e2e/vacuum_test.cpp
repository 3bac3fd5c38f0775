#include <string>

#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::ScratchCluster;

namespace {

/// A server whose autovacuum comes each second, and takes its time with the table `busy`.
class VacuumedServer {
  public:
    VacuumedServer()
        : server_(cluster_.server({.settings = {{"autovacuum_naptime", "1s"},
                                                {"autovacuum_vacuum_cost_delay", "0"},
                                                {"autovacuum_freeze_max_age", "100000"}}})) {
        server_.ensure_running();
        cluster_.psql("CREATE TABLE busy (i int) WITH (fillfactor = 10, autovacuum_enabled = off, "
                      "autovacuum_vacuum_threshold = 0, autovacuum_vacuum_cost_delay = 100, "
                      "autovacuum_vacuum_cost_limit = 1); INSERT INTO busy SELECT generate_series(1, 10000)");
    }

    std::string psql(const std::string& sql) const { return cluster_.psql(sql); }
    [[nodiscard]] std::string url() const { return server_.url("dibs"); }
    [[nodiscard]] bool vacuums() const {
        return psql("SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'busy'::regclass") == "1";
    }

  private:
    ScratchCluster cluster_;
    dibs::embedded::Server server_;
};

Ran alter(const VacuumedServer& server, std::vector<std::string> more) {
    Project project;
    project.add_body("m2026_01_01_000000_alter", "ctx.execute(\"ALTER TABLE busy ADD COLUMN j int\");");
    more.insert(more.begin(), {"migrate", "--database-url", server.url()});
    return project.dibs(more);
}

} // namespace

TEST_CASE("an autovacuum in the way is cancelled, which takes a lock time-out above deadlock_timeout") {
    const VacuumedServer server;
    server.psql("DELETE FROM busy WHERE i % 2 = 0; ALTER TABLE busy SET (autovacuum_enabled = on)");
    REQUIRE(eventually([&] { return server.vacuums(); }, std::chrono::seconds(60)));
    const Ran hasty = alter(server, {"--lock-timeout", "300ms", "--lock-attempts", "1"});
    INFO(hasty.err);
    CHECK(hasty.code == 5);
    CHECK(contains(hasty.err, "(autovacuum worker, active for "));
    CHECK(server.vacuums());
    const Ran ran = alter(server, {"--lock-attempts", "1"});
    INFO(ran.err);
    CHECK(ran.code == 0);
}

TEST_CASE("an autovacuum against wraparound, which does not yield, is named as one") {
    const VacuumedServer server;
    server.psql("CREATE TABLE ids (i int); DO $$ BEGIN FOR n IN 1..101000 LOOP BEGIN INSERT INTO ids VALUES "
                "(n); EXCEPTION WHEN unique_violation THEN NULL; END; END LOOP; END $$");
    REQUIRE(eventually([&] { return server.vacuums(); }, std::chrono::seconds(60)));
    const Ran ran = alter(server, {"--lock-attempts", "1"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err,
                   "(to prevent wraparound) (one against wraparound does not yield to others: let it "
                   "end)"));
    CHECK(server.vacuums());
    CHECK(server.psql("SELECT count(*) FROM _dibs_migrations") == "0");
}
