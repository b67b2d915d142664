#include "engine/runtime/run_table.hpp"

#include <algorithm>

#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "engine/codec/workflow_codec.hpp"
#include "engine/core/counters.hpp"
#include "engine/core/decide.hpp"
#include "engine/core/view.hpp"
#include "engine/runtime/children.hpp"

namespace slipway::runtime {
namespace {

std::uint32_t count_of(const core::RunState& state, StepStatus status) {
    return state.counts[static_cast<std::size_t>(status)];
}

/// What is owed beside timers.
void note_owed(const core::RunState& state, const core::Command& command, IndexEntry& entry) {
    if (const auto* place = std::get_if<core::RequestPlace>(&command)) {
        entry.asks.push_back(place->step);
    } else if (const auto* children = std::get_if<core::CheckChildren>(&command)) {
        entry.children += state.steps[children->step].children.list.size();
    } else {
        entry.moves = true;
    }
}

/// Something is being undone, or will be without anybody's help.
bool undoes(const core::RunState& state) {
    return count_of(state, StepStatus::kUndoing) != 0 &&
           std::any_of(state.steps.begin(), state.steps.end(), [&](const core::StepState& step) {
               return step.status == StepStatus::kUndoing &&
                      !(core::is_queued(step) && (state.paused || step.missing));
           });
}

}  // namespace

RunEntry* RunTable::find(const RunId& run) {
    const auto found = entries_.find(run);
    return found == entries_.end() ? nullptr : &found->second;
}

RunEntry& RunTable::add(const RunId& run) {
    auto& entry = entries_[run];
    entry.id = run;
    return entry;
}

codec::DecodeContext RunTable::decoding() const {
    codec::DecodeContext context;
    context.sealer = services_.sealer.get();
    context.load_blob = [store = services_.store](const Digest& digest) -> Result<std::string> {
        SLIPWAY_TRY(auto bytes, store->get_blob(digest));
        if (!bytes) {
            return environment_error(ErrorCode::kCorrupt, "blob " + digest.hex() + " is missing");
        }
        return *std::move(bytes);
    };
    return context;
}

Result<std::shared_ptr<const Plan>> RunTable::plan(const Digest& digest) {
    if (auto known = registry_.find(digest)) {
        return known;
    }
    SLIPWAY_TRY(const auto stored, decoding().load_blob(digest));
    SLIPWAY_TRY(const auto workflow, codec::decode_workflow(digest, stored, decoding()));
    return registry_.plan(workflow);
}

Result<void> RunTable::replay(const RunId& run, std::string_view bytes, StoredState& into) {
    SLIPWAY_TRY(const auto events, codec::decode_slice(run, bytes, decoding()));
    for (const auto& event : events) {
        if (into.plan == nullptr) {
            const auto* started = std::get_if<RunStarted>(&event.body);
            if (started == nullptr) {
                return environment_error(ErrorCode::kCorrupt,
                                         "the first event of run " + run.str() + " is missing");
            }
            SLIPWAY_TRY(into.plan, plan(started->workflow));
        }
        SLIPWAY_CHECK(core::apply(into.plan->workflow, into.state, event));
    }
    return {};
}

Result<std::optional<StoredState>> RunTable::rebuild(const RunId& run, const std::vector<TailSlice>& tail) {
    SLIPWAY_TRY(const auto stored, services_.store->load(run));
    StoredState found;
    if (stored) {
        SLIPWAY_TRY(found.state, codec::decode_run(run, stored->state, decoding()));
        SLIPWAY_TRY(found.plan, plan(found.state.workflow));
        found.bytes = stored->state.size();
    } else if (tail.empty()) {
        return std::optional<StoredState>{};
    }
    for (const auto& slice : tail) {
        if (!stored || slice.tick > stored->tick) {
            SLIPWAY_CHECK(replay(run, slice.bytes, found));
        }
    }
    return std::optional<StoredState>{std::move(found)};
}

namespace {

/// `stands`: a step that waits, for something else than a gate, will not go on by itself.
template <class Stands>
bool is_stuck_unless(const core::RunState& state, const Stands& stands) {
    if (is_final(state.status)) {
        return true;
    }
    if (count_of(state, StepStatus::kRunning) > 0 || undoes(state)) {
        return false;
    }
    const bool held = state.paused || state.status == RunStatus::kBlocked;
    if (!held && count_of(state, StepStatus::kReady) + count_of(state, StepStatus::kBackingOff) > 0) {
        return false;
    }
    if (count_of(state, StepStatus::kWaiting) == 0) {
        return true;
    }
    return std::none_of(state.steps.begin(), state.steps.end(), [&](const core::StepState& step) {
        return step.status == StepStatus::kWaiting && step.wait_kind != WaitKind::kGate && !stands(step);
    });
}

}  // namespace

bool RunTable::is_stuck(const core::RunState& state) {
    return is_stuck_unless(state, [](const core::StepState&) { return false; });
}

bool RunTable::is_stuck_with_children(const core::RunState& state) {
    return is_stuck_unless(state, [&](const core::StepState& step) {
        return core::waits_for_children(step) && are_children_stuck(state, step);
    });
}

bool RunTable::are_children_stuck(const core::RunState& state, const core::StepState& step) {
    if (step.children.live() == 0) {
        return state.paused || state.status == RunStatus::kBlocked;
    }
    for (const auto i : live_children(step.children)) {
        const auto* child = find(step.children.list[i].spec.run);
        if (child == nullptr) {
            return false;
        }
        const bool here = child->loaded != nullptr && child->loaded->plan != nullptr;
        if (!child->quarantined && !(here ? is_stuck_with_children(child->loaded->state) : child->stuck)) {
            return false;
        }
    }
    return true;
}

bool RunTable::lacks_executor(const Plan& plan, const core::RunState& state, StepIndex step) {
    return core::has_attempt(state.steps[step]) && plan.executors[step] == nullptr;
}

bool RunTable::is_orphaned(const Plan& plan, const core::RunState& state) {
    std::uint32_t orphans = 0;
    std::uint32_t live = 0;
    for (StepIndex i = 0; i < state.steps.size(); ++i) {
        orphans += lacks_executor(plan, state, i) ? 1U : 0U;
        live += core::has_attempt(state.steps[i]) ? 1U : 0U;
    }
    return orphans != 0 && orphans == live;
}

IndexEntry RunTable::index_of(const Plan& plan, const core::RunState& state) {
    IndexEntry entry;
    entry.summary = core::summarize(plan.workflow, state);
    entry.stuck = is_stuck(state);
    if (is_final(state.status)) {
        return entry;
    }
    entry.parked = count_of(state, StepStatus::kInDoubt) + count_of(state, StepStatus::kBackingOff) +
                       count_of(state, StepStatus::kUndoing) ==
                   0;
    for (const auto& command : core::resume(plan.workflow, state)) {
        const auto* timer = std::get_if<core::ArmTimer>(&command);
        if (timer == nullptr) {
            entry.parked = false;
            note_owed(state, command, entry);
        } else if (entry.wake_ms == 0 || timer->due_ms < entry.wake_ms) {
            entry.wake_ms = timer->due_ms;
        }
    }
    return entry;
}

}  // namespace slipway::runtime
