#include "tests/simulation/admission/pair.hpp"

#include <algorithm>
#include <deque>

namespace pairs {
namespace {

class Shell {
public:
    Shell(const Setting& setting, const Pair& before, Bug bug) : setting_(setting), bug_(bug) {
        ticked_.after = before;
    }

    void begin(std::size_t run) {
        core::StartRun start;
        start.request.run = RunId("r" + std::to_string(run));
        start.request.tenant = setting_.tenants[run];
        start.by = Principal{"me", {}};
        auto& state = ticked_.after.runs[run];
        ticked_.after.attempts[run].assign(setting_.workflows[run].size(), Attempt::kNone);
        take(run, core::begin(setting_.workflows[run], start, moment_, state));
        settle();
    }
    void limits() {
        std::vector<core::AdmissionEvent> events;
        core::set_limits(ticked_.after.admission, setting_.limits, moment_.now_ms, events);
        core::set_capacity(ticked_.after.admission, setting_.engine, moment_.now_ms, events);
        follow(events);
    }
    void feed(std::size_t run, const core::Input& input) {
        take(run, core::advance(setting_.workflows[run], ticked_.after.runs[run], input, moment_));
    }
    void deliver(std::size_t run, const core::Input& input) {
        const bool ok = !refuses(run, input);
        if (ok) {
            feed(run, input);
            settle();
        }
        ticked_.refused = !ok;
    }
    void recover() {
        if (bug_ == Bug::kTicketForgotten) {
            ticked_.after.asked.clear();
        }
        for (std::size_t run = 0; run < 2; ++run) {
            auto& attempts = ticked_.after.attempts[run];
            for (auto& attempt : attempts) {
                attempt = Attempt::kNone;
            }
            for (auto& command : core::resume(setting_.workflows[run], ticked_.after.runs[run])) {
                const bool asks = std::holds_alternative<core::RequestPlace>(command);
                if (!(asks && bug_ == Bug::kTicketForgotten)) {
                    work_.push_back({run, std::move(command)});
                }
            }
        }
        if (bug_ == Bug::kTicketForgotten) {
            const auto tickets = ticked_.after.admission.queued.sorted();
            for (const auto& [key, number] : tickets) {
                static_cast<void>(core::apply(ticked_.after.admission, core::TicketReturned{key}));
            }
        }
        auto& places = ticked_.after.admission.places;
        if (bug_ == Bug::kPlaceTwice && !places.empty()) {
            const core::Place again = places.begin()->second.front();
            places[{RunId("r1"), 200}].push_back(again);
            core::Limit& limit = core::limit_of(ticked_.after.admission, again.name);
            limit.used += again.amount;
            limit.used_long += again.amount;
            limit.users[{RunId("r1"), 200}] = again.amount;
        }
        std::vector<core::AdmissionEvent> events;
        core::grant(ticked_.after.admission, moment_.now_ms, events);
        follow(events);
        settle();
    }
    Ticked end() {
        if (!ticked_.wrong) {
            ticked_.wrong = check(setting_, ticked_.after, bug_);
        }
        return std::move(ticked_);
    }

private:
    struct Work {
        std::size_t run;
        core::Command command;
    };

