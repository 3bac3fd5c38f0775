#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "database/connection.hpp"
#include "worker/session.hpp"

namespace dibs::migration {

/// How many rows are fetched at once, so that they are about 1 MiB.
class BatchSize {
  public:
    [[nodiscard]] std::size_t rows() const { return rows_; }
    /// What the last batch was. It grows by steps: rows that follow may be wider.
    void learn(const worker::Table& batch);

  private:
    std::size_t rows_ = 1; ///< nothing is known of them yet, and one may be of 1 GB
};

/// The streams of a migration: a cursor each, on the session's connection.
class Streams {
  public:
    /// @param send sends one statement of dibs's on behalf of the migration's call, and throws what is wrong
    /// in terms of that; `prefix` is how many characters stand in front of the call's SQL, nothing when that
    /// is not in it
    using Send = std::function<std::optional<database::Result>(const worker::Call& call, std::string sql,
                                                               std::optional<std::size_t> prefix)>;

    explicit Streams(Send send) : send_(std::move(send)) {}

    /// @param hold no transaction is open: the cursor has to outlive the one that declares it
    std::uint64_t open(const worker::Call& call, bool hold);
    worker::FetchedRows fetch(std::uint64_t stream);
    /// @param failed the transaction is, so that nothing can be sent in it
    void close(std::uint64_t stream, bool failed);

  private:
    struct Stream {
        worker::Call call; ///< that opened it, without its values
        BatchSize size;
    };
    Stream& find(std::uint64_t stream);

    Send send_;
    std::map<std::uint64_t, Stream> open_;
    std::uint64_t last_ = 0;
};

} // namespace dibs::migration
