// Finished runs that are in the store, oldest first; retention lets go from the front.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "slipway/engine.hpp"

namespace slipway::runtime {

class FinishedRuns {
public:
    void add(TimeMs finished_ms, const RunId& run, std::uint64_t bytes) {
        if (runs_.emplace(std::pair{finished_ms, run}, bytes).second) {
            bytes_ += bytes;
        }
    }
    /// The policy does not keep the oldest one.
    bool are_too_many(const RetentionPolicy& policy, TimeMs now) const {
        return !runs_.empty() && (runs_.size() > policy.finished_runs_max ||
                                  (policy.finished_bytes_max > 0 && bytes_ > policy.finished_bytes_max) ||
                                  (policy.finished_age_max_ms > 0 &&
                                   runs_.begin()->first.first < now - policy.finished_age_max_ms));
    }
    /// Takes the oldest one off. Precondition: there is one.
    RunId take_oldest() {
        auto oldest = runs_.extract(runs_.begin());
        bytes_ -= oldest.mapped();
        return std::move(oldest.key().second);
    }
    std::size_t size() const { return runs_.size(); }

private:
    std::map<std::pair<TimeMs, RunId>, std::uint64_t> runs_;  // to what they take up
    std::uint64_t bytes_ = 0;
};

}  // namespace slipway::runtime
