#include <arpa/inet.h>
#include <sys/socket.h>

#include <chrono>

#include <fmt/format.h>

#include "process/file_descriptor.hpp"
#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// A port that answers nobody: with `listens`, who connects waits for ever; without, is refused.
class SilentPort {
  public:
    explicit SilentPort(bool listens) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address); // the sockets API's own type pun
        REQUIRE(bind(socket_.get(), generic, size) == 0);
        REQUIRE(getsockname(socket_.get(), generic, &size) == 0);
        port_ = ntohs(address.sin_port);
        if (listens)
            REQUIRE(listen(socket_.get(), 5) == 0);
    }
    [[nodiscard]] std::string conninfo() const {
        return fmt::format("host=127.0.0.1 port={} user=me dbname=app password=hush", port_);
    }

  private:
    dibs::process::FileDescriptor socket_;
    int port_ = 0;
};

struct Timed {
    Ran ran;
    steady_clock::duration took;
};

/// `dibs status` in an empty folder.
Timed status(const std::vector<std::string>& words,
             const std::map<std::string, std::string>& variables = {}) {
    const dibs::tests::TemporaryDirectory folder;
    std::vector<std::string> argv{dibs::tests::dibs_program().string(), "status"};
    argv.insert(argv.end(), words.begin(), words.end());
    const auto begun = steady_clock::now();
    Ran ran = dibs::tests::run_in(folder.path(), argv, variables);
    return {std::move(ran), steady_clock::now() - begun};
}

} // namespace

TEST_CASE("without --wait a server that is not there is an error at once") {
    const SilentPort closed(false);
    const auto [ran, took] = status({"--database-url", closed.conninfo()});
    CHECK(ran.code == 8);
    CHECK(contains(ran.err, "Connection refused"));
    CHECK_FALSE(contains(ran.err, "Waiting"));
    CHECK(took < seconds(5));
}

TEST_CASE("with --wait dibs waits until the server accepts connections, and says so once") {
    dibs::tests::ScratchCluster scratch;
    dibs::embedded::Server server = scratch.server();
    const Project project;
    const std::string conninfo = server.status().endpoint.conninfo();
    dibs::process::Child waiting =
        project.start({"status", "--wait", "60", "--database-url", conninfo}, "status");
    REQUIRE(dibs::tests::eventually([&] { return contains(project.read("status.err"), "Waiting"); }));
    CHECK(project.read("status.out").empty());
    server.ensure_running();
    CHECK(waiting.wait().code == 0);
    CHECK(contains(project.read("status.out"), "0 applied, 0 pending"));
    const std::string said = project.read("status.err");
    INFO(said);
    CHECK(said.find("Waiting for the server, up to 60 s") ==
          said.rfind("Waiting for the server, up to 60 s"));
}

TEST_CASE("a wait that was in vain ends with the last reason") {
    const SilentPort closed(false);
    auto [ran, took] = status({"--wait", "1", "--database-url", closed.conninfo()});
    INFO(ran.err);
    CHECK(ran.code == 8);
    CHECK(took >= seconds(1));
    CHECK(took < seconds(8));
    CHECK(contains(ran.err, "Waiting for the server, up to 1 s ..."));
    CHECK(contains(ran.err, "error: cannot connect to the database: "));
    CHECK(contains(ran.err, "It was tried for 1 s."));
    CHECK_FALSE(contains(ran.err, "hush"));

    ran = status({"--wait", "1", "--quiet", "--database-url", "host=nowhere.invalid user=me dbname=app"}).ran;
    CHECK(ran.code == 8);
    CHECK(contains(ran.err, "nowhere.invalid"));
    CHECK(contains(ran.err, "It was tried for 1 s."));
    CHECK_FALSE(contains(ran.err, "Waiting"));
}

TEST_CASE("with --wait dibs does not wait for what waiting does not mend") {
    const dibs::tests::Database database;
    const auto refused = [&](const std::string& conninfo, int code, const std::string& reason) {
        const auto [ran, took] = status({"--wait", "60", "--database-url", conninfo});
        INFO(ran.err);
        CHECK(ran.code == code);
        CHECK(contains(ran.err, reason));
        CHECK_FALSE(contains(ran.err, "Waiting"));
        CHECK(took < seconds(20));
    };
    refused(database.conninfo() + " dbname=no_such_database", 8, "does not exist");
    refused(database.conninfo() + " user=no_such_role", 8, "does not exist");
    refused("host=localhost no such=thing", 2, "malformed");
    refused("host=localhost sslmode=perhaps", 8, "sslmode");
}

TEST_CASE("a server that never answers is given up, in time for --wait") {
    const SilentPort silent(true);
    SECTION("after ten seconds by itself") {
        const auto [ran, took] = status({"--database-url", silent.conninfo()});
        CHECK(ran.code == 8);
        CHECK(contains(ran.err, "timeout expired"));
        CHECK(took >= seconds(9));
        CHECK(took < seconds(30));
    }
    SECTION("sooner where the user says so, and for --wait") {
        for (const auto& [words, variables] :
             {std::pair(std::vector<std::string>{"--database-url", silent.conninfo() + " connect_timeout=2"},
                        std::map<std::string, std::string>{}),
              {{"--database-url", silent.conninfo()}, {{"PGCONNECT_TIMEOUT", "2"}}},
              {{"--wait", "1", "--database-url", silent.conninfo()}, {}}}) {
            const auto [ran, took] = status(words, variables);
            INFO(ran.err);
            CHECK(ran.code == 8);
            CHECK(contains(ran.err, "timeout expired"));
            CHECK(took < seconds(9));
        }
    }
}

TEST_CASE("the option --wait takes a number of seconds") {
    for (const char* wrong : {"soon", "-1", "1.5", ""}) {
        const Ran ran = status({std::string("--wait=") + wrong, "--database-url", "dbname=x"}).ran;
        INFO(ran.err);
        CHECK(ran.code == 2);
    }
}
