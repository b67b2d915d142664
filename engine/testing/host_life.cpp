#include "engine/testing/host_life.hpp"

#include <stdlib.h>

#include <chrono>
#include <exception>
#include <filesystem>

namespace slipway::testing {
namespace {

thread_local bool on_our_thread = false;

}  // namespace

Durable::Durable() {
    std::error_code ignored;
    std::string name = (std::filesystem::temp_directory_path(ignored) / "slipway-kit-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) {
        scratch = name;
    }
}

Durable::~Durable() {
    std::error_code ignored;
    std::filesystem::remove_all(scratch, ignored);
}

void Durable::say(std::string where, std::string text, bool sensitive) {
    const std::lock_guard lock(mutex);
    spoken.push_back({std::move(where), std::move(text), sensitive});
}

void Durable::threw(const std::string& where) {
    std::string what = "something that is no std::exception";
    try {
        throw;
    } catch (const std::exception& e) {
        what = e.what();
    } catch (...) {
    }
    const std::lock_guard lock(mutex);
    thrown.push_back(where + ": " + what);
}

HostLife::HostLife(std::shared_ptr<Durable> durable)
    : durable_(std::move(durable)), engine_([this] { serve(); }) {}

void HostLife::die_at(std::size_t boundary) {
    const std::lock_guard lock(mutex_);
    die_at_ = boundary;
}

bool HostLife::pass(const std::string& name) {
    {
        const std::lock_guard lock(mutex_);
        if (alive_ && passed_.size() == die_at_) {
            alive_ = false;
            changed_.notify_all();
        }
        passed_.push_back(name);
    }
    return is_alive();
}

bool HostLife::is_alive() {
    const std::lock_guard lock(mutex_);
    if (!alive_ && on_our_thread) {
        throw HostDied{};
    }
    return alive_;
}

void HostLife::die() {
    const std::lock_guard lock(mutex_);
    alive_ = false;
    changed_.notify_all();
}

bool HostLife::wait_for_death(DurationMs timeout_ms) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return !alive_; });
}

void HostLife::pause(DurationMs for_ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(for_ms));
}

std::vector<std::string> HostLife::passed() {
    const std::lock_guard lock(mutex_);
    return passed_;
}

void HostLife::work_off(const std::function<void()>& work) {
    on_our_thread = true;
    try {
        work();
    } catch (const HostDied&) {  // that is what it is for
    }
    const std::lock_guard lock(mutex_);
    --busy_;
    changed_.notify_all();
}

// A host that has ended runs nothing any more; its last hold may be dropped by a thread of its own.
void HostLife::run(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (ending_) {
        return;
    }
    ++busy_;
    pool_.emplace_back([this, work = std::move(work)] { work_off(work); });
}

void HostLife::post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (ending_) {
        return;
    }
    ++busy_;
    queue_.push_back(std::move(work));
    changed_.notify_all();
}

void HostLife::serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        auto work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work_off(work);
        work = nullptr;
        lock.lock();
    }
}

bool HostLife::drain(DurationMs timeout_ms) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return busy_ == 0; });
}

void HostLife::end() {
    std::vector<std::thread> pool;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        pool.swap(pool_);
        changed_.notify_all();
    }
    for (auto& thread : pool) {
        thread.join();
    }
    if (engine_.joinable()) {
        engine_.join();
    }
}

}  // namespace slipway::testing
