#pragma once

#include <cstddef>
#include <cstdint>

#include <dibs/schema_sink.hpp>

#include "worker/message.hpp"

namespace dibs::worker {

/// Sends what a schema library says, in messages of the kind `described`.
class DescriptionSender final : public dibs::SchemaSink {
  public:
    explicit DescriptionSender(Line& line) : line_(line) {}

    void begin(dibs::SchemaPart part) override;
    void text(dibs::SchemaField field, const char* data, std::size_t size) override;
    void number(dibs::SchemaField field, std::int64_t value) override;
    void end() override;
    void checkpoint() override;

  private:
    Line& line_;
    MessageWriter message_{Kind::described};
};

/// Says it once more, from such messages.
class DescriptionReader {
  public:
    explicit DescriptionReader(dibs::SchemaSink& sink) : sink_(sink) {}

    /// @throws ForeignMessage where it is no description, also when a sink could not bear what is said:
    /// something is said of no part, or parts lie deeper in one another than they can
    void take(MessageReader& message);

  private:
    dibs::SchemaSink& sink_;
    std::size_t depth_ = 0; ///< parts begun and not ended
};

} // namespace dibs::worker
