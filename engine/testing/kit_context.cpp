#include "engine/testing/kit_context.hpp"

#include <sys/stat.h>

#include <chrono>

#include "slipway/redact.hpp"
#include "slipway/testing/executor_conformance.hpp"

namespace slipway::testing {
namespace {

void say_outcome(Durable& durable, const std::string& where, const Outcome& outcome) {
    if (const auto* done = std::get_if<Succeeded>(&outcome)) {
        durable.say(where + "the output", done->output.bytes, done->output.sensitive);
    } else if (const auto* failed = std::get_if<Failed>(&outcome)) {
        durable.say(where + "the message of its failure", failed->failure.message);
        durable.say(where + "the detail of its failure", failed->failure.detail);
    } else if (const auto* wait = std::get_if<WaitFor>(&outcome)) {
        durable.say(where + "what a gate shows", wait->what.bytes, wait->what.sensitive);
    } else if (const auto* again = std::get_if<Redo>(&outcome)) {
        durable.say(where + "the reason of a redo", again->why);
    } else if (const auto* doubt = std::get_if<InDoubt>(&outcome)) {
        durable.say(where + "the reason of a doubt", doubt->why);
        durable.say(where + "the evidence of a doubt", doubt->evidence.bytes, doubt->evidence.sensitive);
    }
}

void say_verdict(Durable& durable, const Verdict& verdict) {
    if (const auto* finished = std::get_if<Finished>(&verdict)) {
        say_outcome(durable, "", finished->outcome);
    } else if (const auto* part = std::get_if<Partial>(&verdict)) {
        durable.say("the reason of a redo", part->why);
    } else if (const auto* doubt = std::get_if<InDoubt>(&verdict)) {
        say_outcome(durable, "", Outcome{*doubt});
    }
}

}  // namespace

KitContext::KitContext(std::shared_ptr<HostLife> life, AttemptInfo info, Mode mode)
    : life_(std::move(life)), info_(std::move(info)), mode_(mode) {}

Error KitContext::stale() const {
    return usage_error(ErrorCode::kStaleFence, "attempt " + std::to_string(info_.fence) + " is over");
}

Result<void> KitContext::enter(const std::string& boundary) {
    {
        const std::lock_guard lock(mutex_);
        if (!open_ || answer_) {
            return stale();
        }
    }
    if (!life_->pass(boundary)) {
        return stale();
    }
    return {};
}

Result<void> KitContext::keep(Evidence evidence) {
    std::string name;
    std::function<void()> then;
    {
        const std::lock_guard lock(mutex_);
        ++records_;
        name = "record " + std::to_string(records_) + " (" + evidence.kind + ")";
        if (records_ == close_at_record_) {
            open_ = false;
            then = std::move(then_);
        }
        refused_ += !open_ || answer_ ? 1 : 0;
    }
    if (then) {
        then();
    }
    if (refused_records() > 0) {
        return stale();
    }
    if (!life_->pass("before " + name)) {
        return stale();
    }
    life_->durable().say("evidence \"" + evidence.kind + "\"", evidence.data.bytes, evidence.data.sensitive);
    {
        const std::lock_guard lock(life_->durable().mutex);
        life_->durable().evidence.push_back(std::move(evidence));
    }
    if (!life_->pass("after " + name)) {
        return stale();
    }
    return {};
}

void KitContext::record(Evidence evidence, std::function<void(Result<void>)> then) {
    auto kept = keep(std::move(evidence));
    if (!then) {
        return;
    }
    life_->post([self = shared_from_this(), then = std::move(then), kept = std::move(kept)] {
        try {
            then(kept);
        } catch (const HostDied&) {
            throw;
        } catch (...) {
            self->life_->durable().threw("what was to follow a record");
        }
    });
}

Result<void> KitContext::record_and_wait(Evidence evidence) {
    if (life_->on_engine_thread()) {
        return usage_error(ErrorCode::kRefused, "record_and_wait would block the engine's own thread");
    }
    return keep(std::move(evidence));
}

void KitContext::answer(Verdict verdict) {
    {
        const std::lock_guard lock(mutex_);
        ++reports_;
        if (!open_ || answer_) {
            return;
        }
        lost_ = verdict;
    }
    if (!life_->pass(mode_ == Mode::kReconcile ? "before the verdict" : "before the report")) {
        return;
    }
    say_verdict(life_->durable(), verdict);
    const std::lock_guard lock(mutex_);
    answer_ = std::move(verdict);
    changed_.notify_all();
}

void KitContext::finish(Outcome outcome) {
    answer(Finished{std::move(outcome)});
}

void KitContext::reconciled(Verdict verdict) {
    if (mode_ == Mode::kReconcile) {
        answer(std::move(verdict));
    }
}

bool KitContext::cancelled() const {
    return !life_->is_alive() || cancelled_;
}

TimeMs KitContext::now_ms() const {
    return life_->durable().clock.now_ms();
}

Result<std::string> KitContext::scratch_dir() {
    if (auto entered = enter("scratch_dir"); !entered) {
        return entered.error();
    }
    const auto path = life_->durable().scratch + "/" + info_.idempotency_key.substr(0, 16);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return environment_error(ErrorCode::kIo, "cannot make " + path);
    }
    return path;
}

