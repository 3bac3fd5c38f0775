#include "worker/runner_end.hpp"

#include <algorithm>
#include <utility>

#include "report/failure.hpp"
#include "worker/description.hpp"
#include "worker/wire.hpp"

namespace dibs::worker {
namespace {

NotLoaded take_refusal(MessageReader& answer) {
    const std::string what = answer.text();
    return NotLoaded(what, answer.last(answer.text()));
}

/// Nothing is asked of the session before all of the request is understood.
MessageWriter answer(Kind kind, MessageReader& request, Session& session) {
    MessageWriter answer(Kind::answer);
    const auto call = [&] { return request.last(take_call(request)); };
    switch (kind) {
    case Kind::execute:
        answer.put(session.execute(call()));
        break;
    case Kind::query:
        put(answer, session.query(call()));
        break;
    case Kind::savepoint: {
        const SavepointAction action = request.take(SavepointAction::roll_back);
        session.savepoint(action, call());
        break;
    }
    case Kind::begin_step: {
        const std::string name = request.text();
        answer.put(session.begin_step(name, call()));
        break;
    }
    case Kind::end_step: {
        const bool done = request.take<bool>();
        session.end_step(done, call());
        break;
    }
    case Kind::create_index: {
        const IndexDefinition index = take_index(request);
        session.create_index(index, call());
        break;
    }
    case Kind::drop_index: {
        const IndexRemoval index = take_removal(request);
        session.drop_index(index, call());
        break;
    }
    case Kind::backfill: {
        const BackfillDefinition what = take_backfill(request);
        answer.put(session.backfill(what, call()));
        break;
    }
    case Kind::begin_batches: {
        const BackfillDefinition what = take_backfill(request);
        session.begin_batches(what, call());
        break;
    }
    case Kind::next_batch: {
        const std::optional<Batch> batch = session.next_batch(call());
        answer.put(batch.has_value());
        if (batch)
            answer.put(batch->table).put(batch->condition);
        break;
    }
    case Kind::end_batch: {
        const bool done = request.take<bool>();
        const std::string sqlstate = request.text();
        answer.put(session.end_batch(done, sqlstate, call()));
        break;
    }
    case Kind::end_batches:
        answer.put(session.end_batches(call()));
        break;
    case Kind::require_backfill: {
        const std::string name = request.text();
        session.require_backfill(name, call());
        break;
    }
    case Kind::type_name:
        answer.put(session.type_name(request.last(request.take<std::uint32_t>())));
        break;
    case Kind::open_stream:
        answer.put(session.open_stream(call()));
        break;
    case Kind::fetch:
        put(answer, session.fetch(request.last(request.take<std::uint64_t>())));
        break;
    case Kind::close_stream:
        session.close_stream(request.last(request.take<std::uint64_t>()));
        break;
    case Kind::begin_copy: {
        const CopyTarget target = take_target(request);
        session.begin_copy(target, call());
        break;
    }
    case Kind::copy_rows: {
        const std::string rows = request.text();
        answer.put(session.copy_rows(rows, request.last(request.take<std::uint64_t>())));
        break;
    }
    case Kind::end_copy:
        session.end_copy(request.last(request.take<bool>()));
        break;
    default:
        throw ForeignMessage();
    }
    return answer;
}

MessageWriter answer_or_refusal(Kind kind, MessageReader& request, Session& session) {
    try {
        return answer(kind, request, session);
    } catch (const CallError& error) {
        MessageWriter refusal(Kind::refuse);
        put(refusal, error.failure());
        return refusal;
    }
}

} // namespace

void RunnerEnd::load(const std::vector<plugin::Expected>& libraries, const Loading& how) {
    loaded_ = std::min(how.from, libraries.size());
    const std::size_t end = loaded_ + std::min(how.at_once, libraries.size() - loaded_);
    MessageWriter request(Kind::load);
    request.put(how.step).put(loaded_).put(end).put(libraries.size());
    for (const plugin::Expected& library : libraries) {
        request.put(library.path);
        put(request, library.identity);
        request.put(library.checksum).put(library.source_address).put(library.source_size);
    }
    line_.send(request);
    for (; loaded_ < end; loaded_ = std::min(loaded_ + how.step, end)) {
        MessageReader answer = receive_();
        const Kind kind = answer.kind();
        if (kind == Kind::not_loaded)
            throw take_refusal(answer);
        if (kind != Kind::loaded)
            throw ForeignMessage();
        answer.end();
    }
}

bool RunnerEnd::take_loading(Kind kind, MessageReader& message) {
    switch (kind) {
    case Kind::loading:
        if (std::exchange(loads_, true) || not_loaded_)
            throw ForeignMessage();
        message.end();
        return true;
    case Kind::loaded:
        if (!std::exchange(loads_, false))
            throw ForeignMessage();
        ++loaded_;
        message.end();
        return true;
    case Kind::not_loaded:
        if (!std::exchange(loads_, false))
            throw ForeignMessage();
        not_loaded_ = take_refusal(message);
        return true;
    default:
        return false;
    }
}

Ending RunnerEnd::run(std::size_t library, bool backwards, Session& session) {
    try {
        line_.send(MessageWriter(Kind::run).put(library).put(backwards).put(session.server_version()));
    } catch (const LineClosed&) { // what it had said before it ended is there still
        for (;;) {
            MessageReader said = receive_();
            if (!take_loading(said.kind(), said))
                throw ForeignMessage();
        }
    }
    for (;;) {
        if (not_loaded_ && library >= loaded_)
            throw NotLoaded(*not_loaded_); // the worker does not answer then
        MessageReader request = receive_();
        const Kind kind = request.kind();
        if (take_loading(kind, request))
            continue;
        if (kind == Kind::ended)
            return request.last(take_ending(request));
        if (kind == Kind::log)
            session.log(request.last(request.text()));
        else
            line_.send(answer_or_refusal(kind, request, session));
    }
}

Ending RunnerEnd::describe(const plugin::SchemaLibrary& library, dibs::SchemaSink& sink) {
    MessageWriter request(Kind::describe);
    request.put(library.path);
    put(request, library.identity);
    line_.send(request);
    DescriptionReader description(sink);
    for (;;) {
        MessageReader answer = receive_();
        switch (answer.kind()) {
        case Kind::described:
            description.take(answer);
            break;
        case Kind::not_loaded:
            throw take_refusal(answer);
        case Kind::ended:
            return answer.last(take_ending(answer));
        default:
            throw ForeignMessage();
        }
    }
}

} // namespace dibs::worker
