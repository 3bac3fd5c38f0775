// A private PostgreSQL server with its default settings, fsync among them. `start` prints the folder of its
// programs and the connection string of a database on it.

#include <cstdio>
#include <string_view>

#include "embedded/server.hpp"
#include "report/failure.hpp"

int main(int argc, char** argv) {
    const std::string_view task = argc == 3 ? argv[2] : "";
    if (task != "start" && task != "stop") {
        std::fputs("usage: bench_server DIRECTORY start|stop\n", stderr);
        return 2;
    }
    try {
        dibs::embedded::Server server({.directory = argv[1]});
        if (task == "stop") {
            server.stop();
            return 0;
        }
        server.ensure_running();
        std::printf("%s\n%s\n", server.binaries().directory.c_str(), server.conninfo().c_str());
        return 0;
    } catch (const dibs::report::Failure& failure) {
        std::fprintf(stderr, "%s\n%s\n", failure.what(), failure.hint().c_str());
        return 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
