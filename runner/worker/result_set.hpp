#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include <dibs/rows.hpp>

#include "worker/session.hpp"

namespace dibs::worker {

/// A Table as the SDK's Rows reads it. Knows which PostgreSQL types may be read as which C++ type: only where
/// nothing can be lost.
class ResultSet final : public dibs::RowSet {
  public:
    /// @param origin the query, for messages; @param session must outlive this
    /// @param rows_before how many of the query's rows come before these, for messages
    ResultSet(Table table, Call origin, Session& session, std::size_t rows_before = 0)
        : table_(std::move(table)), origin_(std::move(origin)), session_(session), rows_before_(rows_before) {
    }

    [[nodiscard]] std::size_t rows() const noexcept override { return table_.rows(); }
    [[nodiscard]] std::size_t columns() const noexcept override { return table_.columns.size(); }
    [[nodiscard]] std::size_t column(const char* name, std::size_t size) const noexcept override;
    Read is_null(std::size_t row, std::size_t column) const noexcept override;
    Read boolean(std::size_t row, std::size_t column, bool& value) const noexcept override;
    Read integer(std::size_t row, std::size_t column, std::int64_t& value) const noexcept override;
    Read real(std::size_t row, std::size_t column, double& value) const noexcept override;
    Read single(std::size_t row, std::size_t column, float& value) const noexcept override;
    Read text(std::size_t row, std::size_t column, dibs::Parameter::View& value) const noexcept override;
    Read bytes(std::size_t row, std::size_t column, dibs::Parameter::View& value) const override;
    Read elements(std::size_t row, std::size_t column, const dibs::RowSet*& value) const override;
    [[noreturn]] void fail(Read why, std::size_t row, std::size_t column, const char* wanted,
                           dibs::Parameter::View name, dibs::Location where) const override;
    void release() noexcept override {
        if (--references_ == 0)
            delete this;
    }
    void share() noexcept override { ++references_; }

  private:
    [[nodiscard]] Read look(std::size_t row, std::size_t column, std::string_view& text) const noexcept;
    [[nodiscard]] std::uint32_t type(std::size_t column) const noexcept {
        return table_.columns[column].type;
    }
    [[nodiscard]] std::string explain(Read why, std::size_t row, std::size_t column, std::string_view wanted,
                                      std::string_view name) const;
    [[nodiscard]] std::string advice(Read why, std::size_t column) const;

    Table table_;
    Call origin_;
    Session& session_;
    std::size_t rows_before_;
    std::atomic<std::uint32_t> references_ = 1;
    mutable std::vector<std::unique_ptr<std::string>> decoded_; ///< bytes given out
    mutable std::vector<std::unique_ptr<ResultSet>> arrays_;    ///< arrays given out
};

} // namespace dibs::worker
