#include "process/threads.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

using dibs::process::Threads;

TEST_CASE("a thread counts as left while it runs, and not when it has ended") {
    std::mutex mutex;
    std::condition_variable told;
    bool ended = false;
    const Threads threads;
    std::thread other([&] {
        std::unique_lock lock(mutex);
        told.wait(lock, [&] { return ended; });
    });
    CHECK(threads.left() == 1);
    {
        const std::lock_guard lock(mutex);
        ended = true;
    }
    told.notify_all();
    other.join();
    CHECK(threads.left() == 0);
}
