#include "steps/simulate/delay_line.hpp"

namespace slipway::steps::simulate {

DelayLine::DelayLine() : thread_([core = core_] { work(core); }) {}

DelayLine::~DelayLine() {
    {
        const std::lock_guard<std::mutex> lock(core_->mutex);
        core_->stopping = true;
    }
    core_->changed.notify_all();
    if (thread_.get_id() == std::this_thread::get_id()) {
        thread_.detach();
    } else {
        thread_.join();
    }
}

void DelayLine::after(DurationMs delay_ms, const std::string& name, std::function<void(bool)> then) {
    {
        const std::lock_guard<std::mutex> lock(core_->mutex);
        core_->waiting.emplace(Clock::now() + std::chrono::milliseconds(delay_ms),
                               Waiting{name, std::move(then), false});
    }
    core_->changed.notify_all();
}

void DelayLine::cancel(const std::string& name) {
    {
        const std::lock_guard<std::mutex> lock(core_->mutex);
        for (auto it = core_->waiting.begin(); it != core_->waiting.end();) {
            if (it->second.name != name || it->second.cancelled) {
                ++it;
                continue;
            }
            Waiting entry = std::move(it->second);
            entry.cancelled = true;
            it = core_->waiting.erase(it);
            core_->waiting.emplace(Clock::time_point::min(), std::move(entry));
        }
    }
    core_->changed.notify_all();
}

void DelayLine::work(const std::shared_ptr<Core>& core) {
    std::unique_lock<std::mutex> lock(core->mutex);
    while (!core->stopping) {
        if (core->waiting.empty()) {
            core->changed.wait(lock);
            continue;
        }
        const auto due = core->waiting.begin()->first;
        if (due > Clock::now()) {
            core->changed.wait_until(lock, due);
            continue;
        }
        Waiting entry = std::move(core->waiting.begin()->second);
        core->waiting.erase(core->waiting.begin());
        lock.unlock();
        entry.then(entry.cancelled);
        entry.then = nullptr;
        lock.lock();
    }
}

}  // namespace slipway::steps::simulate
