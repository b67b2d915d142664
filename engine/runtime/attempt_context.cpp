#include "engine/runtime/attempt_context.hpp"

#include <algorithm>

#include "engine/codec/context.hpp"
#include "engine/codec/workflow_codec.hpp"
#include "engine/runtime/reply.hpp"

namespace slipway::runtime {
namespace {

// An approval is bound to this; the core cannot hash.
Digest shown_by(const Outcome& outcome) {
    const auto* wait = std::get_if<WaitFor>(&outcome);
    return wait != nullptr && wait->kind == WaitKind::kGate ? sha256(wait->what.bytes) : Digest{};
}

Digest shown_by(const Verdict& verdict) {
    const auto* finished = std::get_if<Finished>(&verdict);
    return finished != nullptr ? shown_by(finished->outcome) : Digest{};
}

// A child run is found again by its id: it has to follow from the parent's and the key, and from no other
// pair of them, whatever their length.
RunId child_id(const AttemptInfo& parent, const std::string& key) {
    constexpr std::size_t kIdMax = 200;
    const auto& step = parent.step.str();
    std::string id = parent.run.str() + "/" + step + "/" + std::to_string(parent.round) + "/" + key;
    const bool plain = (step + key).find('/') == std::string::npos;
    const auto parts = std::to_string(step.size()) + ":" + std::to_string(key.size()) + ":" + id;
    return RunId(plain && id.size() <= kIdMax ? id : "child/" + sha256(parts).hex());
}

void name_children(const AttemptInfo& parent, Outcome& outcome) {
    if (auto* wait = std::get_if<WaitFor>(&outcome); wait != nullptr && wait->kind == WaitKind::kChildRuns) {
        for (auto& child : wait->children) {
            child.run = child_id(parent, child.key);
        }
    }
}

bool has_sensitive_child(const WaitFor& wait) {
    return std::any_of(wait.children.begin(), wait.children.end(),
                       [](const ChildRun& child) { return child.input.sensitive; });
}

// Without a key nothing sensitive may rest anywhere: what cannot be kept is said so instead.
void refuse_sensitive(Outcome& outcome) {
    const auto* succeeded = std::get_if<Succeeded>(&outcome);
    const auto* wait = std::get_if<WaitFor>(&outcome);
    if ((succeeded != nullptr && succeeded->output.sensitive) ||
        (wait != nullptr && (wait->what.sensitive || has_sensitive_child(*wait)))) {
        StepFailure failure;
        failure.message = "the step acted, but its result is sensitive and there is no key to store it with";
        failure.detail = "set EngineOptions::keys, then settle the step";
        outcome = Failed{std::move(failure)};
    } else if (auto* doubt = std::get_if<InDoubt>(&outcome); doubt != nullptr && doubt->evidence.sensitive) {
        doubt->evidence = Payload{};
    }
}

void refuse_sensitive(Verdict& verdict) {
    if (auto* finished = std::get_if<Finished>(&verdict)) {
        refuse_sensitive(finished->outcome);
    } else if (auto* doubt = std::get_if<InDoubt>(&verdict); doubt != nullptr && doubt->evidence.sensitive) {
        doubt->evidence = Payload{};
    }
}

using Redact = std::function<std::string(std::string_view)>;

// Texts of executors quote what tools and servers said.
void redact_texts(const Redact& redact, Outcome& outcome) {
    if (auto* failed = std::get_if<Failed>(&outcome)) {
        failed->failure.message = redact(failed->failure.message);
        failed->failure.detail = redact(failed->failure.detail);
    } else if (auto* doubt = std::get_if<InDoubt>(&outcome)) {
        doubt->why = redact(doubt->why);
    } else if (auto* redo = std::get_if<Redo>(&outcome)) {
        redo->why = redact(redo->why);
    }
}

void redact_texts(const Redact& redact, Verdict& verdict) {
    if (auto* finished = std::get_if<Finished>(&verdict)) {
        redact_texts(redact, finished->outcome);
    } else if (auto* doubt = std::get_if<InDoubt>(&verdict)) {
        doubt->why = redact(doubt->why);
    } else if (auto* partial = std::get_if<Partial>(&verdict)) {
        partial->why = redact(partial->why);
    }
}

}  // namespace

LiveAttempt::LiveAttempt(std::shared_ptr<AttemptServices> services, std::shared_ptr<Executor> executor,
                         AttemptInfo info, StepIndex step, AttemptMode mode)
    : services_(std::move(services)),
      executor_(std::move(executor)),
      info_(std::move(info)),
      step_(step),
      mode_(mode) {}

const AttemptInfo& LiveAttempt::info() const {
    std::call_once(key_made_, [this] {
        info_.idempotency_key = codec::idempotency_key(info_.run, info_.step, info_.round, info_.undo);
    });
    return info_;
}

Error LiveAttempt::stale() const {
    return usage_error(ErrorCode::kStaleFence,
                       "attempt " + std::to_string(info_.attempt) + " of " + info_.run.str() + "/" +
                           info_.step.str() + " has ended (fence " + std::to_string(info_.fence) + ")",
                       "stop acting; whatever was done will be reconciled");
}

void LiveAttempt::post(core::Input input, Ack done) {
    services_->inbox.post(Deliver{info_.run, std::move(input), std::move(done)});
}

// It is called on the engine's thread, which nothing may end that an executor's author throws.
Ack LiveAttempt::shielded(Ack then) {
    return [self = shared_from_this(), then = std::move(then)](Result<void> result) {
        try {
            if (then) {
                then(std::move(result));
            }
        } catch (...) {
            self->log(LogLevel::kError, "what was to follow a record threw");
        }
    };
}

// Whoever puts a secret into what is kept may forget to say so: it is sealed all the same.
void LiveAttempt::classify(Payload& payload) const {
    payload.sensitive = payload.sensitive || services_->holds_secret(payload.bytes);
}

/// A workflow that is changed is another one: what says so itself is sealed, what does not cannot be.
bool LiveAttempt::tells_secret(const WaitFor& wait) const {
    const auto tells = [this](const std::string& text) { return services_->holds_secret(text); };
    return std::any_of(wait.children.begin(), wait.children.end(), [&](const ChildRun& child) {
        const auto of_label = [&](const auto& label) { return tells(label.first) || tells(label.second); };
        if (child.workflow.empty()) {
            return false;  // it is refused as it is
        }
        const auto& spec = child.workflow.spec();
        return tells(child.key) || std::any_of(child.labels.begin(), child.labels.end(), of_label) ||
               std::any_of(spec.labels.begin(), spec.labels.end(), of_label) ||
               std::any_of(spec.steps.begin(), spec.steps.end(), [&](const StepSpec& step) {
                   return !step.input.sensitive && tells(step.input.bytes);
               });
    });
}

void LiveAttempt::classify(Outcome& outcome) const {
    if (auto* succeeded = std::get_if<Succeeded>(&outcome)) {
        classify(succeeded->output);
    } else if (auto* wait = std::get_if<WaitFor>(&outcome)) {
        classify(wait->what);
        for (auto& child : wait->children) {
            classify(child.input);
        }
        if (tells_secret(*wait)) {
            StepFailure failure;
            failure.failure_class = FailureClass::kAuthoring;
            failure.message =
                "a secret stands in the workflow, the labels or the key of a child run, which cannot be "
                "sealed";
            failure.detail = "name it by its reference, or put it into the child run's input";
            outcome = Failed{std::move(failure)};
        }
    } else if (auto* doubt = std::get_if<InDoubt>(&outcome)) {
        classify(doubt->evidence);
    }
}

void LiveAttempt::record(Evidence evidence, std::function<void(Result<void>)> callback) {
    auto then = shielded(std::move(callback));
    classify(evidence.data);
    if (!open_ || answered_) {
        then(stale());
        return;
    }
    if (evidence.data.sensitive && services_->sealer == nullptr) {
        then(usage_error(ErrorCode::kKey, "sensitive evidence needs a key to be stored with",
                         "set EngineOptions::keys"));
        return;
    }
    post(core::EvidenceReported{step_, info_.fence, std::move(evidence)}, std::move(then));
}

Result<void> LiveAttempt::record_and_wait(Evidence evidence) {
    if (services_->inbox.on_engine_thread()) {
        return usage_error(ErrorCode::kRefused, "record_and_wait would block the engine's own thread",
                           "use record()");
    }
    auto reply = std::make_shared<Reply<void>>();
    record(std::move(evidence), [reply](Result<void> result) { reply->set(std::move(result)); });
    return reply->get();
}

bool LiveAttempt::take_answer() {
    if (open_ && !answered_.exchange(true)) {
        return true;
    }
    log(LogLevel::kWarning, "a late or second report of this attempt was ignored");
    return false;
}

void LiveAttempt::finish(Outcome outcome) {
    if (mode_ == AttemptMode::kReconcile) {
        reconciled(Finished{std::move(outcome)});
    } else if (take_answer()) {
        classify(outcome);
        if (services_->sealer == nullptr) {
            refuse_sensitive(outcome);
        }
        redact_texts(services_->redact, outcome);
        name_children(info_, outcome);
        const auto shown = shown_by(outcome);
        post(core::AttemptReported{step_, info_.fence, std::move(outcome), shown}, {});
    }
}

void LiveAttempt::reconciled(Verdict verdict) {
    if (mode_ != AttemptMode::kReconcile) {
        log(LogLevel::kWarning, "nobody asked for a reconciliation of this attempt; ignored");
    } else if (take_answer()) {
        if (auto* finished = std::get_if<Finished>(&verdict)) {
            classify(finished->outcome);
            name_children(info_, finished->outcome);
        } else if (auto* doubt = std::get_if<InDoubt>(&verdict)) {
            classify(doubt->evidence);
        }
        if (services_->sealer == nullptr) {
            refuse_sensitive(verdict);
        }
        redact_texts(services_->redact, verdict);
        const auto shown = shown_by(verdict);
        post(core::AttemptReconciled{step_, info_.fence, std::move(verdict), shown}, {});
    }
}

void LiveAttempt::fail(const std::string& what) {
    if (mode_ == AttemptMode::kReconcile) {
        reconciled(InDoubt{"the executor failed while it reconciled: " + what, {}});
    } else {
        StepFailure failure;
        failure.message = "the executor threw: " + what;
        finish(Failed{std::move(failure)});
    }
}

void LiveAttempt::give_up_reconciling() {
    if (open_ && !answered_.exchange(true)) {
        post(
            core::AttemptReconciled{
                step_, info_.fence, InDoubt{"its executor did not say in time what became of it", {}}, {}},
            {});
    }
}

TimeMs LiveAttempt::now_ms() const {
    return services_->clock->now_ms();
}

Result<std::string> LiveAttempt::scratch_dir() {
    if (!open_) {
        return stale();
    }
    return services_->scratch->make(info().idempotency_key);
}

void LiveAttempt::log(LogLevel level, std::string_view line) {
    if (services_->publisher->wanted()) {
        services_->publisher->log(
            {info_.run, info_.step, info_.round, info_.attempt, level, services_->redact(line)});
    }
}

void LiveAttempt::progress(Progress progress) {
    if (open_ && services_->publisher->wanted()) {
        progress.text = services_->redact(progress.text);
        services_->publisher->progress(info_.run, info_.step, std::move(progress));
    }
}

Result<std::string> LiveAttempt::secret(std::string_view reference) {
    if (!open_) {
        return stale();
    }
    // What a host's provider throws may quote the value: it is not passed on.
    try {
        auto value = services_->secrets->resolve(reference);
        if (value) {
            services_->learn_secret(*value);
        }
        return value;
    } catch (...) {
        return environment_error(ErrorCode::kInternal, "the secret provider threw an exception");
    }
}

Result<Digest> LiveAttempt::put_blob(const Payload& given) {
    if (!open_) {
        return stale();
    }
    Payload content = given;
    classify(content);
    const BlobsInUse::Putting putting(services_->blobs);
    SLIPWAY_TRY(const auto blob, codec::make_blob(content, {services_->sealer.get(), nullptr}));
    services_->blobs.hold(blob.digest);
    {
        const std::lock_guard lock(blobs_mutex_);
        blobs_.push_back(blob.digest);
    }
    if (!open_) {
        let_go_blobs();  // it ended meanwhile: nobody would
        return stale();
    }
    SLIPWAY_CHECK(services_->store->put_blob(blob));
    return blob.digest;
}

void LiveAttempt::let_go_blobs() {
    std::vector<Digest> blobs;
    {
        const std::lock_guard lock(blobs_mutex_);
        blobs.swap(blobs_);
    }
    if (!blobs.empty()) {
        services_->blobs.let_go(blobs);
    }
}

Result<Payload> LiveAttempt::get_blob(const Digest& digest) {
    SLIPWAY_TRY(const auto stored, services_->store->get_blob(digest));
    if (!stored) {
        return usage_error(ErrorCode::kNotFound, "no blob " + digest.hex());
    }
    return codec::open_blob(digest, *stored, {services_->sealer.get(), {}});
}

void LiveAttempt::run_blocking(std::function<void()> work) {
    // Holding the attempt holds its executor, which `work` usually points to.
    ++queued_;
    services_->pool->post([self = shared_from_this(), work = std::move(work)] { self->run_queued(work); });
}

// Work that waited may have lost its attempt: another one may hold the fence, and must be the only one to
// act.
void LiveAttempt::run_queued(const std::function<void()>& work) {
    begun_ms_ = services_->clock->now_ms();
    --queued_;
    if (open_ && !answered_) {
        guarded(*this, work);
    }
}

void guarded(LiveAttempt& attempt, const std::function<void()>& body) {
    try {
        body();
    } catch (const std::exception& e) {
        attempt.fail(e.what());
    } catch (...) {
        attempt.fail("something that is no std::exception");
    }
}

}  // namespace slipway::runtime
