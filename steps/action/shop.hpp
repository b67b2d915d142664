// What all attempts of the action executor share: options, a few threads for what blocks briefly, the
// watcher.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "slipway/steps/action.hpp"
#include "slipway/steps/process.hpp"

namespace slipway::action {

class Flight;

class Shop {
public:
    explicit Shop(ActionOptions options);
    ~Shop();
    Shop(const Shop&) = delete;
    Shop& operator=(const Shop&) = delete;

    const ActionOptions& options() const { return options_; }
    /// Runs `work` on one of the threads; dropped once stop() was called.
    void post(std::function<void()> work);
    void watch(const std::string& dir, process::WatchCallbacks callbacks);
    /// Joins everything; scripts live on. Called by the executor's destructor, never from one of our threads.
    void stop();

    void enter(const AttemptInfo& info, const std::shared_ptr<Flight>& flight);
    void leave(const AttemptInfo& info);
    std::shared_ptr<Flight> find(const AttemptInfo& info);

private:
    void work();

    const ActionOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
    std::unique_ptr<process::Watcher> watcher_;
    std::map<std::string, std::weak_ptr<Flight>> flights_;
};

}  // namespace slipway::action
