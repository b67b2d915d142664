#include "engine/runtime/wishes.hpp"

#include <algorithm>
#include <ctime>

namespace slipway::runtime {
namespace {

constexpr std::size_t kHoldersNamed = 8;

bool has_begun(const core::RunState& state) {
    const auto count = [&](StepStatus status) { return state.counts[static_cast<std::size_t>(status)]; };
    return count(StepStatus::kPending) + count(StepStatus::kReady) != state.steps.size();
}

std::string time_text(TimeMs at_ms) {
    const auto seconds = static_cast<std::time_t>(at_ms / 1000);
    std::tm utc{};
    char text[32] = "";
    if (gmtime_r(&seconds, &utc) == nullptr || std::strftime(text, sizeof text, "%FT%TZ", &utc) == 0) {
        return "an unknown time";
    }
    return text;
}

struct Known {
    Workflow workflow;
    core::Parentage parent;
};

/// From memory or from the store; empty when it cannot be read.
Known look_up(Shell& shell, const RunId& run) {
    const auto* entry = shell.runs.find(run);
    if (entry != nullptr && entry->loaded != nullptr && entry->loaded->plan != nullptr) {
        return {entry->loaded->plan->workflow, entry->loaded->state.parent};
    }
    if (entry != nullptr && entry->above != nullptr) {
        return {entry->above->plan->workflow, entry->above->parent};
    }
    const auto stored = shell.runs.rebuild(run, {});
    return stored && *stored ? Known{(*stored)->plan->workflow, (*stored)->state.parent} : Known{};
}

Workflow workflow_of(Shell& shell, const RunId& run) {
    return look_up(shell, run).workflow;
}

/// The runs above, with the sections whose steps started the one below.
std::vector<core::Ancestor> lineage_of(Shell& shell, core::Parentage at) {
    std::vector<core::Ancestor> lineage;
    for (auto left = at.depth; left != 0 && !at.run.empty(); --left) {
        const Known above = look_up(shell, at.run);
        const bool known = at.step < above.workflow.size();
        lineage.push_back({at.run, at.step, known ? above.workflow.section_of(at.step) : kNoStep});
        at = above.parent;
    }
    return lineage;
}

StepId step_name(Shell& shell, const RunId& run, StepIndex step) {
    const Workflow workflow = workflow_of(shell, run);
    return step < workflow.size() ? workflow.step(step).id : StepId{};
}

/// Those of a name, or of the engine's places, in an order that is always the same; the first few.
std::vector<PlaceHolder> holders_of(Shell& shell, const std::string& name) {
    std::vector<PlaceHolder> holders;
    const auto& admission = shell.admission;
    if (name.empty()) {
        for (const auto& [key, number] : admission.holders.sorted()) {
            if (holders.size() == kHoldersNamed) {
                break;
            }
            const auto* entry = shell.runs.find(key.run);
            const bool loaded =
                entry != nullptr && entry->loaded != nullptr && key.step < entry->loaded->state.steps.size();
            holders.push_back({key.run, step_name(shell, key.run, key.step), key.scope, 1,
                               loaded ? entry->loaded->state.steps[key.step].since_ms : 0});
        }
        return holders;
    }
    const auto limit = admission.limits.find(name);
    if (limit == admission.limits.end()) {
        return holders;
    }
    for (const auto& [key, amount] : limit->second.users) {
        if (holders.size() == kHoldersNamed) {
            break;
        }
        const auto& places = admission.places.at(key);
        const auto place =
            std::find_if(places.begin(), places.end(), [&](const core::Place& p) { return p.name == name; });
        holders.push_back(
            {key.run, step_name(shell, key.run, place->by), key.scope, amount, place->since_ms});
    }
    return holders;
}

std::string holder_text(const PlaceHolder& holder) {
    static constexpr const char* kUntil[] = {"", "", ", until its section is done", ", until it has ended"};
    return "run \"" + holder.run.str() + "\", step \"" + holder.step.str() + "\" since " +
           time_text(holder.since_ms) + kUntil[static_cast<std::size_t>(holder.scope)];
}

}  // namespace

void fill_wish(Shell& shell, const RunEntry& run, StepIndex step, core::Wish& wish) {
    const auto& plan = *run.loaded->plan;
    const auto& state = run.loaded->state;
    wish.attempt = plan.workflow.step(step).type == StepType::kExecutor;
    wish.started = has_begun(state);
    wish.priority = state.priority;
    wish.section = plan.workflow.section_of(step);
    wish.tenant = state.tenant;
    if (plan.claims.empty()) {
        wish.claims.clear();
    } else {
        wish.claims = plan.claims[step];
    }
    wish.lineage.clear();
    if (!wish.claims.empty() && !state.parent.run.empty()) {
        wish.lineage = lineage_of(shell, state.parent);
    }
}

std::optional<std::string> missing_claim(Shell& shell, const RunEntry& run, StepIndex step) {
    const auto& admission = shell.admission;
    core::Wish wish;
    fill_wish(shell, run, step, wish);
    for (const Claim& claim : run.loaded->plan->workflow.step(step).claims) {
        std::uint64_t has = 0;
        if (const auto limit = admission.limits.find(claim.name); limit != admission.limits.end()) {
            const auto own = limit->second.users.find({run.id, step, ClaimScope::kStep});
            has = own == limit->second.users.end() ? 0 : own->second;
        }
        if (core::amount_missing(admission, {run.id, step}, wish, claim) > has) {
            return "claims \"" + claim.name + "\" and does not have it";
        }
    }
    return std::nullopt;
}

core::Reaches reaches_of(Shell& shell) {
    return [&shell](const RunId& run, StepIndex step, std::uint32_t section) {
        const Workflow workflow = workflow_of(shell, run);
        if (step >= workflow.size()) {
            return false;
        }
        std::vector<bool> seen(workflow.size(), false);
        std::vector<StepIndex> open{step};
        while (!open.empty()) {
            const StepIndex at = open.back();
            open.pop_back();
            if (workflow.section_of(at) == section) {
                return true;
            }
            for (const StepIndex next : workflow.dependents(at)) {
                if (!seen[next]) {
                    seen[next] = true;
                    open.push_back(next);
                }
            }
        }
        return false;
    };
}

std::vector<DeadlockLink> deadlock_of(Shell& shell, const core::TicketKey& ticket) {
    std::vector<DeadlockLink> cycle;
    for (const auto& link : core::find_deadlock(shell.admission, ticket, reaches_of(shell))) {
        cycle.push_back({link.ticket.run, step_name(shell, link.ticket.run, link.ticket.step), link.name,
                         link.holder.run});
    }
    return cycle;
}

std::string text_of(const std::vector<DeadlockLink>& cycle) {
    std::string text;
    for (const auto& link : cycle) {
        text += std::string(text.empty() ? "" : "; ") + "run \"" + link.run.str() + "\", step \"" +
                link.step.str() + "\" waits for \"" + link.name + "\", which run \"" + link.holder.str() +
                "\" has";
    }
    return text;
}

void add_place_wait(Shell& shell, const Plan& plan, const core::RunState& state, StepExplanation& step) {
    const auto index = plan.workflow.find(step.step);
    if (!index || step.waker != WakerKind::kTicket) {
        return;
    }
    const core::TicketKey key{state.run, *index};
    const auto waits = core::waits_at(shell.admission, key);
    if (!waits) {
        return;
    }
    PlaceWait place;
    place.name = waits->name.empty() ? "engine" : waits->name;
    place.capacity = core::capacity_of(shell.admission, waits->name);
    place.holders = holders_of(shell, waits->name);
    place.ahead = waits->ahead;
    place.waiting = waits->waiting;
    if (!waits->name.empty()) {
        place.deadlock = deadlock_of(shell, key);
        for (std::size_t i = 0; i < place.holders.size(); ++i) {
            step.waits_for += (i == 0 ? " Held by " : "; ") + holder_text(place.holders[i]);
        }
        step.waits_for += place.holders.empty() ? "" : ".";
    }
    if (!place.deadlock.empty()) {
        step.waits_for += " This is a deadlock: " + text_of(place.deadlock) +
                          ". It ends when one of these runs is cancelled.";
        step.next.emplace_back("cancel one of the runs");
    }
    step.place = std::move(place);
}

}  // namespace slipway::runtime
