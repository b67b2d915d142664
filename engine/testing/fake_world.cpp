#include "slipway/testing/fake_world.hpp"

#include <chrono>

namespace slipway::testing {

Result<void> FakeWorld::act(const std::string& name, const std::function<bool()>& give_up) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    bool given_up = false;
    while (held_ && !given_up) {
        changed_.wait_for(lock, std::chrono::milliseconds(2));
        if (give_up) {
            lock.unlock();
            given_up = give_up();
            lock.lock();
        }
    }
    --waiting_;
    if (given_up) {
        return usage_error(ErrorCode::kStopped, "given up before the effect");
    }
    ++done_[name];
    witnesses_.insert(name);
    return {};
}

Result<bool> FakeWorld::witnessed(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    if (lost_) {
        return usage_error(ErrorCode::kNotFound, "the witnesses are lost");
    }
    return witnesses_.count(name) > 0;
}

void FakeWorld::take_back(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = done_.find(name);
    if (found != done_.end() && --found->second == 0) {
        done_.erase(found);
        witnesses_.erase(name);
    }
}

int FakeWorld::effects() const {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& [name, times] : done_) {
        count += times;
    }
    return count;
}

void FakeWorld::hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
}

bool FakeWorld::wait_until_held(std::int64_t timeout_ms) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return waiting_ > 0; });
}

void FakeWorld::release() {
    {
        const std::lock_guard lock(mutex_);
        held_ = false;
    }
    changed_.notify_all();
}

void FakeWorld::lose_witnesses() {
    const std::lock_guard lock(mutex_);
    witnesses_.clear();
    lost_ = true;
}

}  // namespace slipway::testing
