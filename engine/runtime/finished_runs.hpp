// Finished runs that are in the store, oldest first; retention lets go from the front. Child runs go with
// their parent, and before it.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "slipway/engine.hpp"

namespace slipway::runtime {

class FinishedRuns {
public:
    /// `parent`: the run that it is a child of; empty when there is none, or none any more.
    void add(TimeMs finished_ms, const RunId& run, std::uint64_t bytes, const RunId& parent = {}) {
        if (!parent.empty()) {
            children_[parent].emplace(run, Child{finished_ms, bytes, false});
        } else if (runs_.emplace(std::pair{finished_ms, run}, bytes).second) {
            bytes_ += bytes + count_children(run);
        }
    }
    /// Once all are here that were found in the store. Child runs whose parent `is_known` to nobody stand for
    /// themselves.
    template <class IsKnown>
    void adopt_orphans(const IsKnown& is_known) {
        std::set<RunId> here;
        for (const auto& [key, bytes] : runs_) {
            here.insert(key.second);
        }
        for (const auto& [parent, children] : children_) {
            for (const auto& [run, child] : children) {
                here.insert(run);
            }
        }
        std::erase_if(children_, [&](const auto& entry) {
            if (here.contains(entry.first) || is_known(entry.first)) {
                return false;
            }
            for (const auto& [run, child] : entry.second) {
                if (runs_.emplace(std::pair{child.finished_ms, run}, child.bytes).second) {
                    bytes_ += child.counted ? 0 : child.bytes;
                }
            }
            return true;
        });
        for (const auto& [key, bytes] : runs_) {
            bytes_ += count_children(key.second);
        }
    }
    /// The policy does not keep the oldest one. Child runs count by their bytes alone, and only when the run
    /// above all of them has ended: before that nothing lets them go.
    bool are_too_many(const RetentionPolicy& policy, TimeMs now) const {
        return !runs_.empty() && (runs_.size() > policy.finished_runs_max ||
                                  (policy.finished_bytes_max > 0 && bytes_ > policy.finished_bytes_max) ||
                                  (policy.finished_age_max_ms > 0 &&
                                   runs_.begin()->first.first < now - policy.finished_age_max_ms));
    }
    /// Takes the oldest one off, or one of its child runs as long as it has any. Precondition: there is one.
    RunId take_oldest() {
        RunId run = runs_.begin()->first.second;
        auto last = children_.end();
        for (auto found = children_.find(run); found != children_.end(); found = children_.find(run)) {
            last = found;
            run = found->second.begin()->first;
        }
        if (last == children_.end()) {
            auto oldest = runs_.extract(runs_.begin());
            bytes_ -= oldest.mapped();
            return std::move(oldest.key().second);
        }
        const Child& child = last->second.begin()->second;
        bytes_ -= child.counted ? child.bytes : 0;
        last->second.erase(last->second.begin());
        if (last->second.empty()) {
            children_.erase(last);
        }
        return run;
    }
    /// Without child runs.
    std::size_t size() const { return runs_.size(); }

private:
    struct Child {
        TimeMs finished_ms = 0;
        std::uint64_t bytes = 0;
        bool counted = false;  ///< in bytes_
    };

    std::uint64_t count_children(const RunId& run) {
        std::uint64_t bytes = 0;
        const auto found = children_.find(run);
        if (found == children_.end()) {
            return bytes;
        }
        for (auto& [id, child] : found->second) {
            bytes += std::exchange(child.counted, true) ? 0 : child.bytes;
            bytes += count_children(id);
        }
        return bytes;
    }

    std::map<std::pair<TimeMs, RunId>, std::uint64_t> runs_;      // to what they take up
    std::unordered_map<RunId, std::map<RunId, Child>> children_;  // by parent; never empty
    std::uint64_t bytes_ = 0;
};

}  // namespace slipway::runtime
