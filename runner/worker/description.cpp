#include "worker/description.hpp"

namespace dibs::worker {
namespace {

enum class Event : std::uint8_t { begin, text, number, end, no_more };

constexpr std::size_t deepest = 8; // a table's column's enum, an index's element: 3 at most

dibs::SchemaField take_field(MessageReader& message) {
    return message.take(dibs::SchemaField::before);
}

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

void DescriptionReader::take(MessageReader& message) {
    for (;;) {
        const Event event = message.take(Event::no_more);
        if (event == Event::no_more)
            return message.end();
        if (event == Event::begin ? depth_ == deepest : depth_ == 0)
            throw ForeignMessage();
        switch (event) {
        case Event::begin:
            sink_.begin(message.take(dibs::SchemaPart::script));
            ++depth_;
            break;
        case Event::text: {
            const dibs::SchemaField field = take_field(message);
            const std::string text = message.text();
            sink_.text(field, text.data(), text.size());
            break;
        }
        case Event::number: {
            const dibs::SchemaField field = take_field(message);
            sink_.number(field, message.take<std::int64_t>());
            break;
        }
        case Event::end:
            sink_.end();
            --depth_;
            break;
        case Event::no_more:
            break;
        }
    }
}

} // namespace dibs::worker
