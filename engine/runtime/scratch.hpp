// Private directories of attempts: one for each round of a step, 0700, gone once the round has no use for it.
#pragma once

#include <atomic>
#include <mutex>
#include <set>
#include <string>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::runtime {

/// Thread-safe.
class Scratch {
public:
    /// `directory` empty: there is none, and every make() is refused.
    explicit Scratch(std::string directory) : root_(std::move(directory)) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    /// Makes the directory named `key` when it is not there yet. kRefused: the host gave no place for it.
    Result<std::string> make(const std::string& key);
    /// Takes it out of the way at once; the returned path is to be deleted by remove(). Empty when there is
    /// nothing.
    std::string retire(const std::string& key);
    static void remove(const std::string& path);
    /// Deletes whatever is not in `keep`: what an earlier process left behind.
    void sweep(const std::set<std::string>& keep);
    /// Deletes what was retired and not removed any more.
    void sweep_retired();
    /// Finds what an earlier process left behind. True when there is anything for sweep() to look at.
    bool look();
    /// True when no directory is in use: the quick way out for steps that never asked for one.
    bool empty() const { return count_.load(std::memory_order_relaxed) == 0; }

private:
    Result<void> make_root();
    template <class Keep>
    void sweep_others(const Keep& keep);
    void note_count() { count_.store(present_.size(), std::memory_order_relaxed); }

    mutable std::mutex mutex_;
    std::string root_;
    bool made_ = false;
    std::uint64_t retired_ = 0;
    std::set<std::string> present_;
    std::atomic<std::size_t> count_{0};  // of present_
};

}  // namespace slipway::runtime
