#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cstring>
#include <thread>

#include "process/file_descriptor.hpp"
#include "support/project.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

using dibs::process::FileDescriptor;
using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

enum class Cut { request, answer, at_once, for_good };

/// Between dibs and the server; breaks the connection at the COMMIT of a migration, once or for good.
class Proxy {
  public:
    Proxy(const Project& project, Cut cut)
        : server_(std::filesystem::path(
                      project.psql("SELECT trim(current_setting('unix_socket_directories'), '\"')")) /
                  (".s.PGSQL." + project.psql("SHOW port"))),
          cut_(cut), listener_(socket(AF_UNIX, SOCK_STREAM, 0)) {
        const sockaddr_un address = named(folder_.path() / ".s.PGSQL.5432");
        REQUIRE(bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(listen(listener_.get(), 16) == 0);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }

    [[nodiscard]] std::string conninfo(const Project& project) const {
        return project.database().conninfo() + " host='" + folder_.path().string() + "' port=5432";
    }
    [[nodiscard]] bool has_cut() const { return done_; }

  private:
    static sockaddr_un named(const std::filesystem::path& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        return address;
    }

    static bool readable(int descriptor, int milliseconds) {
        pollfd end{descriptor, POLLIN, 0};
        return poll(&end, 1, milliseconds) == 1;
    }

    void serve(const std::stop_token& stop) {
        std::vector<std::jthread> pairs;
        while (!stop.stop_requested())
            if (readable(listener_.get(), 50))
                pairs.emplace_back([this, client = accept(listener_.get(), nullptr, nullptr)](
                                       const std::stop_token& end) { pass_on(FileDescriptor(client), end); });
    }

    void pass_on(FileDescriptor client, const std::stop_token& stop) {
        if (done_ && cut_ == Cut::for_good)
            return;
        const FileDescriptor server(socket(AF_UNIX, SOCK_STREAM, 0));
        const sockaddr_un address = named(server_);
        if (connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return;
        while (!stop.stop_requested()) {
            std::array<pollfd, 2> ends{{{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}}};
            poll(ends.data(), ends.size(), 50);
            std::string bytes(65536, '\0');
            if (ends[0].revents != 0) {
                const ssize_t got = recv(client.get(), bytes.data(), bytes.size(), 0);
                if (got <= 0)
                    return;
                bytes.resize(static_cast<std::size_t>(got));
                const bool commits =
                    contains(bytes, "; COMMIT; ") && !done_.exchange(contains(bytes, "; COMMIT; "));
                if (commits && cut_ == Cut::request)
                    return;
                send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (commits && cut_ == Cut::answer)
                    readable(server.get(), 10'000);
                if (commits)
                    return;
            }
            if (ends[1].revents != 0) {
                const ssize_t got = recv(server.get(), bytes.data(), bytes.size(), 0);
                if (got <= 0)
                    return;
                send(client.get(), bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
            }
        }
    }

    dibs::tests::TemporaryDirectory folder_;
    std::filesystem::path server_;
    Cut cut_;
    std::atomic<bool> done_{false};
    FileDescriptor listener_;
    std::jthread thread_;
};

void fill(Project& project, const std::string& first) {
    project.add_bodies({{"m2026_01_01_000000_first", first},
                        {"m2026_01_02_000000_second", "ctx.execute(\"CREATE TABLE second ()\");"}});
}

} // namespace

TEST_CASE("a COMMIT whose answer is lost is found to be done") {
    Project project;
    fill(project, "ctx.execute(\"CREATE TABLE first ()\");");
    const Proxy proxy(project, Cut::answer);
    const Ran ran = project.dibs({"migrate", "--database-url", proxy.conninfo(project)});
    INFO(ran.out << ran.err);
    CHECK(proxy.has_cut());
    CHECK(ran.code == 8);
    CHECK(contains(
        ran.err, "the connection was lost during the COMMIT of 2026_01_01_000000-first, which is applied all "
                 "the same\n  1 migration left. Run dibs again."));
    CHECK(project.psql("SELECT string_agg(version, ' ') FROM _dibs_migrations") == "2026_01_01_000000-first");
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "2");
}

TEST_CASE("a COMMIT that is lost on its way is found to be not done") {
    Project project;
    fill(project, "ctx.execute(\"CREATE TABLE first ()\");");
    const Proxy proxy(project, Cut::request);
    const Ran ran = project.dibs({"migrate", "--database-url", proxy.conninfo(project)});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "rolled back; nothing was recorded"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    CHECK(project.psql("SELECT to_regclass('first') IS NULL") == "t");
    CHECK(project.dibs({"migrate"}).code == 0);
}

TEST_CASE("a rollback whose COMMIT has no answer is found to be done or not done") {
    const Cut cut = GENERATE(Cut::answer, Cut::request);
    Project project;
    project.add_reversible("m2026_01_01_000000_first", "ctx.execute(\"CREATE TABLE first ()\");",
                           "ctx.execute(\"DROP TABLE first\");");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    const Proxy proxy(project, cut);
    const Ran ran = project.dibs({"rollback", "--database-url", proxy.conninfo(project)});
    INFO(ran.out << ran.err);
    CHECK(proxy.has_cut());
    const bool done = cut == Cut::answer;
    CHECK(ran.code == (done ? 8 : 5));
    CHECK(contains(ran.err,
                   done ? "the connection was lost during the COMMIT of 2026_01_01_000000-first, which "
                          "is rolled back all the same"
                        : "rolled back; it is recorded as applied, as before"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == (done ? "0" : "1"));
    CHECK(project.psql("SELECT to_regclass('first') IS NULL") == (done ? "t" : "f"));
}

TEST_CASE("a COMMIT that goes on after the connection was lost is waited for") {
    const std::string ends = GENERATE("PERFORM pg_sleep(1)", "PERFORM pg_sleep(1); RAISE 'no'");
    Project project;
    fill(
        project,
        "ctx.execute(\"CREATE TABLE first (i int); CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ "
        "BEGIN " +
            ends +
            "; RETURN NEW; END $$; CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON first DEFERRABLE INITIALLY "
            "DEFERRED FOR EACH ROW EXECUTE FUNCTION slow(); INSERT INTO first VALUES (1)\");");
    const Proxy proxy(project, Cut::at_once);
    const Ran ran = project.dibs({"migrate", "--database-url", proxy.conninfo(project)});
    INFO(ran.out << ran.err);
    const bool done = !contains(ends, "RAISE");
    CHECK(ran.code == (done ? 8 : 5));
    CHECK(contains(ran.err, done ? "which is applied all the same" : "rolled back; nothing was recorded"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == (done ? "1" : "0"));
}

TEST_CASE("a COMMIT whose outcome cannot be asked for is called unknown") {
    Project project;
    fill(project, "ctx.execute(\"CREATE TABLE first ()\");");
    project.write("dibs.yaml", "lock_wait: 1s\n");
    const Proxy proxy(project, Cut::for_good);
    const Ran ran = project.dibs({"migrate", "--database-url", proxy.conninfo(project)});
    CHECK(ran.code == 6);
    CHECK(contains(
        ran.err, "whether it was committed is unknown: `dibs status` tells when the server can be reached"));
}
