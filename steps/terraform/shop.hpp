// What both executors share: options, the threads that work for attempts, and the attempts that can be
// cancelled.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "slipway/steps/process.hpp"
#include "slipway/steps/terraform.hpp"

namespace slipway::terraform {

/// Dies here when $SLIPWAY_CRASH_AT names this point: for tests of what a crash leaves behind.
void fault_point(const char* name);

/// An attempt in the hands of this process.
struct Live {
    std::atomic<int> cancel{0};  ///< 0, or the CancelMode asked for
};

/// "run/step#round.attempt@fence": names an attempt wherever one is recorded.
std::string attempt_name(const AttemptInfo& info);

/// Thread-safe. A thread for each attempt: it waits most of its life, and admission limits how many there
/// are.
class Shop {
public:
    explicit Shop(TerraformOptions options) : options_(std::move(options)) {}
    /// Tells every attempt to let go (without ending what runs) and waits for its thread.
    ~Shop();
    Shop(const Shop&) = delete;
    Shop& operator=(const Shop&) = delete;

    void begin(const AttemptInfo& info, std::function<void(Live&)> work);
    void cancel(const AttemptInfo& info, CancelMode mode);

    const TerraformOptions& options() const { return options_; }
    process::Watcher& watcher() { return watcher_; }
    bool stopping() const { return stopping_.load(); }

private:
    struct Worker {
        std::thread thread;
        std::shared_ptr<std::atomic<bool>> done;
    };
    void reap();

    TerraformOptions options_;
    process::Watcher watcher_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::list<Worker> workers_;
    std::multimap<std::string, std::shared_ptr<Live>> live_;
};

}  // namespace slipway::terraform
