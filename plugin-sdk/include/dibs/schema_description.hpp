#pragma once

#include <concepts>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dibs/abi.hpp>
#include <dibs/error.hpp>
#include <dibs/location.hpp>
#include <dibs/schema_sink.hpp>

namespace dibs {
inline namespace abi_v1 {
namespace detail {

/// What was said of a part so far. It stays where it is: the builder's handles point to it.
class Description {
  public:
    explicit Description(SchemaPart part) : part_(part) {}
    Description(SchemaPart part, Location where) : Description(part) {
        set(SchemaField::file, where.file);
        set(SchemaField::line, where.line);
    }

    void set(SchemaField field, std::string_view text) { entries_.push_back({field, std::string(text), 0}); }
    void set(SchemaField field, const std::string& text) { set(field, std::string_view(text)); }
    void set(SchemaField field, const char* text) { set(field, std::string_view(text)); }
    void set(SchemaField field, std::int64_t number) { entries_.push_back({field, {}, number, true}); }
    void set(SchemaField field, bool truth) { set(field, std::int64_t{truth}); }
    template <std::integral Number>
    void set(SchemaField field, Number number) {
        set(field, static_cast<std::int64_t>(number));
    }
    Description& add(SchemaPart part, Location where) { return parts_.emplace_back(part, where); }
    Description& add(Description part) { return parts_.emplace_back(std::move(part)); }

    void emit(SchemaSink& sink) const {
        sink.begin(part_);
        emit_content(sink);
        sink.end();
    }
    void emit_content(SchemaSink& sink) const {
        for (const Entry& entry : entries_) {
            if (entry.is_number)
                sink.number(entry.field, entry.number);
            else
                sink.text(entry.field, entry.text.data(), entry.text.size());
        }
        for (const Description& part : parts_)
            part.emit(sink);
    }

  private:
    struct Entry {
        SchemaField field;
        std::string text;
        std::int64_t number;
        bool is_number = false;
    };

    SchemaPart part_;
    std::vector<Entry> entries_;
    std::list<Description> parts_;
};

[[noreturn]] inline void raise(Location where, const std::string& message, const std::string& hint) {
    throw Error(ErrorFields{message, {}, {}, hint, {}, {}, {}, where.file, where.line, 0, 0});
}

} // namespace detail
} // namespace abi_v1
} // namespace dibs
