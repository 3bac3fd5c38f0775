#include <fmt/format.h>

#include "declared/reader.hpp"

namespace dibs::declared {

using dibs::SchemaField;
using dibs::SchemaPart;

namespace {

template <class Value>
const Value* last(const std::vector<std::pair<SchemaField, Value>>& values, SchemaField field) {
    for (auto value = values.rbegin(); value != values.rend(); ++value)
        if (value->first == field)
            return &value->second;
    return nullptr;
}

template <class Value>
std::vector<Value> all(const std::vector<std::pair<SchemaField, Value>>& values, SchemaField field) {
    std::vector<Value> found;
    for (const auto& [key, value] : values)
        if (key == field)
            found.push_back(value);
    return found;
}

std::string_view macro_of(SchemaPart part) {
    switch (part) {
    case SchemaPart::enumeration:
        return "DIBS_ENUM";
    case SchemaPart::script:
        return "DIBS_SQL";
    default:
        return "DIBS_TABLE";
    }
}

} // namespace

std::string text_of(const Name& name) {
    return name.schema.empty() ? name.name : name.schema + "." + name.name;
}

std::string text_of(const Where& where) {
    return where.file.empty() ? "" : fmt::format("{}:{}", where.file, where.line);
}

std::string Said::text(SchemaField field) const {
    const std::string* const found = last(texts, field);
    return found == nullptr ? std::string() : *found;
}

std::int64_t Said::number(SchemaField field) const {
    const std::int64_t* const found = last(numbers, field);
    return found == nullptr ? 0 : *found;
}

bool Said::has_number(SchemaField field) const {
    return last(numbers, field) != nullptr;
}

std::vector<std::string> Said::text_list(SchemaField field) const {
    return all(texts, field);
}

std::vector<std::int64_t> Said::number_list(SchemaField field) const {
    return all(numbers, field);
}

Where Said::where() const {
    const std::string file = text(SchemaField::file);
    return {file.substr(file.find_last_of('/') + 1), number(SchemaField::line)};
}

Said& Listener::current() {
    Said* at = &said_.at(said_.size() - 1);
    for (std::size_t i = 1; i < depth_; ++i)
        at = &at->parts.at(at->parts.size() - 1);
    return *at;
}

void Listener::begin(SchemaPart part) {
    Said begun;
    begun.part = part;
    (depth_ == 0 ? said_ : current().parts).push_back(std::move(begun));
    ++depth_;
}

void Listener::text(SchemaField field, const char* data, std::size_t size) {
    current().texts.emplace_back(field, std::string(data, size));
}

void Listener::number(SchemaField field, std::int64_t value) {
    current().numbers.emplace_back(field, value);
}

void Listener::end() {
    --depth_;
}

std::optional<Listener::Unfinished> Listener::unfinished() const {
    if (depth_ == 0 || said_.empty())
        return std::nullopt;
    const Said& said = said_.back();
    return Unfinished{fmt::format("{}({}\"{}\")", macro_of(said.part),
                                  said.part == SchemaPart::script ? "" : "..., ",
                                  said.text(SchemaField::name)),
                      said.where()};
}

} // namespace dibs::declared
