#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <dibs/context.hpp>
#include <dibs/rows.hpp>

#include "foreign_line.hpp"
#include "worker/context.hpp"
#include "worker/forwarding_session.hpp"
#include "worker/worker.hpp"

namespace {

using dibs::MigrationContext;
using dibs::worker::LineClosed;

template <class T>
void read(const dibs::Rows& rows, std::size_t row, std::size_t column) {
    try {
        static_cast<void>(rows[row].get<T>(column));
    } catch (const dibs::Error&) { // what the value is, and why it is none of these
    }
}

/// Asks for everything there is, and reads all that comes.
void migrate_by_everything(MigrationContext& ctx) {
    ctx.log("begun");
    ctx.step("a step", [&] { ctx.execute("SELECT $1", 1); });
    const dibs::Rows rows = ctx.query("SELECT");
    for (std::size_t row = 0; row < std::min<std::size_t>(rows.size(), 20); ++row)
        for (std::size_t column = 0; column < 4; ++column) {
            read<bool>(rows, row, column);
            read<std::int64_t>(rows, row, column);
            read<double>(rows, row, column);
            read<float>(rows, row, column);
            read<std::optional<std::string>>(rows, row, column);
            read<std::vector<std::byte>>(rows, row, column);
            read<std::vector<std::optional<std::string>>>(rows, row, column);
            read<std::vector<int>>(rows, row, column);
        }
    ctx.create_index_concurrently({.table = "t", .columns = {"a"}, .name = "i"});
    ctx.drop_index_concurrently({.name = "i"});
    ctx.savepoint([&] { ctx.execute("SELECT"); });
    int streamed = 0;
    for (const dibs::StreamedRow row : ctx.stream("SELECT"))
        if (row.is_null(0) || ++streamed == 20)
            break;
    ctx.copy_in("t", {"a"}, std::vector<int>{1, 2});
}

} // namespace

/// What comes to a worker where the runner's words should: they are taken for messages, or for the end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const dibs::tests::ForeignLine foreign(input.substr(1));
    dibs::worker::Line line = foreign.line();
    try {
        if (input.front() == 'm') {
            dibs::worker::ForwardingSession session(line, 150000);
            static_cast<void>(dibs::worker::run(migrate_by_everything, session));
        } else {
            dibs::worker::answer(line);
        }
    } catch (const LineClosed&) { // the end of all that is no message
    }
    return 0;
}
