// A bounded pool of threads for executors that block.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace slipway::runtime {

/// Thread-safe.
class Pool {
public:
    /// 0 threads: nothing is done but by run_one().
    explicit Pool(std::size_t threads);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// False when closed: the work was dropped. `work` must not throw.
    bool post(std::function<void()> work);
    /// Does what is next on the caller's thread. False: there is nothing.
    bool run_one();
    /// Until nothing is queued or running.
    void wait_idle();
    /// Drops what is queued; what runs goes on until it returns.
    void close();
    /// Waits for the threads. After close().
    void join();
    bool on_pool_thread() const;

private:
    void serve();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable idle_;
    std::deque<std::function<void()>> queue_;
    std::size_t running_ = 0;
    bool closed_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace slipway::runtime