void KitContext::log(LogLevel, std::string_view line) {
    // A host blots out what it handed out; a piece of a secret in one line is not seen by it.
    Redactor redactor;
    redactor.add(life_->durable().secret);
    life_->durable().say("a line of the log", redactor.redact(line));
    {
        const std::lock_guard lock(life_->durable().mutex);
        life_->durable().log_bytes += line.size();
    }
    (void)life_->is_alive();
}

void KitContext::progress(Progress progress) {
    Redactor redactor;
    redactor.add(life_->durable().secret);
    life_->durable().say("its progress", redactor.redact(progress.text));
    (void)life_->is_alive();
}

Result<std::string> KitContext::secret(std::string_view reference) {
    if (auto entered = enter("secret"); !entered) {
        return entered.error();
    }
    if (reference != kKitSecret) {
        return usage_error(ErrorCode::kNotFound, "the kit has no secret " + std::string(reference));
    }
    const std::lock_guard lock(life_->durable().mutex);
    life_->durable().secret_asked = true;
    return life_->durable().secret;
}

Result<Digest> KitContext::put_blob(const Payload& content) {
    if (auto entered = enter("put_blob"); !entered) {
        return entered.error();
    }
    life_->durable().say("a blob", content.bytes, content.sensitive);
    const auto digest = sha256(content.bytes);
    const std::lock_guard lock(life_->durable().mutex);
    life_->durable().blobs[digest] = content;
    return digest;
}

Result<Payload> KitContext::get_blob(const Digest& digest) {
    (void)life_->is_alive();
    const std::lock_guard lock(life_->durable().mutex);
    const auto found = life_->durable().blobs.find(digest);
    if (found == life_->durable().blobs.end()) {
        return usage_error(ErrorCode::kNotFound, "no blob " + digest.hex());
    }
    return found->second;
}

void KitContext::run_blocking(std::function<void()> work) {
    life_->run([self = shared_from_this(), work = std::move(work)] {
        try {
            work();
        } catch (const HostDied&) {
            throw;
        } catch (...) {
            self->fail(self->mode_ == Mode::kReconcile ? "reconcile, in the pool" : "start, in the pool");
        }
    });
}

void KitContext::set_cancelled() {
    cancelled_ = true;
}

void KitContext::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
}

void KitContext::close_at_record(int number, std::function<void()> then) {
    const std::lock_guard lock(mutex_);
    close_at_record_ = number;
    then_ = std::move(then);
}

int KitContext::refused_records() {
    const std::lock_guard lock(mutex_);
    return refused_;
}

void KitContext::fail(const std::string& where) {
    life_->durable().threw(where);
    if (mode_ == Mode::kReconcile) {
        return answer(InDoubt{"the executor threw", {}});
    }
    StepFailure failure;
    failure.message = "the executor threw";
    answer(Finished{Failed{std::move(failure)}});
}

std::optional<Verdict> KitContext::wait(DurationMs timeout_ms) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    std::unique_lock lock(mutex_);
    while (!answer_ && std::chrono::steady_clock::now() < until) {
        changed_.wait_for(lock, std::chrono::milliseconds(5));
        lock.unlock();
        const bool dead = life_->wait_for_death(0);
        lock.lock();
        if (dead) {
            break;
        }
    }
    return answer_;
}

std::optional<Verdict> KitContext::lost() {
    const std::lock_guard lock(mutex_);
    return lost_;
}

int KitContext::reports() {
    const std::lock_guard lock(mutex_);
    return reports_;
}

}  // namespace slipway::testing
