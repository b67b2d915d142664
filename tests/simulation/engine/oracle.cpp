#include "tests/simulation/engine/oracle.hpp"

#include "engine/codec/event_codec.hpp"
#include "engine/codec/pack.hpp"
#include "engine/codec/workflow_codec.hpp"

namespace slipway::simulation {
namespace {

[[noreturn]] void broken(const char* promise, const RunId& run, const std::string& what) {
    throw Violation(std::string(promise) + ": run " + run.str() + ": " + what);
}

std::string name(const Workflow& workflow, StepIndex step) {
    return "step " + workflow.step(step).id.str();
}

}  // namespace

void Oracle::committed(const Commit& commit) {
    for (const auto& blob : commit.blobs) {
        blobs_.emplace(blob.digest, blob.bytes);
    }
    codec::DecodeContext context;
    context.load_blob = [this](const Digest& digest) { return Result<std::string>(blobs_.at(digest)); };
    for (const auto& slice : commit.runs) {
        const auto events = codec::decode_slice(slice.run, slice.bytes, context);
        if (!events) {
            broken("G1", slice.run, "a slice was committed that does not decode: " + events.error().message);
        }
        trace_ = trace_ * 0x100000001b3ULL + codec::crc32c(slice.bytes);
        auto& run = runs_[slice.run];
        for (const auto& e : *events) {
            event(slice.run, run, e);
            children_.note(slice.run, e);
        }
        sizes_[slice.run] = run.seq;
    }
    check_limit();
    if (const auto wrong = children_.check(); !wrong.empty()) {
        throw Violation("G5: " + wrong);
    }
}

Workflow Oracle::workflow_of(const Digest& digest) const {
    codec::DecodeContext context;
    const auto workflow = codec::decode_workflow(digest, blobs_.at(digest), context);
    if (!workflow) {
        throw Violation("G1: a workflow was committed that does not decode: " + workflow.error().message);
    }
    return *workflow;
}

void Oracle::event(const RunId& id, Run& run, const Event& event) {
    ++events_;
    if (event.seq != run.seq + 1) {
        broken("G1", id, "event " + std::to_string(event.seq) + " follows " + std::to_string(run.seq));
    }
    if (run.final) {
        broken("G2", id, std::string(event_name(event.body)) + " although the run has ended");
    }
    run.seq = event.seq;
    if (const auto* started = std::get_if<RunStarted>(&event.body)) {
        run.workflow = workflow_of(started->workflow);
        run.steps.resize(run.workflow.size());
    } else if (const auto* attempt = std::get_if<AttemptStarted>(&event.body)) {
        attempt_started(id, run, *attempt);
    } else if (const auto* ended = std::get_if<RunFinished>(&event.body)) {
        run.final = true;
        for (StepIndex i = 0; i < run.steps.size(); ++i) {
            if (run.steps[i].running) {
                broken("G6", id, "it ended while " + name(run.workflow, i) + " was running");
            }
        }
        static_cast<void>(ended);
    } else if (const auto* opened = std::get_if<RoundOpened>(&event.body)) {
        for (const auto step : opened->steps) {
            auto& s = run.steps[step];
            if (s.running) {
                broken("G3", id, "a new round of " + name(run.workflow, step) + " while it was running");
            }
            s.done = false;
            s.output.clear();
            ++s.round;
        }
    } else if (const auto* decision = std::get_if<GateDecided>(&event.body)) {
        decided(id, run, *decision);
    } else if (const auto* success = std::get_if<StepSucceeded>(&event.body)) {
        succeeded(id, run, *success);
    } else {
        left_running(run, event.body);
    }
}

void Oracle::attempt_started(const RunId& id, Run& run, const AttemptStarted& e) {
    auto& s = run.steps[e.step];
    if (s.running) {
        broken("G3", id, "a second live attempt of " + name(run.workflow, e.step));
    }
    if (e.fence <= s.fence) {
        broken("G3", id, "the fence of " + name(run.workflow, e.step) + " did not grow");
    }
    if (e.round != s.round) {
        broken("G3", id, name(run.workflow, e.step) + " started in another round than it stands in");
    }
    for (const auto dependency : run.workflow.dependencies(e.step)) {
        if (!run.steps[dependency].done) {
            broken("G2", id,
                   name(run.workflow, e.step) + " started before " + name(run.workflow, dependency));
        }
    }
    s.running = true;
    s.done = false;
    s.fence = e.fence;
}

void Oracle::succeeded(const RunId& id, Run& run, const StepSucceeded& e) {
    auto& s = run.steps[e.step];
    const auto& text = e.output.bytes;
    const bool by_attempt = s.running && !s.settled_by_hand;
    if (by_attempt && text.rfind("fence " + std::to_string(s.fence) + ";", 0) != 0) {
        broken("G3", id, name(run.workflow, e.step) + ": a report of another attempt was taken: " + text);
    }
    s.running = false;
    s.settled_by_hand = false;
    s.done = true;
    s.output = text;
}

// An approval is bound to what the step before it put out in this round.
void Oracle::decided(const RunId& id, Run& run, const GateDecided& e) {
    const auto& s = run.steps[e.step];
    if (e.decision != Decision::kApprove || run.workflow.step(e.step).type != StepType::kGate) {
        return;
    }
    if (e.round != s.round || e.shown != s.shown) {
        broken("G7", id,
               "an approval of " + name(run.workflow, e.step) + " for something else than it shows");
    }
    std::string shown;
    for (const auto dependency : run.workflow.dependencies(e.step)) {
        shown += run.steps[dependency].output;
    }
    if (!shown.empty() && sha256(shown) != e.shown) {
        broken("G7", id, name(run.workflow, e.step) + " was approved for an output of another round");
    }
}

void Oracle::left_running(Run& run, const EventBody& body) {
    const auto step = event_step(body);
    if (step == kNoStep) {
        return;
    }
    auto& s = run.steps[step];
    if (const auto* waiting = std::get_if<StepWaiting>(&body)) {
        s.running = false;
        s.shown = waiting->shown;
    } else if (std::holds_alternative<StepSkipped>(body)) {
        s.running = false;
        s.done = true;
    } else if (std::holds_alternative<StepSettled>(body)) {
        s.settled_by_hand = true;
    } else if (std::holds_alternative<StepFailed>(body) || std::holds_alternative<StepBackingOff>(body) ||
               std::holds_alternative<StepCancelled>(body) || std::holds_alternative<StepInDoubt>(body) ||
               std::holds_alternative<AttemptVoided>(body) || std::holds_alternative<ChildrenAsked>(body)) {
        s.running = false;
        s.settled_by_hand = false;
    }
}

void Oracle::check_limit() const {
    std::uint32_t running = 0;
    for (const auto& [id, run] : runs_) {
        for (const auto& step : run.steps) {
            running += step.running ? 1U : 0U;
        }
    }
    if (running > capacity_) {
        throw Violation("G9: " + std::to_string(running) + " attempts live at once, the limit is " +
                        std::to_string(capacity_));
    }
}

void Oracle::acts(const RunId& run, const StepId& step, Fence fence) {
    const auto found = runs_.find(run);
    const auto index = found == runs_.end() ? std::nullopt : found->second.workflow.find(step);
    if (!index || !found->second.steps[*index].running || found->second.steps[*index].fence != fence) {
        broken("G2", run, "an executor was told to act on " + step.str() + " before that was durable");
    }
    if (!told_.insert({run, step, fence}).second) {
        broken("G3", run, "one attempt of " + step.str() + " was started twice");
    }
}

void Oracle::acknowledged(const RunId& run) {
    if (!runs_.contains(run)) {
        broken("G1", run, "its start was acknowledged, and it is not durable");
    }
}

void Oracle::recovered(const RunId& run, EventSeq seq) const {
    const auto found = sizes_.find(run);
    if (found == sizes_.end() || seq != found->second) {
        broken("G1", run,
               "after a restart it stands at event " + std::to_string(seq) + ", durable were " +
                   std::to_string(found == sizes_.end() ? 0 : found->second));
    }
}

}  // namespace slipway::simulation
