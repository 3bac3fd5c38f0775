#pragma once

#include <cstdint>

#include <dibs/stream.hpp>

#include "worker/session.hpp"

namespace dibs::worker {

/// A stream of a Session as the SDK's Stream reads it.
class StreamReader final : public dibs::RowStream {
  public:
    /// @param origin the query, for messages; @param session must outlive this
    StreamReader(std::uint64_t stream, Call origin, Session& session)
        : stream_(stream), origin_(std::move(origin)), session_(session) {}

    dibs::RowSet* next() override;
    void release() noexcept override;

  private:
    std::uint64_t stream_;
    Call origin_;
    Session& session_;
    std::size_t rows_ = 0; ///< so many were given
    bool ended_ = false;
};

} // namespace dibs::worker
