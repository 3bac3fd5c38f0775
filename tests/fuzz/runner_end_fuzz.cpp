#include <cstdint>
#include <string_view>

#include "declared/reader.hpp"
#include "foreign_line.hpp"
#include "report/failure.hpp"
#include "worker/runner_end.hpp"

namespace {

using namespace dibs::worker;

/// Answers, and refuses what begins with a NUL.
class AnyAnswer final : public Session {
  public:
    std::uint64_t execute(const Call& call) override { return done(call), call.values.size(); }
    Table query(const Call& call) override {
        done(call);
        Table table;
        table.columns = {{"a", 25}};
        table.add("1");
        return table;
    }
    void savepoint(SavepointAction, const Call& where) override { done(where); }
    bool begin_step(const std::string& name, const Call& where) override {
        return done(where), !name.empty();
    }
    void end_step(bool, const Call& where) override { done(where); }
    void create_index(const IndexDefinition&, const Call& where) override { done(where); }
    void drop_index(const IndexRemoval&, const Call& where) override { done(where); }
    std::uint64_t backfill(const BackfillDefinition& what, const Call& where) override {
        return done(where), what.batch_size;
    }
    void begin_batches(const BackfillDefinition&, const Call& where) override { done(where); }
    std::optional<Batch> next_batch(const Call& where) override {
        done(where);
        return where.line == 0 ? std::nullopt : std::optional(Batch{"t", "id > 1"});
    }
    bool end_batch(bool ended, const std::string& sqlstate, const Call& where) override {
        return done(where), ended && sqlstate.empty();
    }
    std::uint64_t end_batches(const Call& where) override { return done(where), 1; }
    void require_backfill(const std::string&, const Call& where) override { done(where); }
    void log(std::string_view) override {}
    std::string type_name(std::uint32_t type) override { return std::to_string(type); }
    int server_version() override { return 150000; }
    std::uint64_t open_stream(const Call& call) override { return done(call), call.values.size(); }
    FetchedRows fetch(std::uint64_t stream) override {
        FetchedRows fetched;
        fetched.rows.rows_without_columns = stream;
        fetched.last = stream < 2;
        return fetched;
    }
    void close_stream(std::uint64_t) override {}
    void begin_copy(const CopyTarget&, const Call& where) override { done(where); }
    std::uint64_t copy_rows(const std::string& rows, std::uint64_t) override { return rows.size(); }
    void end_copy(bool) override {}

  private:
    static void done(const Call& call) {
        if (call.sql.starts_with('\0'))
            throw CallError({.message = "refused"});
    }
};

} // namespace

/// What a worker sends, or a migration in its place: the runner takes it for messages, or for the end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const dibs::tests::ForeignLine foreign(input.substr(1));
    Line line = foreign.line();
    RunnerEnd runner(line, [&] {
        foreign.drain();
        return line.receive();
    });
    try {
        if (input.front() == 'l') {
            runner.load({{"a.so", {}, "", 0, 0}, {"b.so", {}, "", 0, 0}, {"c.so", {}, "", 0, 0}},
                        {.at_once = 2});
        } else if (input.front() == 'd') {
            dibs::declared::Listener listener;
            runner.describe({"schema.so", {}, {}}, listener);
            static_cast<void>(listener.unfinished());
            static_cast<void>(dibs::declared::read(listener.said()));
        } else {
            AnyAnswer session;
            runner.run(0, false, session);
        }
    } catch (const LineClosed&) {            // the end of all that is no message
    } catch (const dibs::report::Failure&) { // a library that cannot be loaded, a schema that can be none
    }
    return 0;
}
