// In-tick work: places, resolved inputs, and whatever they make due.
#include <algorithm>
#include <set>

#include "engine/runtime/seams.hpp"
#include "engine/runtime/ticker.hpp"
#include "engine/runtime/wishes.hpp"

namespace slipway::runtime {

Seams& seams() {
    static Seams of_process;
    return of_process;
}

core::Moment Ticker::moment(const RunEntry& run) {
    core::Moment at;
    at.now_ms = now_;
    at.random = shell_.next_random();
    at.graces = run.loaded->plan->graces;
    return at;
}

void Ticker::touch(RunEntry& run) {
    if (!run.touched) {
        run.touched = true;
        touched_.push_back(&run);
    }
}

std::optional<Error> Ticker::feed(RunEntry& run, const core::Input& input) {
    auto decision = core::advance(run.loaded->plan->workflow, run.loaded->state, input, moment(run));
    if (seams().decided) {
        seams().decided(run.id, decision);
    }
    if (decision.refused) {
        if (decision.refused->error_class == ErrorClass::kBug) {
            quarantine(run, decision.refused->message);
        }
        return std::move(decision.refused);
    }
    absorb(run, std::move(decision));
    return std::nullopt;
}

void Ticker::absorb(RunEntry& run, core::Decision decision) {
    auto& fresh = run.loaded->fresh;
    if (!decision.events.empty()) {
        touch(run);
        fresh.insert(fresh.end(), std::make_move_iterator(decision.events.begin()),
                     std::make_move_iterator(decision.events.end()));
    }
    for (auto& command : decision.commands) {
        work_.push_back({&run, std::move(command), false});
    }
}

void Ticker::settle() {
    while (!work_.empty()) {
        auto work = std::move(work_.front());
        work_.pop_front();
        if (!work.run->quarantined) {
            work_off(std::move(work));
        }
    }
}

void Ticker::work_off(Work work) {
    auto& run = *work.run;
    if (const auto* request = std::get_if<core::RequestPlace>(&work.command)) {
        if (work.granted) {
            admit(run, request->step, true);
        } else if (!run.loaded->plan->can_start(request->step)) {
            static_cast<void>(feed(run, core::ExecutorMissing{request->step}));
        } else {
            ask_place(run, request->step);
        }
    } else if (const auto* back = std::get_if<core::ReturnPlace>(&work.command)) {
        give_back({run.id, back->step, back->scope});
    } else if (const auto* resolve_input = std::get_if<core::ResolveInput>(&work.command)) {
        admit(run, resolve_input->step, false);
    } else if (!work_off_children(run, work.command)) {
        if (std::holds_alternative<core::EndRun>(work.command)) {
            tell_parent(run);
        }
        if (const auto* more = std::get_if<core::GoOnChildren>(&work.command);
            more != nullptr && !go_on_.insert({&run, more->step}).second) {
            return;
        }
        owed_.push_back({&run, std::move(work.command), false});
    }
}

void Ticker::ask_place(RunEntry& run, StepIndex step) {
    fill_wish(shell_, run, step, wish_);
    if (run.loaded->state.steps[step].status == StepStatus::kUndoing) {
        // What was done must be possible to undo, though a limit has shrunk since.
        for (auto& claim : wish_.claims) {
            claim.amount = std::min(claim.amount, core::capacity_of(shell_.admission, claim.name));
        }
    }
    if (const auto* claim = core::impossible_claim(shell_.admission, wish_.claims)) {
        const auto places = core::capacity_of(shell_.admission, claim->name);
        auto error = authoring_error("it claims " + std::to_string(claim->amount) + " places of \"" +
                                     claim->name + "\", which has " + std::to_string(places));
        error.hint = "claim less, or raise the limit in EngineOptions::limits";
        static_cast<void>(feed(run, core::StepAdmitted{step, std::move(error), {}}));
        return;
    }
    const std::size_t before = admission_events_.size();
    core::request(shell_.admission, {run.id, step}, wish_, now_, admission_events_);
    note_from(before);
}

void Ticker::give_back(const core::TicketKey& key) {
    const std::size_t before = admission_events_.size();
    core::give_back(shell_.admission, key, now_, admission_events_);
    note_from(before);
}

void Ticker::admit(RunEntry& run, StepIndex step, bool has_place) {
    if (!run.loaded->plan->can_start(step)) {
        static_cast<void>(feed(run, core::ExecutorMissing{step}));
        if (has_place) {
            give_back({run.id, step});
        }
        return;
    }
    // What is undone has been resolved once: it gets what it was given then.
    const bool undo = run.loaded->state.steps[step].status == StepStatus::kUndoing;
    auto resolved = undo ? Result<ResolvedInput>(ResolvedInput{}) : resolve(run, step);
    const bool is_gate = run.loaded->plan->workflow.step(step).type == StepType::kGate;
    const auto shown = is_gate && resolved ? sha256(resolved->input.bytes) : Digest{};
    const auto refused = feed(run, core::StepAdmitted{step, std::move(resolved), shown});
    if (refused && has_place) {
        give_back({run.id, step});
    }
}

Result<ResolvedInput> Ticker::resolve(const RunEntry& run, StepIndex step) {
    const auto& plan = *run.loaded->plan;
    const auto& state = run.loaded->state;
    ResolveRequest request;
    request.workflow = &plan.workflow;
    request.step = step;
    request.round = state.steps[step].round;
    request.run = run.id;
    request.run_input = &state.input;
    request.output_of = [&plan, &state](const StepId& id) -> const Payload* {
        const auto index = plan.workflow.find(id);
        if (!index || state.steps[*index].status != StepStatus::kSucceeded) {
            return nullptr;
        }
        return &state.steps[*index].output;
    };
    try {
        auto resolved = plan.resolver->resolve(request);
        if (resolved && resolved->input.sensitive && shell_.services->sealer == nullptr) {
            return usage_error(ErrorCode::kKey,
                               "the input of this step is sensitive, and there is no key to store it with",
                               "set EngineOptions::keys");
        }
        return resolved;
    } catch (const std::exception& e) {
        return authoring_error(std::string("the input resolver threw: ") + e.what());
    } catch (...) {
        return authoring_error("the input resolver threw something that is no std::exception");
    }
}

void Ticker::granted_to(const core::TicketKey& key) {
    auto* run = shell_.runs.find(key.run);
    if (run != nullptr && !run->quarantined && load(*run)) {
        work_.push_back({run, core::RequestPlace{key.step}, true});
    } else {
        give_back(key);
    }
}

// What it holds stays held, for nobody knows what its attempts do; but it wants nothing more.
void Ticker::leave_queue(const RunId& run) {
    std::vector<core::TicketKey> keys;
    for (const auto& [number, key] : shell_.admission.queue) {
        if (key.run == run) {
            keys.push_back(key);
        }
    }
    for (const auto& key : keys) {
        give_back(key);
    }
}

// Only the events that are there now: a grant that finds nobody adds more, and looks after those itself.
void Ticker::note_from(std::size_t first) {
    const std::size_t end = admission_events_.size();
    shell_.meter.admitted(admission_events_, first, now_);
    for (std::size_t i = first; i < end; ++i) {
        if (const auto* granted = std::get_if<core::TicketGranted>(&admission_events_[i])) {
            granted_to(core::TicketKey(granted->key));
        }
    }
}

bool Ticker::is_stray(const core::TicketKey& key, bool queued) {
    const auto* run = shell_.runs.find(key.run);
    if (run == nullptr || run->quarantined || run->loaded == nullptr) {
        return run == nullptr || (run->quarantined && queued);
    }
    const auto& state = run->loaded->state;
    if (is_final(state.status)) {
        return true;
    }
    const auto& workflow = run->loaded->plan->workflow;
    switch (key.scope) {
        case ClaimScope::kRun:
            return false;
        case ClaimScope::kSection:
            return key.step >= workflow.section_count() || !core::is_section_open(workflow, state, key.step);
        case ClaimScope::kStep:
            break;
    }
    const auto status = key.step < state.steps.size() ? state.steps[key.step].status : StepStatus::kPending;
    return status == StepStatus::kPending || is_settled(status);
}

// One commit takes a place and starts its step, so this finds nothing; it is here so that a place could not
// leak for good.
void Ticker::return_stray_places() {
    std::vector<core::TicketKey> strays;
    for (const auto& [key, number] : shell_.admission.holders.sorted()) {
        if (is_stray(key, false)) {
            strays.push_back(key);
        }
    }
    for (const auto& [key, places] : shell_.admission.places) {
        if (!shell_.admission.holders.contains(key) && is_stray(key, false)) {
            strays.push_back(key);
        }
    }
    for (const auto& [key, number] : shell_.admission.queued.sorted()) {
        if (is_stray(key, true)) {
            strays.push_back(key);
        }
    }
    for (const auto& key : strays) {
        give_back(key);
    }
}

/// Of tickets of this tick that wait for each other: they stay, and go on when somebody cancels one of their
/// runs.
void Ticker::report_deadlocks() {
    std::set<RunId> told;
    for (const auto& ticket : core::take_suspects(shell_.admission)) {
        if (told.contains(ticket.run)) {
            continue;
        }
        if (const auto cycle = deadlock_of(shell_, ticket); !cycle.empty()) {
            for (const auto& link : cycle) {
                told.insert(link.run);
            }
            shell_.alarm("deadlock", ticket.run, text_of(cycle));
        }
    }
}

}  // namespace slipway::runtime
