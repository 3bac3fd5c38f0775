#include "database/cancel_request.hpp"

#include <array>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include <libpq-fe.h>

namespace dibs::database {

void CancelRequest::send(pg_conn* connection) {
    struct Free {
        void operator()(PGcancel* request) const noexcept { PQfreeCancel(request); }
    };
    if (done_.valid() && done_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return;
    std::packaged_task<void()> task([request = std::unique_ptr<PGcancel, Free>(PQgetCancel(connection))] {
        std::array<char, 256> reason{};
        PQcancel(request.get(), reason.data(), reason.size()); // one that fails is as one that came too late
    });
    done_ = task.get_future();
    try {
        std::thread(std::move(task)).detach();
    } catch (const std::system_error&) { // no thread to be had: it is asked for again
    }
}

void CancelRequest::settle(std::chrono::milliseconds limit) const {
    if (done_.valid())
        done_.wait_for(limit);
}

} // namespace dibs::database
