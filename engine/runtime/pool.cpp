#include "engine/runtime/pool.hpp"

namespace slipway::runtime {
namespace {

thread_local const Pool* current_pool = nullptr;

}  // namespace

Pool::Pool(std::size_t threads) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { serve(); });
    }
}

Pool::~Pool() {
    close();
    join();
}

bool Pool::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return false;
        }
        queue_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

bool Pool::run_one() {
    std::function<void()> work;
    {
        const std::lock_guard lock(mutex_);
        if (queue_.empty()) {
            return false;
        }
        work = std::move(queue_.front());
        queue_.pop_front();
    }
    work();
    return true;
}

void Pool::wait_idle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return running_ == 0 && queue_.empty(); });
}

void Pool::close() {
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        dropped.swap(queue_);
    }
    wake_.notify_all();
    idle_.notify_all();
}

void Pool::join() {
    for (auto& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

bool Pool::on_pool_thread() const {
    return current_pool == this;
}

void Pool::serve() {
    current_pool = this;
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        auto work = std::move(queue_.front());
        queue_.pop_front();
        ++running_;
        lock.unlock();
        work();
        work = nullptr;  // what it holds is let go before the pool counts as idle
        lock.lock();
        --running_;
        if (running_ == 0 && queue_.empty()) {
            idle_.notify_all();
        }
    }
}

}  // namespace slipway::runtime
