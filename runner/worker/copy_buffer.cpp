#include "worker/copy_buffer.hpp"

#include <utility>

#include <fmt/format.h>

#include "worker/copy_text.hpp"
#include "worker/raise.hpp"

namespace dibs::worker {
namespace {

constexpr std::size_t wanted_bytes = 1 << 20;

} // namespace

CopyBuffer::CopyBuffer(CopyTarget target, Call where, Session& session)
    : target_(std::move(target)), where_(std::move(where)), session_(session) {
    session_.begin_copy(target_, where_);
}

void CopyBuffer::value(const dibs::Parameter& value) {
    if (values_ < target_.columns.size()) { // else end_row() refuses them all
        if (values_ > 0)
            text_ += '\t';
        if (!append_copy_value(text_, value))
            refuse(fmt::format("the value for column \"{}\" in row {} has a NUL character in it, which "
                               "PostgreSQL text cannot hold",
                               target_.columns[values_], rows_ + 1),
                   "Pass it as bytes (std::vector<std::byte>), into a bytea column.");
    }
    ++values_;
}

void CopyBuffer::end_row() {
    const std::size_t values = std::exchange(values_, 0);
    ++rows_;
    if (values != target_.columns.size())
        refuse(fmt::format("row {} has {} value{}, and copy_in() was given {} column{}", rows_, values,
                           values == 1 ? "" : "s", target_.columns.size(),
                           target_.columns.size() == 1 ? "" : "s"),
               "Each row has a value for each column; std::nullopt is NULL.");
    text_ += '\n';
    if (text_.size() >= wanted_bytes)
        send();
}

void CopyBuffer::send() {
    try {
        written_ += session_.copy_rows(text_, rows_ - rows_sent_);
    } catch (const CallError& error) {
        raise(error.failure());
    }
    rows_sent_ = rows_;
    sent_ = true;
    text_.clear();
}

std::uint64_t CopyBuffer::finish() {
    if (!text_.empty() || !sent_) // no rows at all go into the table as well: it may not be there
        send();
    finished_ = true;
    try {
        session_.end_copy(true);
    } catch (const CallError& error) {
        raise(error.failure());
    }
    return written_;
}

void CopyBuffer::release() noexcept {
    try {
        if (!finished_)
            session_.end_copy(false);
    } catch (...) { // the exception under way says more; and without a connection nothing stays
    }
    delete this;
}

void CopyBuffer::refuse(std::string message, std::string hint) const {
    CallFailure failure;
    failure.message = std::move(message);
    failure.hint = std::move(hint);
    failure.file = where_.file;
    failure.line = where_.line;
    raise(failure);
}

} // namespace dibs::worker
