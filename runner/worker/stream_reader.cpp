#include "worker/stream_reader.hpp"

#include <memory>

#include "worker/raise.hpp"
#include "worker/result_set.hpp"

namespace dibs::worker {

dibs::RowSet* StreamReader::next() {
    if (ended_)
        return nullptr;
    try {
        FetchedRows batch = session_.fetch(stream_);
        ended_ = batch.last;
        const std::size_t before = rows_;
        rows_ += batch.rows.rows();
        if (rows_ == before)
            return nullptr;
        return std::make_unique<ResultSet>(std::move(batch.rows), origin_, session_, before).release();
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

void StreamReader::release() noexcept {
    try {
        if (!ended_)
            session_.close_stream(stream_);
    } catch (...) { // the exception under way says more; and when the connection is gone, so is the cursor
    }
    delete this;
}

} // namespace dibs::worker
