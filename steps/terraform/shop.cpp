#include "steps/terraform/shop.hpp"

#include <csignal>
#include <cstdlib>
#include <string_view>

namespace slipway::terraform {

void fault_point(const char* name) {
    const char* wanted = std::getenv("SLIPWAY_CRASH_AT");
    if (wanted != nullptr && std::string_view(wanted) == name) {
        std::raise(SIGKILL);
    }
}

std::string attempt_name(const AttemptInfo& info) {
    return info.run.str() + "/" + info.step.str() + "#" + std::to_string(info.round) + "." +
           std::to_string(info.attempt) + "@" + std::to_string(info.fence);
}

Shop::~Shop() {
    stopping_ = true;
    std::list<Worker> workers;
    {
        const std::lock_guard lock(mutex_);
        workers.swap(workers_);
    }
    for (auto& worker : workers) {
        worker.thread.join();
    }
}

void Shop::reap() {
    for (auto it = workers_.begin(); it != workers_.end();) {
        if (it->done->load()) {
            it->thread.join();
            it = workers_.erase(it);
        } else {
            ++it;
        }
    }
}

void Shop::begin(const AttemptInfo& info, std::function<void(Live&)> work) {
    auto live = std::make_shared<Live>();
    auto done = std::make_shared<std::atomic<bool>>(false);
    const std::lock_guard lock(mutex_);
    reap();
    const auto entry = live_.emplace(attempt_name(info), live);
    auto body = [this, live, done, entry, work = std::move(work)] {
        work(*live);
        {
            const std::lock_guard inner(mutex_);
            live_.erase(entry);
        }
        *done = true;
    };
    workers_.push_back({std::thread(std::move(body)), done});
}

void Shop::cancel(const AttemptInfo& info, CancelMode mode) {
    const std::lock_guard lock(mutex_);
    const auto [from, to] = live_.equal_range(attempt_name(info));
    for (auto it = from; it != to; ++it) {
        it->second->cancel = static_cast<int>(mode);
    }
}

}  // namespace slipway::terraform
