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

/// Says it once more, from such a message.
void replay(MessageReader& message, dibs::SchemaSink& sink);

} // namespace dibs::worker
