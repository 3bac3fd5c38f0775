#include "worker/forwarding_session.hpp"

#include "worker/wire.hpp"

namespace dibs::worker {

template <class Take>
auto ForwardingSession::ask(const MessageWriter& request, Take take) {
    const std::lock_guard one_at_a_time(mutex_);
    line_.send(request);
    try {
        MessageReader answer = line_.receive();
        const Kind kind = answer.kind();
        if (kind == Kind::refuse)
            throw CallError(answer.last(take_failure(answer)));
        if (kind != Kind::answer)
            throw ForeignMessage();
        return answer.last(take(answer));
    } catch (const ForeignMessage&) {
        line_.shut();
        throw;
    }
}

void ForwardingSession::ask(const MessageWriter& request) {
    ask(request, [](MessageReader&) { return true; });
}

std::uint64_t ForwardingSession::execute(const Call& call) {
    MessageWriter request(Kind::execute);
    put(request, call);
    return ask(request, [](MessageReader& answer) { return answer.take<std::uint64_t>(); });
}

Table ForwardingSession::query(const Call& call) {
    MessageWriter request(Kind::query);
    put(request, call);
    return ask(request, take_table);
}

void ForwardingSession::savepoint(SavepointAction action, const Call& where) {
    MessageWriter request(Kind::savepoint);
    request.put(action);
    put(request, where);
    ask(request);
}

bool ForwardingSession::begin_step(const std::string& name, const Call& where) {
    MessageWriter request(Kind::begin_step);
    request.put(name);
    put(request, where);
    return ask(request, [](MessageReader& answer) { return answer.take<bool>(); });
}

void ForwardingSession::end_step(bool done, const Call& where) {
    MessageWriter request(Kind::end_step);
    request.put(done);
    put(request, where);
    ask(request);
}

void ForwardingSession::create_index(const IndexDefinition& index, const Call& where) {
    MessageWriter request(Kind::create_index);
    put(request, index);
    put(request, where);
    ask(request);
}

void ForwardingSession::drop_index(const IndexRemoval& index, const Call& where) {
    MessageWriter request(Kind::drop_index);
    put(request, index);
    put(request, where);
    ask(request);
}

std::uint64_t ForwardingSession::backfill(const BackfillDefinition& what, const Call& where) {
    MessageWriter request(Kind::backfill);
    put(request, what);
    put(request, where);
    return ask(request, [](MessageReader& answer) { return answer.take<std::uint64_t>(); });
}

void ForwardingSession::begin_batches(const BackfillDefinition& what, const Call& where) {
    MessageWriter request(Kind::begin_batches);
    put(request, what);
    put(request, where);
    ask(request);
}

std::optional<Batch> ForwardingSession::next_batch(const Call& where) {
    MessageWriter request(Kind::next_batch);
    put(request, where);
    return ask(request, [](MessageReader& answer) {
        if (!answer.take<bool>())
            return std::optional<Batch>();
        std::string table = answer.text();
        return std::optional(Batch{std::move(table), answer.text()});
    });
}

bool ForwardingSession::end_batch(bool done, const std::string& sqlstate, const Call& where) {
    MessageWriter request(Kind::end_batch);
    request.put(done).put(sqlstate);
    put(request, where);
    return ask(request, [](MessageReader& answer) { return answer.take<bool>(); });
}

std::uint64_t ForwardingSession::end_batches(const Call& where) {
    MessageWriter request(Kind::end_batches);
    put(request, where);
    return ask(request, [](MessageReader& answer) { return answer.take<std::uint64_t>(); });
}

void ForwardingSession::require_backfill(const std::string& name, const Call& where) {
    MessageWriter request(Kind::require_backfill);
    request.put(name);
    put(request, where);
    ask(request);
}

void ForwardingSession::log(std::string_view text) {
    const std::lock_guard one_at_a_time(mutex_);
    line_.send(MessageWriter(Kind::log).put(text));
}

std::string ForwardingSession::type_name(std::uint32_t type) {
    return ask(MessageWriter(Kind::type_name).put(type), [](MessageReader& answer) { return answer.text(); });
}

std::uint64_t ForwardingSession::open_stream(const Call& call) {
    MessageWriter request(Kind::open_stream);
    put(request, call);
    return ask(request, [](MessageReader& answer) { return answer.take<std::uint64_t>(); });
}

FetchedRows ForwardingSession::fetch(std::uint64_t stream) {
    return ask(MessageWriter(Kind::fetch).put(stream), take_fetched_rows);
}

void ForwardingSession::close_stream(std::uint64_t stream) {
    ask(MessageWriter(Kind::close_stream).put(stream));
}

void ForwardingSession::begin_copy(const CopyTarget& target, const Call& where) {
    MessageWriter request(Kind::begin_copy);
    put(request, target);
    put(request, where);
    ask(request);
}

std::uint64_t ForwardingSession::copy_rows(const std::string& rows, std::uint64_t count) {
    return ask(MessageWriter(Kind::copy_rows).put(rows).put(count),
               [](MessageReader& answer) { return answer.take<std::uint64_t>(); });
}

void ForwardingSession::end_copy(bool done) {
    ask(MessageWriter(Kind::end_copy).put(done));
}

} // namespace dibs::worker
