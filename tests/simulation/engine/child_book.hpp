// Parents and child runs, as the record tells: a child is started only when it was asked for, its parent is
// told what it came to and nothing else, and does not go on before it has ended.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "slipway/event.hpp"

namespace slipway::simulation {

class ChildBook {
public:
    void note(const RunId& run, const Event& event);
    /// Its record is damaged, and an operator gave it up: what its parent was told comes from nobody.
    void given_up(const RunId& run) { given_up_.insert(run); }
    /// After all events of a commit; what is wrong, or nothing.
    std::string check();
    bool has_live(const RunId& run) const { return !check_left(run, kNoStep).empty(); }
    std::uint64_t started() const { return children_.size(); }

private:
    struct Child {
        RunId parent;
        StepIndex step = kNoStep;
        RunStatus status = RunStatus::kRunning;
    };
    struct Told {
        RunId parent;
        RunId child;
        RunStatus status = RunStatus::kRunning;
        std::string reason;
    };

    std::string check_left(const RunId& run, StepIndex step) const;
    std::string check_told(const Told& told) const;

    std::map<RunId, Child> children_;
    std::map<std::pair<RunId, StepIndex>, std::vector<RunId>> asked_;  // of the wait in hand
    std::set<RunId> given_up_;
    // Of the commit in hand.
    std::vector<Told> told_;
    std::vector<std::pair<RunId, StepIndex>> left_;  // kNoStep: all
    std::vector<RunId> fresh_;
};

}  // namespace slipway::simulation
