// What must hold after every tick, told from the runs themselves as far as possible.
#include <algorithm>

#include "tests/simulation/admission/pair.hpp"

namespace pairs {
namespace {

using Wrong = std::optional<std::string>;

std::string at(const Pair& pair, std::size_t run, StepIndex step) {
    return "run " + pair.runs[run].run.str() + ", step " + std::to_string(step);
}

/// Has begun in this round and not been given up before.
bool has_taken(StepStatus status) {
    return status != StepStatus::kPending && status != StepStatus::kReady &&
           status != StepStatus::kCancelled && status != StepStatus::kSkipped;
}

/// What the run makes use of by its own state, whatever admission says.
std::uint32_t uses(const Setting& setting, const Pair& pair, std::size_t run, const std::string& name) {
    const Workflow& w = setting.workflows[run];
    const core::RunState& state = pair.runs[run];
    std::uint32_t most = 0;
    for (StepIndex i = 0; i < w.size() && !is_final(state.status); ++i) {
        const StepStatus status = state.steps[i].status;
        for (const Claim& claim : w.step(i).claims) {
            const bool live = status == StepStatus::kRunning ||
                              (status == StepStatus::kWaiting && w.step(i).type != StepType::kExecutor);
            const bool section = claim.scope == ClaimScope::kSection && has_taken(status) &&
                                 core::is_section_open(w, state, w.section_of(i));
            const bool whole = claim.scope == ClaimScope::kRun && has_taken(status);
            if (claim.name == name && (live || section || whole)) {
                most = std::max(most, claim.amount);
            }
        }
    }
    return most;
}

Wrong check_limits(const Setting& setting, const Pair& pair) {
    std::map<std::string, std::uint32_t> used;
    for (const auto& [owner, places] : pair.admission.places) {
        for (const auto& place : places) {
            used[place.name] += place.amount;
        }
    }
    for (const auto& [name, amount] : used) {
        if (amount > core::capacity_of(pair.admission, name)) {
            return "the limit \"" + name + "\" is exceeded";
        }
        if (uses(setting, pair, 0, name) + uses(setting, pair, 1, name) >
            core::capacity_of(pair.admission, name)) {
            return "both runs make use of \"" + name + "\" at once";
        }
    }
    if (pair.admission.holders.size() > pair.admission.capacity) {
        return std::string("the engine's limit is exceeded");
    }
    return std::nullopt;
}

Wrong check_step_places(const Setting& setting, const Pair& pair, std::size_t run, StepIndex i) {
    const Workflow& w = setting.workflows[run];
    const core::RunState& state = pair.runs[run];
    const core::TicketKey key{state.run, i};
    const bool executor = w.step(i).type == StepType::kExecutor;
    const bool running = state.steps[i].status == StepStatus::kRunning;
    if (pair.admission.holders.contains(key) != running) {
        return at(pair, run, i) + (running ? " runs without a place" : " holds a place and does not run");
    }
    const bool live = executor ? running : state.steps[i].status == StepStatus::kWaiting;
    const core::Wish wish = wish_of(setting, pair, run, i);
    for (const Claim& claim : wish.claims) {
        std::uint32_t own = 0;
        if (const auto limit = pair.admission.limits.find(claim.name); limit != pair.admission.limits.end()) {
            const auto user = limit->second.users.find(key);
            own = user == limit->second.users.end() ? 0 : user->second;
        }
        if (live && core::amount_missing(pair.admission, key, wish, claim) > own) {
            return at(pair, run, i) + " goes on without \"" + claim.name + "\"";
        }
    }
    const bool wants = core::takes_places(w.step(i)) && core::waker(w, state, i) == WakerKind::kTicket;
    if (wants != pair.admission.queued.contains(key)) {
        return at(pair, run, i) + (wants ? " is ready and has no ticket" : " has a ticket and no use for it");
    }
    return std::nullopt;
}

/// Every place by name has a reason in the run that holds it.
Wrong check_owner(const Setting& setting, const Pair& pair, const core::TicketKey& owner,
                  const std::vector<core::Place>& places) {
    const std::size_t run = run_number(owner.run);
    const Workflow& w = setting.workflows[run];
    const core::RunState& state = pair.runs[run];
    const std::string who = "run " + owner.run.str();
    if (is_final(state.status)) {
        return who + " has ended and holds \"" + places.front().name + "\"";
    }
    if (owner.scope == ClaimScope::kStep) {
        const bool live = owner.step < w.size() && (state.steps[owner.step].status == StepStatus::kRunning ||
                                                    state.steps[owner.step].status == StepStatus::kWaiting);
        return live ? std::nullopt
                    : Wrong(who + " holds \"" + places.front().name + "\" for a step that is not live");
    }
    if (owner.scope == ClaimScope::kSection && !core::is_section_open(w, state, owner.step)) {
        return who + " holds \"" + places.front().name + "\" for a section that is done";
    }
    for (const auto& place : places) {
        bool claimed = false;
        for (StepIndex i = 0; i < w.size(); ++i) {
            for (const Claim& claim : w.step(i).claims) {
                claimed =
                    claimed || (claim.name == place.name && claim.scope == owner.scope &&
                                state.steps[i].fence + (has_taken(state.steps[i].status) ? 1U : 0U) != 0);
            }
        }
        if (!claimed) {
            return who + " holds \"" + place.name + "\" and nothing of it has begun";
        }
    }
    return std::nullopt;
}

std::vector<core::CycleLink> deadlock(const Setting& setting, const Pair& pair, const core::TicketKey& key) {
    return core::find_deadlock(pair.admission, key, reaches(setting));
}

/// Nothing moves by itself, nobody outside is asked, and somebody waits: then it must be a deadlock.
Wrong check_moves(const Setting& setting, const Pair& pair, Bug bug) {
    bool moves = pair.admission.queue.empty();
    for (std::size_t run = 0; run < 2; ++run) {
        const core::RunState& state = pair.runs[run];
        for (StepIndex i = 0; i < state.steps.size() && !is_final(state.status); ++i) {
            const WakerKind waker = core::waker(setting.workflows[run], state, i);
            moves = moves || waker == WakerKind::kAttempt || waker == WakerKind::kGate ||
                    waker == WakerKind::kOperator;
        }
    }
    if (moves) {
        return std::nullopt;
    }
    for (const auto& [number, key] : pair.admission.queue) {
        const auto cycle =
            bug == Bug::kDeadlockUnseen ? std::vector<core::CycleLink>{} : deadlock(setting, pair, key);
        if (!cycle.empty()) {
            for (std::size_t i = 0; i < cycle.size(); ++i) {
                if (cycle[i].holder.run != cycle[(i + 1) % cycle.size()].ticket.run) {
                    return std::string("a cycle does not close");
                }
            }
            return std::nullopt;
        }
    }
    return std::string("nothing can move and nobody is told");
}

}  // namespace

Wrong check(const Setting& setting, const Pair& pair, Bug bug) {
    for (std::size_t run = 0; run < 2; ++run) {
        const core::RunState& state = pair.runs[run];
        if (state.steps.empty()) {
            return std::nullopt;  // not both have begun
        }
        if (auto off = core::check_invariants(setting.workflows[run], state)) {
            return off;
        }
        for (StepIndex i = 0; i < state.steps.size(); ++i) {
            if (auto off = check_step_places(setting, pair, run, i)) {
                return off;
            }
        }
    }
    if (auto off = check_limits(setting, pair)) {
        return off;
    }
    for (const auto& [owner, places] : pair.admission.places) {
        if (auto off = check_owner(setting, pair, owner, places)) {
            return off;
        }
    }
    if (auto off = core::check_invariants(pair.admission)) {
        return off;
    }
    std::vector<core::TicketKey> queue;
    for (const auto& [number, key] : pair.admission.queue) {
        queue.push_back(key);
    }
    if (queue != pair.asked) {
        return std::string("the queue is not in order of asking");
    }
    return check_moves(setting, pair, bug);
}

Wrong check_step(const Setting& setting, const Pair& before, const Pair& after, bool by_operator) {
    if (by_operator) {
        return std::nullopt;
    }
    for (const auto& key : before.asked) {
        if (!deadlock(setting, before, key).empty() && deadlock(setting, after, key).empty()) {
            return "run " + key.run.str() + ", step " + std::to_string(key.step) +
                   " was in a deadlock and got out by itself";
        }
    }
    return std::nullopt;
}

}  // namespace pairs
