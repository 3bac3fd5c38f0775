#include "worker/description.hpp"

namespace dibs::worker {
namespace {

enum class Event : std::uint8_t { begin, text, number, end, no_more };

} // namespace

void DescriptionSender::begin(dibs::SchemaPart part) {
    message_.put(Event::begin).put(part);
}

void DescriptionSender::text(dibs::SchemaField field, const char* data, std::size_t size) {
    message_.put(Event::text).put(field).put(std::string_view(data, size));
}

void DescriptionSender::number(dibs::SchemaField field, std::int64_t value) {
    message_.put(Event::number).put(field).put(value);
}

void DescriptionSender::end() {
    message_.put(Event::end);
}

void DescriptionSender::checkpoint() {
    line_.send(message_.put(Event::no_more));
    message_ = MessageWriter(Kind::described);
}

void replay(MessageReader& message, dibs::SchemaSink& sink) {
    for (;;) {
        switch (message.take<Event>()) {
        case Event::begin:
            sink.begin(message.take<dibs::SchemaPart>());
            break;
        case Event::text: {
            const auto field = message.take<dibs::SchemaField>();
            const std::string text = message.text();
            sink.text(field, text.data(), text.size());
            break;
        }
        case Event::number: {
            const auto field = message.take<dibs::SchemaField>();
            sink.number(field, message.take<std::int64_t>());
            break;
        }
        case Event::end:
            sink.end();
            break;
        case Event::no_more:
            return;
        }
    }
}

} // namespace dibs::worker
