#include "tests/unit/codec/random_values.hpp"

namespace slipway::test {

std::uint64_t RandomValues::wide() {
    return engine_() >> (1 + number(62));
}

std::string RandomValues::text() {
    std::string out(number(12), '\0');
    for (char& c : out) {
        c = static_cast<char>(engine_());
    }
    return out;
}

Payload RandomValues::payload() {
    return {text(), number(4) == 0};
}

Digest RandomValues::digest() {
    Digest d;
    for (auto& byte : d.bytes) {
        byte = static_cast<std::uint8_t>(engine_());
    }
    return d;
}

template <class T>
std::vector<T> RandomValues::several(T (RandomValues::*make)()) {
    std::vector<T> out;
    for (std::size_t n = number(4); n != 0; --n) {
        out.push_back((this->*make)());
    }
    return out;
}

Principal RandomValues::principal() {
    return {text(), several(&RandomValues::text)};
}

std::map<std::string, std::string> RandomValues::labels() {
    std::map<std::string, std::string> out;
    for (std::size_t n = number(4); n != 0; --n) {
        out[text()] = text();
    }
    return out;
}

StepFailure RandomValues::failure() {
    return {pick(FailureClass::kPolicy), text(), text(), time(), flag()};
}
Evidence RandomValues::evidence() {
    return {text(), payload()};
}
Resolution RandomValues::resolution() {
    return {pick(WaitKind::kChildRuns), text(), payload(), pick(Decision::kRevoke)};
}

EventBody RandomValues::event(std::size_t alternative) {
    switch (alternative) {
        case 0:
            return RunStarted{RunId("r" + text()),
                              digest(),
                              payload(),
                              labels(),
                              principal(),
                              time(),
                              flag(),
                              RunId(text()),
                              text(),
                              static_cast<std::int32_t>(small())};
        case 1:
            return StepReady{step()};
        case 2:
            return AttemptStarted{step(), small(), small(), wide(), payload(), time()};
        case 3:
            return EvidenceRecorded{step(), wide(), evidence()};
        case 4:
            return StepSucceeded{step(), payload()};
        case 5:
            return StepBackingOff{step(), failure(), time()};
        case 6:
            return StepFailed{step(), failure()};
        case 7:
            return StepWaiting{step(), pick(WaitKind::kChildRuns), text(), digest(), payload(), time(),
                               time()};
        case 8:
            return WaitResolved{step(), resolution()};
        case 9:
            return GateDecided{step(),      small(), digest(), pick(Decision::kRevoke),
                               principal(), text(),  text()};
        case 10:
            return StepSkipped{step(), pick(SkipMode::kSkip), principal(), text()};
        case 11:
            return StepCancelled{step(), pick(CancelReason::kJoined, 0)};
        case 12:
            return StepInDoubt{step(), text()};
        case 13:
            return CancelAsked{step(), wide(), pick(CancelReason::kJoined, 0), flag(), time()};
        case 14:
            return StepSettled{step(), flag(), principal(), text()};
        case 15:
            return StepRetried{step(), principal(), flag() ? text() : ""};
        case 16:
            return RedoAsked{step(), text(), principal(), flag()};
        case 17:
            return RoundOpened{several(&RandomValues::step), text()};
        case 18:
            return RunPaused{principal(), flag() ? text() : ""};
        case 19:
            return RunResumed{principal(), flag() ? text() : ""};
        case 20:
            return RunBlocked{text()};
        case 21:
            return RunUnblocked{};
        case 22:
            return RunCancelAsked{principal(), flag(), text()};
        case 23:
            return RunFinished{pick(RunStatus::kUnwound), text()};
        case 24:
            return ApproveAllSet{flag(), principal(), flag() ? text() : ""};
        case 25:
            return AttemptVoided{step(), wide(), text()};
        case 26:
            return ExecutorNotFound{step()};
        default:
            return undo_event(alternative);
    }
}

EventBody RandomValues::undo_event(std::size_t alternative) {
    switch (alternative) {
        case 27:
            return RunUndoAsked{principal(), text()};
        case 28:
            return UnwindBegan{};
        case 29:
            return UndoPassed{step()};
        case 30:
            return UndoReady{step()};
        case 31:
            return UndoStarted{step(), small(), wide(), time()};
        case 32:
            return UndoBackingOff{step(), failure(), time()};
        case 33:
            return StepUndone{step()};
        case 34:
            return UndoLeft{step(), principal(), text()};
        default:
            return child_event(alternative);
    }
}

ChildSpec RandomValues::child() {
    return {text(), RunId(text()), digest(), payload(), labels(), StepId(text())};
}

ChildResult RandomValues::child_result() {
    return {text(), RunId(text()), pick(RunStatus::kUnwound), text(), payload()};
}

EventBody RandomValues::child_event(std::size_t alternative) {
    switch (alternative) {
        case 35:
            return ChildrenAsked{
                step(), {pick(JoinMode::kQuota), small(), small()}, several(&RandomValues::child)};
        case 36:
            return ChildrenStarted{step(), small()};
        case 37:
            return ChildEnded{step(), small(), pick(RunStatus::kUnwound), text(), payload()};
        case 38:
            return ChildrenCancelAsked{step(), pick(CancelReason::kJoined, 0)};
        default:
            return ChildOf{RunId(text()), step(), small(), small(), small()};
    }
}

core::StepState RandomValues::step_state() {
    core::StepState s;
    s.status = pick(StepStatus::kUndone);
    s.unmet = small();
    s.since_ms = time();
    s.fence = 1 + wide();
    s.round = 1 + small();
    s.attempt = small();
    s.failures = small();
    s.due_ms = time();
    s.expires_ms = time();
    s.attempt_deadline_ms = time();
    s.step_deadline_ms = time();
    s.cancel = {pick(CancelReason::kJoined, 0), flag(), time()};
    s.input = payload();
    s.output = payload();
    s.failure = failure();
    s.doubt = text();
    s.held = flag();
    s.missing = flag();
    s.skip_mode = pick(SkipMode::kSkip);
    s.wait_kind = pick(WaitKind::kChildRuns);
    s.wait_name = text();
    s.shown = digest();
    s.decided = flag() ? std::optional<Decision>(pick(Decision::kRevoke)) : std::nullopt;
    s.what = payload();
    s.evidence = several(&RandomValues::evidence);
    s.resolutions = several(&RandomValues::resolution);
    return s;
}

core::RunState RandomValues::run_state(std::size_t steps) {
    core::RunState s;
    s.run = RunId("run");
    s.workflow = digest();
    s.input = payload();
    s.labels = labels();
    s.started_by = principal();
    s.successor_of = RunId(text());
    s.seq = wide();
    s.status = pick(RunStatus::kUnwound);
    s.reason = text();
    s.paused = flag();
    s.approve_all = flag();
    s.approve_all_by = principal();
    s.tenant = text();
    s.priority = static_cast<std::int32_t>(small());
    s.cancel_asked = flag();
    s.stop_asked = flag();
    s.cancel_by = principal();
    s.cancel_note = text();
    s.started_ms = time();
    s.finished_ms = time();
    s.since_ms = time();
    s.deadline_ms = time();
    for (auto& count : s.counts) {
        count = small();
    }
    s.auto_rounds = {small(), small()};
    s.redo_root = flag() ? kNoStep : step();
    s.redo_why = text();
    s.redo_automatic = flag();
    s.blocking = small();
    s.missing = small();
    s.redo_live = small();
    s.redo_doubts = small();
    s.gates_open = small();
    s.unwind.asked = flag();
    for (std::size_t i = 0; i < steps; ++i) {
        s.steps.push_back(i % 3 == 0 ? core::StepState{} : step_state());
        if (s.unwind.asked) {
            s.steps.back().undo = {
                pick(UndoPhase::kBackingOff, 0), flag(), flag(), flag(), small(), small(), small(), text()};
        }
    }
    if (flag()) {
        s.parent = {RunId("parent"), step(), small(), small(), small()};
    }
    for (auto& one : s.steps) {
        one.undo.earlier = one.fence != 0 && number(4) == 0;
        if (one.fence != 0 && flag()) {
            one.children.join = {pick(JoinMode::kQuota), small(), small()};
            one.children.list.push_back({child(), pick(RunStatus::kUnwound), text(), payload()});
            one.children.next = 1;
            one.children.ended = is_final(one.children.list[0].status) ? 1 : 0;
            one.children.cancel = pick(CancelReason::kJoined, 0);
            s.child_waits = 1;
        }
        for (auto& resolution : one.resolutions) {
            resolution.children = several(&RandomValues::child_result);
        }
    }
    if (s.unwind.asked) {
        s.unwind = {true, flag(), small(), small()};
    }
    return s;
}

StepSpec RandomValues::step_spec(std::size_t index) {
    StepSpec s;
    s.id = StepId("step-" + std::to_string(index));
    s.type = pick(StepType::kTimer);
    s.kind = s.type == StepType::kExecutor ? "kind" + std::to_string(small())
                                           : (s.type == StepType::kGate ? "gate" : "timer");
    s.kind_version = small();
    for (std::size_t i = 0; i < index; ++i) {
        if (number(3) == 0) {
            s.depends_on.push_back({StepId("step-" + std::to_string(i)), pick(DependencyKind::kOrder)});
        }
    }
    s.input = payload();
    s.retry.attempts_max = 1 + small();
    s.retry.initial_ms = small();
    s.retry.multiplier_percent = 100 + small();
    s.retry.delay_max_ms = small();
    s.retry.jitter_percent = small();
    s.retry.retry_on.resize(number(3), pick(FailureClass::kPolicy));
    s.retry_mode = pick(RetryMode::kNewRound);
    s.attempt_timeout_ms = small();
    s.step_timeout_ms = small();
    s.on_failure = pick(FailurePolicy::kUndo);
    s.skippable = flag();
    s.has_undo = flag();
    for (std::size_t n = number(3) == 0 ? number(4) : 0; n != 0; --n) {
        s.claims.push_back({"name/" + std::to_string(n), 1 + small(), pick(ClaimScope::kRun)});
        if (s.type != StepType::kExecutor && n == 3) {
            s.claims.back().scope = ClaimScope::kSection;
        }
    }
    s.gate = {pick(GateKind::kCallback), several(&RandomValues::text), small(), flag()};
    s.timer_delay_ms = small();
    s.title = text();
    s.why = text();
    s.labels = labels();
    return s;
}

WorkflowSpec RandomValues::spec(std::size_t steps) {
    WorkflowSpec s;
    s.name = "w" + text();
    s.resolver = text();
    s.run_timeout_ms = small();
    s.rounds_max = small();
    s.labels = labels();
    for (std::size_t i = 0; i < steps; ++i) {
        s.steps.push_back(step_spec(i));
    }
    return s;
}

RunSummary RandomValues::summary() {
    return {RunId("r" + text()),
            text(),
            digest(),
            pick(RunStatus::kUnwound),
            text(),
            labels(),
            time(),
            time(),
            small(),
            small(),
            small(),
            flag(),
            RunId(flag() ? text() : std::string())};
}

core::Wish RandomValues::wish() {
    core::Wish w;
    w.attempt = flag();
    w.started = flag();
    w.priority = static_cast<std::int32_t>(small());
    w.section = small();
    w.tenant = text();
    for (std::size_t n = number(3); n != 0; --n) {
        w.claims.push_back({"name/" + std::to_string(n), 1 + small(), pick(ClaimScope::kRun)});
    }
    if (flag()) {
        w.lineage.push_back({RunId("parent"), small(), small()});
    }
    return w;
}

core::AdmissionState RandomValues::admission() {
    core::AdmissionState s;
    for (std::size_t n = number(20); n != 0; --n) {
        const core::TicketKey key{RunId("r" + std::to_string(number(8))), small()};
        (void)core::request(s, key);
        (void)core::set_capacity(s, small());
    }
    std::vector<core::AdmissionEvent> events;
    for (std::size_t n = flag() ? number(20) : 0; n != 0; --n) {
        const core::TicketKey key{RunId("r" + std::to_string(number(8))), small()};
        core::request(s, key, wish(), time(), events);
        core::set_limits(s, {{"name/1", 1 + small()}, {text() + "x", 1 + small()}}, time(), events);
    }
    return s;
}

}  // namespace slipway::test
