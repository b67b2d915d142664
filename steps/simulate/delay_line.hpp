// Waiting without a thread for each: one thread for all simulated attempts.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "slipway/ids.hpp"

namespace slipway::steps::simulate {

/// Thread-safe. What still waits when it is destroyed is dropped, as if the process had died.
class DelayLine {
public:
    DelayLine();
    ~DelayLine();
    DelayLine(const DelayLine&) = delete;
    DelayLine& operator=(const DelayLine&) = delete;

    /// Calls `then(false)` after the delay, or `then(true)` as soon as cancel(name) is called.
    void after(DurationMs delay_ms, const std::string& name, std::function<void(bool cancelled)> then);
    void cancel(const std::string& name);

private:
    using Clock = std::chrono::steady_clock;
    struct Waiting {
        std::string name;
        std::function<void(bool)> then;
        bool cancelled = false;
    };
    /// Outlives the line when the line's own thread drops the last hold on it.
    struct Core {
        std::mutex mutex;
        std::condition_variable changed;
        std::multimap<Clock::time_point, Waiting> waiting;
        bool stopping = false;
    };
    static void work(const std::shared_ptr<Core>& core);

    std::shared_ptr<Core> core_ = std::make_shared<Core>();
    std::thread thread_;
};

}  // namespace slipway::steps::simulate
