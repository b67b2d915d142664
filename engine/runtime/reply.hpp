// A place where one thread waits for what another one finds out. Unlike std::promise it does not throw.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "slipway/result.hpp"

namespace slipway::runtime {

template <class T>
class Reply {
public:
    /// The first call counts.
    void set(Result<T> value) {
        {
            const std::lock_guard lock(mutex_);
            if (!value_) {
                value_.emplace(std::move(value));
            }
        }
        done_.notify_all();
    }
    Result<T> get() {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return value_.has_value(); });
        return *value_;
    }
    /// Nothing when `wait` passes first.
    std::optional<Result<T>> get_for(std::chrono::milliseconds wait) {
        std::unique_lock lock(mutex_);
        done_.wait_for(lock, wait, [this] { return value_.has_value(); });
        return value_;
    }

private:
    std::mutex mutex_;
    std::condition_variable done_;
    std::optional<Result<T>> value_;
};

}  // namespace slipway::runtime
