// A world for steps under test: effects by name, counted where the step cannot cheat, with a witness for
// each.
//
//   auto world = std::make_shared<slipway::testing::FakeWorld>();
//   world->act(context.info().idempotency_key);                   // in the step
//   world->witnessed(context.info().idempotency_key)              // when it is asked after a crash
//   CHECK(world->effects() == 1);                                 // in the test
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "slipway/result.hpp"

namespace slipway::testing {

/// Thread-safe.
class FakeWorld {
public:
    /// Has the effect called `name`, each time that it is called, and keeps a witness of it. While the world
    /// is held it waits here, before the effect; kStopped when `give_up` says so meanwhile.
    Result<void> act(const std::string& name, const std::function<bool()>& give_up = {});
    /// Was there an effect of that name? kNotFound once the witnesses are lost.
    Result<bool> witnessed(const std::string& name) const;
    /// Takes one effect of that name back, where there is one.
    void take_back(const std::string& name);

    /// Effects so far that were not taken back, of all names, however often each.
    int effects() const;

    void hold();
    /// Somebody stands in act(); waits for it that long.
    bool wait_until_held(std::int64_t timeout_ms) const;
    void release();
    /// Forgets who did what; the effects stay.
    void lose_witnesses();

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::map<std::string, int> done_;
    std::set<std::string> witnesses_;
    bool lost_ = false;
    bool held_ = false;
    int waiting_ = 0;
};

}  // namespace slipway::testing
