#include "engine/testing/rig.hpp"

namespace slipway::testing {
namespace {

constexpr int kAttemptsMax = 4;

std::string shortened(const std::string& text) {
    constexpr std::size_t kMax = 160;
    return text.size() <= kMax ? text : text.substr(0, kMax) + "…";
}

std::string words_of(const Outcome& outcome) {
    if (std::holds_alternative<Succeeded>(outcome)) {
        return "succeeded";
    }
    if (const auto* failed = std::get_if<Failed>(&outcome)) {
        return "failed (" + std::string(to_string(failed->failure.failure_class)) + ": " +
               shortened(failed->failure.message) + ")";
    }
    if (const auto* doubt = std::get_if<InDoubt>(&outcome)) {
        return "in doubt (" + shortened(doubt->why) + ")";
    }
    return std::holds_alternative<Redo>(outcome) ? "redo" : "waits";
}

bool worth_a_retry(const Outcome& outcome) {
    const auto* failed = std::get_if<Failed>(&outcome);
    return failed != nullptr && (failed->failure.failure_class == FailureClass::kTransient ||
                                 failed->failure.failure_class == FailureClass::kCrashed);
}

// What resolves the wait, at once.
Resolution resolved(const WaitFor& wait) {
    Resolution resolution;
    resolution.kind = wait.kind;
    resolution.name = wait.gate;
    return resolution;
}

}  // namespace

std::string words_of(const Verdict& verdict) {
    if (const auto* finished = std::get_if<Finished>(&verdict)) {
        return words_of(finished->outcome);
    }
    if (const auto* doubt = std::get_if<InDoubt>(&verdict)) {
        return words_of(Outcome{*doubt});
    }
    if (std::holds_alternative<NotStarted>(verdict)) {
        return "not started";
    }
    return std::holds_alternative<StillRunning>(verdict) ? "still running" : "partial";
}

Rig::Rig(std::unique_ptr<ExecutorFixture> fixture, Tally& tally)
    : fixture_(std::move(fixture)), tally_(tally), durable_(std::make_shared<Durable>()) {
    open();
    traits_ = executor_->traits();
    info_.run = RunId{"kit"};
    info_.step = StepId{"step"};
    info_.kind = traits_.kind;
    info_.kind_version = traits_.version;
    info_.idempotency_key = sha256("kit/step/1").hex();
    info_.attempt = 0;
}

Rig::~Rig() {
    fixture_->release(durable_->scratch);
    crash();
    for (const auto& [life, executor] : lingering_) {
        life->end();
    }
    lingering_.clear();
    fixture_->tidy(durable_->scratch);
    tally_.take(*durable_);
}

void Rig::open() {
    life_ = std::make_shared<HostLife>(durable_);
    executor_ = fixture_->make();
}

bool Rig::crash() {
    life_->die();
    const bool stopped = life_->drain(patience());
    if (stopped) {
        life_->end();
    } else {
        lingering_.emplace_back(life_, executor_);
    }
    executor_.reset();
    return stopped;
}

void Rig::next_attempt(const Payload& input) {
    ++info_.attempt;
    ++info_.fence;
    info_.input = input;
    const auto blobs = fixture_->blobs();
    const std::lock_guard lock(durable_->mutex);
    durable_->evidence.clear();
    for (const auto& blob : blobs) {
        durable_->blobs[sha256(blob.bytes)] = blob;
    }
}

std::shared_ptr<KitContext> Rig::context(KitContext::Mode mode) {
    return std::make_shared<KitContext>(life_, info_, mode);
}

void Rig::guarded(const std::string& where, const std::shared_ptr<KitContext>& context,
                  const std::function<void()>& call) {
    try {
        call();
    } catch (...) {
        context->fail(where);
    }
}

void Rig::start(const std::shared_ptr<KitContext>& context) {
    guarded("start", context, [&] { executor_->start(context); });
}

void Rig::undo(const std::shared_ptr<KitContext>& context, const Payload& output) {
    guarded("undo", context, [&] { executor_->undo(context, output); });
}

std::shared_ptr<KitContext> Rig::start(const Payload& input) {
    next_attempt(input);
    auto made = context(KitContext::Mode::kAct);
    start(made);
    return made;
}

void Rig::cancel(const std::shared_ptr<KitContext>& context, CancelMode mode) {
    context->set_cancelled();
    try {
        executor_->cancel(context->info(), mode);
    } catch (...) {
        durable_->threw("cancel");
    }
}

Ending Rig::follow(const std::shared_ptr<KitContext>& context) {
    const auto verdict = context->wait(patience());
    return verdict ? rest(*verdict, 1) : Ending{};
}

// What the engine makes of a verdict: the next attempt, or the end.
Ending Rig::rest(const Verdict& verdict, int attempts) {
    using What = Ending::What;
    const auto* finished = std::get_if<Finished>(&verdict);
    const auto* wait = finished == nullptr ? nullptr : std::get_if<WaitFor>(&finished->outcome);
    const auto* part = std::get_if<Partial>(&verdict);
    const bool again = std::holds_alternative<NotStarted>(verdict) || wait != nullptr ||
                       (part != nullptr && part->goes_on) ||
                       (finished != nullptr && worth_a_retry(finished->outcome));
    if (again && attempts < kAttemptsMax) {
        if (wait != nullptr) {
            info_.resolutions.push_back(resolved(*wait));
        }
        const auto next = start(Payload(info_.input));
        const auto answer = next->wait(patience());
        return answer ? rest(*answer, attempts + 1) : Ending{};
    }
    What what = What::kFailed;
    if (std::holds_alternative<StillRunning>(verdict)) {
        what = What::kSilent;
    } else if (std::holds_alternative<Partial>(verdict) ||
               (finished != nullptr && std::holds_alternative<Redo>(finished->outcome))) {
        what = What::kRedo;
    } else if (finished == nullptr || std::holds_alternative<InDoubt>(finished->outcome)) {
        what = std::holds_alternative<NotStarted>(verdict) ? What::kFailed : What::kInDoubt;
    } else if (std::holds_alternative<Succeeded>(finished->outcome)) {
        what = What::kSucceeded;
    }
    return {what, words_of(verdict), {}};
}

std::optional<Verdict> Rig::ask() {
    const auto asked = context(KitContext::Mode::kReconcile);
    std::vector<Evidence> evidence;
    {
        const std::lock_guard lock(durable_->mutex);
        evidence = durable_->evidence;
    }
    guarded("reconcile", asked, [&] { executor_->reconcile(asked, evidence); });
    auto answer = asked->wait(patience());
    return answer ? answer : asked->lost();
}

Ending Rig::recover(const std::function<void()>& asked) {
    const auto verdict = ask();
    if (asked) {
        asked();
    }
    if (!verdict) {
        return {};
    }
    Ending ending;
    if (std::holds_alternative<StillRunning>(*verdict)) {
        const auto taken = context(KitContext::Mode::kAct);
        std::vector<Evidence> evidence;
        {
            const std::lock_guard lock(durable_->mutex);
            evidence = durable_->evidence;
        }
        guarded("attach", taken, [&] { executor_->attach(taken, evidence); });
        ending = follow(taken);
    } else {
        ending = rest(*verdict, 1);
    }
    ending.verdict = words_of(*verdict);
    return ending;
}

}  // namespace slipway::testing
