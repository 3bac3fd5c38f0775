#pragma once

#include <cstdint>
#include <string>

#include <dibs/copy.hpp>

#include "worker/session.hpp"

namespace dibs::worker {

/// The SDK's rows on their way to a Session, about 1 MiB of them at once: between two of these the range that
/// gives them may use the session for something else.
class CopyBuffer final : public dibs::CopyWriter {
  public:
    /// @param session must outlive this
    CopyBuffer(CopyTarget target, Call where, Session& session);

    void value(const dibs::Parameter& value) override;
    void end_row() override;
    std::uint64_t finish() override;
    void release() noexcept override;

  private:
    void send();
    [[noreturn]] void refuse(std::string message, std::string hint) const;

    CopyTarget target_;
    Call where_;
    Session& session_;
    std::string text_;
    std::size_t values_ = 0;      ///< of the row that has begun
    std::uint64_t rows_ = 0;      ///< ended
    std::uint64_t rows_sent_ = 0; ///< of these
    std::uint64_t written_ = 0;   ///< as the server counts them
    bool sent_ = false;
    bool finished_ = false;
};

} // namespace dibs::worker