    bool refuses(std::size_t run, const core::Input& input) {
        core::RunState copy = ticked_.after.runs[run];
        return core::advance(setting_.workflows[run], copy, input, moment_).refused.has_value();
    }
    void take(std::size_t run, core::Decision decision) {
        if (decision.refused && decision.refused->error_class == ErrorClass::kBug) {
            ticked_.wrong = "an impossible decision: " + decision.refused->message;
        }
        for (auto& command : decision.commands) {
            work_.push_back({run, std::move(command)});
        }
    }
    void settle() {
        while (!work_.empty() && !ticked_.wrong) {
            const Work work = std::move(work_.front());
            work_.pop_front();
            work_off(work);
        }
    }
    void work_off(const Work& work) {
        auto& attempts = ticked_.after.attempts[work.run];
        if (const auto* ask = std::get_if<core::RequestPlace>(&work.command)) {
            request(work.run, ask->step);
        } else if (const auto* back = std::get_if<core::ReturnPlace>(&work.command)) {
            give_back({ticked_.after.runs[work.run].run, back->step, back->scope});
        } else if (const auto* resolve = std::get_if<core::ResolveInput>(&work.command)) {
            admit(work.run, resolve->step);
        } else if (const auto* start = std::get_if<core::StartAttempt>(&work.command)) {
            attempts[start->step] = Attempt::kLinked;
        } else if (const auto* asked = std::get_if<core::ReconcileAttempt>(&work.command)) {
            attempts[asked->step] = Attempt::kAsked;
        }
    }
    void request(std::size_t run, StepIndex step) {
        const core::TicketKey key{ticked_.after.runs[run].run, step};
        core::Wish wish = wish_of(setting_, ticked_.after, run, step);
        if (bug_ == Bug::kHoldAndWait && wish.claims.size() > 1) {
            // Takes what it can get at once, as a run's own.
            const core::TicketKey early{key.run, step + 100};
            core::Wish part = wish;
            part.attempt = false;
            part.claims = {{wish.claims[0].name, 1, ClaimScope::kRun}};
            core::AdmissionState& admission = ticked_.after.admission;
            if (core::amount_missing(admission, key, wish, part.claims[0]) != 0 &&
                (!admission.limits.contains(part.claims[0].name) ||
                 admission.limits.at(part.claims[0].name).used == 0)) {
                std::vector<core::AdmissionEvent> events;
                core::request(admission, early, part, moment_.now_ms, events);
            }
        }
        std::vector<core::AdmissionEvent> events;
        core::request(ticked_.after.admission, key, wish, moment_.now_ms, events);
        follow(events);
        if (bug_ == Bug::kDoubleGrant && ticked_.after.admission.queued.contains(key)) {
            static_cast<void>(core::apply(ticked_.after.admission, core::TicketReturned{key}));
            ticked_.after.admission.lines.reset();
            ticked_.after.admission.holders.emplace(key, 1);
            admit(run, step);
        }
    }
    void give_back(const core::TicketKey& key) {
        auto& admission = ticked_.after.admission;
        if ((bug_ == Bug::kPlaceLeaked && admission.holders.contains(key)) ||
            (bug_ == Bug::kSectionLeaked && key.scope == ClaimScope::kSection) ||
            (bug_ == Bug::kRunLeaked && key.scope == ClaimScope::kRun)) {
            return;
        }
        if (bug_ == Bug::kLostWakeUp) {
            std::erase(ticked_.after.asked, key);
            static_cast<void>(core::apply(admission, core::TicketReturned{key}));
            admission.lines.reset();
            return;
        }
        if (bug_ == Bug::kLastComeFirst && admission.queue.size() > 1) {
            const auto [number, oldest] = *admission.queue.begin();
            const auto wish = admission.wishes.contains(number) ? admission.wishes.at(number) : nullptr;
            static_cast<void>(core::apply(admission, core::TicketReturned{core::TicketKey(oldest)}));
            static_cast<void>(core::apply(admission, core::TicketQueued{oldest, wish}));
            admission.lines.reset();
        }
        std::vector<core::AdmissionEvent> events;
        core::give_back(admission, key, moment_.now_ms, events);
        if (bug_ == Bug::kSectionTooEarly && key.scope == ClaimScope::kStep) {
            core::give_back(admission, {key.run, 0, ClaimScope::kSection}, moment_.now_ms, events);
        }
        follow(events);
    }
    void follow(const std::vector<core::AdmissionEvent>& events) {
        auto& asked = ticked_.after.asked;
        for (const auto& event : events) {
            if (const auto* queued = std::get_if<core::TicketQueued>(&event)) {
                asked.push_back(queued->key);
            } else if (const auto* back = std::get_if<core::TicketReturned>(&event)) {
                std::erase(asked, back->key);
            } else if (const auto* granted = std::get_if<core::TicketGranted>(&event)) {
                std::erase(asked, granted->key);
                if (bug_ != Bug::kGrantNotHeard || ticked_.after.runs[0].run == granted->key.run) {
                    admit(run_number(granted->key.run), granted->key.step);
                }
            }
        }
    }
    void admit(std::size_t run, StepIndex step) {
        Digest shown;
        shown.bytes.fill(7);
        feed(run, core::StepAdmitted{step, ResolvedInput{{"input", false}, false}, shown});
    }

    const Setting& setting_;
    Bug bug_;
    Ticked ticked_;
    core::Moment moment_{1000, 7, 2000, 1000, {}};
    std::deque<Work> work_;
};

}  // namespace

std::size_t run_number(const RunId& run) {
    return run == RunId("r0") ? 0 : 1;
}

core::Wish wish_of(const Setting& setting, const Pair& pair, std::size_t run, StepIndex step) {
    const Workflow& w = setting.workflows[run];
    const core::RunState& state = pair.runs[run];
    core::Wish wish;
    wish.attempt = w.step(step).type == StepType::kExecutor;
    wish.started = std::any_of(state.steps.begin(), state.steps.end(), [](const core::StepState& s) {
        return s.status != StepStatus::kPending && s.status != StepStatus::kReady;
    });
    wish.section = w.section_of(step);
    wish.tenant = setting.tenants[run];
    wish.claims = w.step(step).claims;
    return wish;
}

core::Reaches reaches(const Setting& setting) {
    return [&setting](const RunId& run, StepIndex step, std::uint32_t section) {
        const Workflow& w = setting.workflows[run_number(run)];
        if (w.section_of(step) == section) {
            return true;
        }
        const auto later = w.dependents(step);
        return std::any_of(later.begin(), later.end(),
                           [&](StepIndex next) { return reaches(setting)(run, next, section); });
    };
}

Ticked first(const Setting& setting, Bug bug) {
    Shell shell(setting, {}, bug);
    shell.limits();
    shell.begin(0);
    shell.begin(1);
    return shell.end();
}

Ticked tick(const Setting& setting, const Pair& before, std::size_t run, const core::Input& input, Bug bug) {
    Shell shell(setting, before, bug);
    shell.deliver(run, input);
    return shell.end();
}

Ticked crash(const Setting& setting, const Pair& before, Bug bug) {
    Shell shell(setting, before, bug);
    shell.recover();
    return shell.end();
}

const char* bug_name(Bug bug) {
    static constexpr const char* kNames[] = {"none",
                                             "a place is leaked",
                                             "a section's place is leaked",
                                             "a run's place is leaked",
                                             "a place is given twice",
                                             "a wake-up is lost",
                                             "a grant is not heard of",
                                             "a crash forgets who waited",
                                             "a crash gives a place twice",
                                             "a section's place comes back too early",
                                             "one lock is held while another is waited for",
                                             "the last to come is the first to go",
                                             "a deadlock is not seen"};
    return kNames[static_cast<std::size_t>(bug)];
}

}  // namespace pairs
