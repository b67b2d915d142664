// Questions about runs: from memory where they are loaded, from the store otherwise.
#include "engine/codec/event_codec.hpp"
#include "engine/core/explain.hpp"
#include "engine/core/view.hpp"
#include "engine/runtime/engine_impl.hpp"
#include "engine/runtime/mask.hpp"
#include "engine/runtime/standing.hpp"
#include "engine/runtime/wishes.hpp"

namespace slipway::runtime {
namespace {

Error no_run(const RunId& run) {
    return usage_error(ErrorCode::kNotFound, "there is no run " + run.str());
}

Error no_step(const RunId& run, const StepId& step) {
    return usage_error(ErrorCode::kNotFound, "run " + run.str() + " has no step " + step.str());
}

// An attempt of an earlier process that nobody here can look at. It stays live: the next open that brings its
// executor reconciles it.
void name_missing_executor(const Plan& plan, const core::RunState& state, StepExplanation& explanation) {
    const auto index = plan.workflow.find(explanation.step);
    auto text = index ? missing_executor_text(plan, state, *index) : std::string();
    if (!text.empty()) {
        explanation.waker = WakerKind::kOperator;
        explanation.waits_for = std::move(text);
    }
}

}  // namespace

template <class T>
Result<T> EngineImpl::with_state(
    const RunId& run, const std::function<Result<T>(const Plan&, const core::RunState&, bool)>& body) {
    const auto* entry = shell_.runs.find(run);
    const bool quarantined = entry != nullptr && entry->quarantined;
    if (entry != nullptr && entry->loaded != nullptr && entry->loaded->plan != nullptr) {
        return body(*entry->loaded->plan, entry->loaded->state, quarantined);
    }
    SLIPWAY_TRY(const auto stored, shell_.runs.rebuild(run, {}));
    if (!stored) {
        return no_run(run);
    }
    return body(*stored->plan, stored->state, quarantined);
}

template Result<RunStatus> EngineImpl::with_state<RunStatus>(
    const RunId&, const std::function<Result<RunStatus>(const Plan&, const core::RunState&, bool)>&);

std::string EngineImpl::stuck_text(const RunEntry& run, int& read) {
    constexpr int kReadMax = 16;  // on the engine's thread
    if (run.quarantined) {
        return "quarantined.";
    }
    RunSummary summary;
    if (run.loaded != nullptr && run.loaded->plan != nullptr) {
        summary.status = run.loaded->state.status;
        summary.reason = run.loaded->state.reason;
    } else if (run.stuck && ++read <= kReadMax) {
        if (const auto stored = shell_.store().load(run.id); stored && *stored) {
            const auto index = decode_index((*stored)->summary);
            summary = index ? index->summary : RunSummary{};
        }
    }
    return summary.status == RunStatus::kBlocked ? "blocked: " + summary.reason + "." : std::string();
}

// A child run that waits for an operator holds its parent up: whoever asks about the parent is told.
void EngineImpl::name_stuck_children(const Plan& plan, const core::RunState& state,
                                     StepExplanation& explanation) {
    constexpr int kNamed = 3;
    const auto index = plan.workflow.find(explanation.step);
    if (!index) {
        return;
    }
    int named = 0;
    int read = 0;
    for (const auto& child : state.steps[*index].children.list) {
        const auto* entry = is_final(child.status) ? nullptr : shell_.runs.find(child.spec.run);
        const auto text = entry != nullptr && named < kNamed ? stuck_text(*entry, read) : std::string();
        if (!text.empty()) {
            ++named;
            explanation.waits_for += " Child run \"" + child.spec.run.str() + "\" is " + text;
        }
    }
}

template <class T>
Result<T> EngineImpl::look(const RunId& run,
                           const std::function<Result<T>(const Plan&, const core::RunState&, bool)>& body) {
    std::optional<StoredState> stored;
    // Twice at most: what was read in between need not be asked for again.
    for (;;) {
        auto answer = ask<std::optional<T>>([&]() -> Result<std::optional<T>> {
            const auto* entry = shell_.runs.find(run);
            const bool here = entry != nullptr && entry->loaded != nullptr && entry->loaded->plan != nullptr;
            if (!here && !stored) {
                return std::optional<T>{};
            }
            const bool quarantined = entry != nullptr && entry->quarantined;
            SLIPWAY_TRY(auto found, here ? body(*entry->loaded->plan, entry->loaded->state, quarantined)
                                         : body(*stored->plan, stored->state, quarantined));
            return std::optional<T>(std::move(found));
        });
        if (!answer) {
            return std::move(answer).error();
        }
        if (*answer) {
            return **std::move(answer);
        }
        SLIPWAY_TRY(stored, shell_.runs.rebuild(run, {}));
        if (!stored) {
            return no_run(run);
        }
    }
}

Result<RunView> EngineImpl::view(const RunId& run) {
    return look<RunView>(
        run, [](const Plan& plan, const core::RunState& state, bool quarantined) -> Result<RunView> {
            auto view = core::view_run(plan.workflow, state);
            view.summary.quarantined = quarantined;
            add_standing(plan, state, view);
            view.workflow = plan.shown;
            return view;
        });
}

Result<RunExplanation> EngineImpl::explain(const RunId& run) {
    return look<RunExplanation>(
        run,
        [this](const Plan& plan, const core::RunState& state, bool quarantined) -> Result<RunExplanation> {
            auto explanation = core::explain_run(plan.workflow, state, &shell_.admission);
            for (auto& step : explanation.steps) {
                name_missing_executor(plan, state, step);
                add_place_wait(shell_, plan, state, step);
                name_stuck_children(plan, state, step);
            }
            if (const auto status = standing(plan, state); status != state.status) {
                RunSummary summary;
                add_standing(plan, state, summary);
                explanation.status = status;
                explanation.sentence = "blocked: " + summary.reason;
            }
            if (quarantined) {
                explanation.sentence =
                    "quarantined: part of its record is damaged, or an impossible decision was caught";
                explanation.next = {"release"};
            }
            return explanation;
        });
}

Result<StepExplanation> EngineImpl::explain(const RunId& run, const StepId& step) {
    return look<StepExplanation>(
        run, [&](const Plan& plan, const core::RunState& state, bool) -> Result<StepExplanation> {
            const auto index = plan.workflow.find(step);
            if (!index) {
                return no_step(run, step);
            }
            auto explanation = core::explain_step(plan.workflow, state, *index, &shell_.admission);
            name_missing_executor(plan, state, explanation);
            add_place_wait(shell_, plan, state, explanation);
            name_stuck_children(plan, state, explanation);
            return explanation;
        });
}

Result<Payload> EngineImpl::reveal(const RunId& run, const StepId& step, bool gate) {
    return look<Payload>(run, [&](const Plan& plan, const core::RunState& state, bool) -> Result<Payload> {
        const auto index = plan.workflow.find(step);
        if (!index) {
            return no_step(run, step);
        }
        const auto& s = state.steps[*index];
        const auto wanted = gate ? StepStatus::kWaiting : StepStatus::kSucceeded;
        if (s.status != wanted) {
            return usage_error(
                ErrorCode::kRefused, "step " + step.str() + " is " + std::string(to_string(s.status)),
                gate ? "only an open gate shows something" : "only a step that succeeded has an output");
        }
        return gate ? s.what : s.output;
    });
}

Result<Payload> EngineImpl::blob(const Digest& digest) {
    SLIPWAY_TRY(const auto stored, shell_.store().get_blob(digest));
    if (!stored) {
        return usage_error(ErrorCode::kNotFound, "no blob " + digest.hex());
    }
    return codec::open_blob(digest, *stored, shell_.runs.decoding());
}

Result<std::vector<Event>> EngineImpl::history(const RunId& run, EventSeq from_seq, std::size_t limit) {
    return ask<std::vector<Event>>(
        [this, run, from_seq, limit] { return history_now(run, from_seq, limit); });
}

Result<std::vector<Event>> EngineImpl::history_now(const RunId& run, EventSeq from_seq, std::size_t limit) {
    std::vector<Event> found;
    EventSeq next = std::max<EventSeq>(from_seq, 1);
    const auto take = [&](std::string_view bytes) -> Result<void> {
        SLIPWAY_TRY(auto events, codec::decode_slice(run, bytes, shell_.runs.decoding()));
        for (auto& event : events) {
            if (event.seq >= next && found.size() < limit) {
                mask(event);
                next = event.seq + 1;
                found.push_back(std::move(event));
            }
        }
        return {};
    };
    const auto* entry = shell_.runs.find(run);
    const bool quarantined = entry != nullptr && entry->quarantined;
    bool known = false;
    while (found.size() < limit) {
        SLIPWAY_TRY(const auto blocks, shell_.store().history(run, next, 16));
        known = known || !blocks.empty();
        const auto before = next;
        for (const auto& block : blocks) {
            auto taken = take(block.bytes);
            if (!taken && quarantined) {
                return found;  // as far as it can be read
            }
            SLIPWAY_CHECK(taken);
        }
        if (blocks.empty() || next == before) {
            break;
        }
    }
    if (entry != nullptr && entry->loaded != nullptr) {
        for (const auto& slice : entry->loaded->tail) {
            if (slice.last_seq >= next && found.size() < limit) {
                SLIPWAY_CHECK(take(slice.bytes));
            }
        }
    }
    if (found.empty() && entry == nullptr && !known) {
        SLIPWAY_TRY(const auto stored, shell_.store().load(run));
        if (!stored) {
            return no_run(run);
        }
    }
    return found;
}

}  // namespace slipway::runtime
