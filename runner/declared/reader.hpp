#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dibs/schema_sink.hpp>

#include "declared/model.hpp"

namespace dibs::declared {

/// What a schema library said of one part, as it said it.
struct Said {
    dibs::SchemaPart part{};
    std::vector<std::pair<dibs::SchemaField, std::string>> texts;
    std::vector<std::pair<dibs::SchemaField, std::int64_t>> numbers;
    std::vector<Said> parts;

    /// The last that was said, or nothing.
    [[nodiscard]] std::string text(dibs::SchemaField field) const;
    [[nodiscard]] std::int64_t number(dibs::SchemaField field) const;
    [[nodiscard]] bool has_number(dibs::SchemaField field) const;
    [[nodiscard]] std::vector<std::string> text_list(dibs::SchemaField field) const;
    [[nodiscard]] std::vector<std::int64_t> number_list(dibs::SchemaField field) const;
    [[nodiscard]] Where where() const;
};

/// Listens to a schema library.
class Listener final : public dibs::SchemaSink {
  public:
    void begin(dibs::SchemaPart part) override;
    void text(dibs::SchemaField field, const char* data, std::size_t size) override;
    void number(dibs::SchemaField field, std::int64_t value) override;
    void end() override;
    void checkpoint() override {}

    [[nodiscard]] const std::vector<Said>& said() const { return said_; }
    /// What was begun last and not ended, and so was at work when a library threw or crashed.
    struct Unfinished {
        std::string what; ///< DIBS_TABLE(..., "users")
        Where where;
    };
    [[nodiscard]] std::optional<Unfinished> unfinished() const;

  private:
    Said& current();

    std::vector<Said> said_;
    std::size_t depth_ = 0; ///< of what is not ended yet, along the last parts
};

/// Makes the model of what was said: column numbers become names, C++ types the names of tables and enums.
/// @throws report::Failure, with file and line, for what can be no schema: a foreign key to a struct that is
/// no table, names that occur twice or are too long, a column that is left out and used all the same
Schema read(const std::vector<Said>& said);

} // namespace dibs::declared
