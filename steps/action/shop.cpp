#include "steps/action/shop.hpp"

namespace slipway::action {
namespace {

constexpr int kThreads = 3;  // fencing may take seconds, the rest milliseconds

std::string key_of(const AttemptInfo& info) {
    return info.run.str() + "\n" + info.step.str() + "\n" + std::to_string(info.fence);
}

}  // namespace

Shop::Shop(ActionOptions options)
    : options_(std::move(options)), watcher_(std::make_unique<process::Watcher>()) {
    for (int i = 0; i < kThreads; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

Shop::~Shop() {
    stop();
}

void Shop::stop() {
    std::unique_ptr<process::Watcher> watcher;
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        watcher.swap(watcher_);
        dropped.swap(queue_);
    }
    changed_.notify_all();
    watcher.reset();
    for (auto& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void Shop::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            return;
        }
        queue_.push_back(std::move(work));
    }
    changed_.notify_one();
}

void Shop::watch(const std::string& dir, process::WatchCallbacks callbacks) {
    const std::lock_guard lock(mutex_);
    if (watcher_ != nullptr) {
        watcher_->watch(dir, std::move(callbacks));
    }
}

void Shop::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) {
            return;
        }
        auto next = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        next();
        next = nullptr;
        lock.lock();
    }
}

void Shop::enter(const AttemptInfo& info, const std::shared_ptr<Flight>& flight) {
    const std::lock_guard lock(mutex_);
    flights_[key_of(info)] = flight;
}

void Shop::leave(const AttemptInfo& info) {
    const std::lock_guard lock(mutex_);
    flights_.erase(key_of(info));
}

std::shared_ptr<Flight> Shop::find(const AttemptInfo& info) {
    const std::lock_guard lock(mutex_);
    const auto found = flights_.find(key_of(info));
    return found == flights_.end() ? nullptr : found->second.lock();
}

}  // namespace slipway::action
