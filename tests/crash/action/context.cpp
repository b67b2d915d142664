#include "tests/crash/action/context.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace kit {

using namespace slipway;

namespace {

// The engine itself may be killed before or after its commit.
void crash_if(const char* name) {
    const char* wanted = std::getenv("SLIPWAY_CRASH_AT");
    if (wanted != nullptr && std::strcmp(wanted, name) == 0) {
        ::kill(::getpid(), SIGKILL);
    }
}

const char* name_of(FailureClass c) {
    switch (c) {
        case FailureClass::kTransient:
            return "transient";
        case FailureClass::kPermanent:
            return "permanent";
        case FailureClass::kTimeout:
            return "timeout";
        case FailureClass::kAuthoring:
            return "authoring";
        case FailureClass::kCancelled:
            return "cancelled";
        case FailureClass::kCrashed:
            return "crashed";
        default:
            return "other";
    }
}

}  // namespace

Context::Context(const std::string& folder, const std::string& input) : folder_(folder) {
    info_.run = RunId("run");
    info_.step = StepId("step");
    info_.kind = "action";
    info_.fence = 1;
    info_.idempotency_key = "idem";
    info_.input.bytes = input;
}

void Context::record(Evidence evidence, std::function<void(Result<void>)> then) {
    if (refuse_) {
        then(usage_error(ErrorCode::kStaleFence, "stale"));
        return;
    }
    crash_if("engine.before_commit");
    const std::string line = evidence.kind + "\t" + evidence.data.bytes + "\n";
    const int fd = ::open((folder_ + "/evidence").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const bool ok = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    ::close(fd);
    crash_if("engine.after_commit");
    then(ok ? Result<void>() : Result<void>(environment_error(ErrorCode::kIo, "evidence")));
}

Result<void> Context::record_and_wait(Evidence evidence) {
    Result<void> result;
    record(std::move(evidence), [&](Result<void> r) { result = std::move(r); });
    return result;
}

std::vector<Evidence> Context::evidence() const {
    std::vector<Evidence> out;
    std::ifstream in(folder_ + "/evidence");
    for (std::string line; std::getline(in, line);) {
        const auto tab = line.find('\t');
        out.push_back({line.substr(0, tab), {line.substr(tab + 1), false}});
    }
    return out;
}

void Context::finish(Outcome outcome) {
    const std::lock_guard lock(mutex_);
    if (!outcome_) {
        outcome_ = std::move(outcome);
    }
    changed_.notify_all();
}

void Context::reconciled(Verdict verdict) {
    const std::lock_guard lock(mutex_);
    if (!verdict_) {
        verdict_ = std::move(verdict);
    }
    changed_.notify_all();
}

TimeMs Context::now_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Result<std::string> Context::scratch_dir() {
    const std::string path = folder_ + "/scratch";
    ::mkdir(path.c_str(), 0700);
    return path;
}

void Context::log(LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex_);
    log_ += line;
    log_ += '\n';
}

Result<std::string> Context::secret(std::string_view reference) {
    if (reference == "env:T") {
        return std::string("t0p-s3cret");
    }
    return usage_error(ErrorCode::kNotFound, "no such secret: " + std::string(reference));
}

Result<Digest> Context::put_blob(const Payload&) {
    return usage_error(ErrorCode::kUnsupported, "no blobs here");
}
Result<Payload> Context::get_blob(const Digest&) {
    return usage_error(ErrorCode::kUnsupported, "no blobs here");
}

std::optional<Outcome> Context::outcome(int timeout_ms) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return outcome_.has_value(); });
    return outcome_;
}

std::optional<Verdict> Context::verdict(int timeout_ms) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return verdict_.has_value(); });
    return verdict_;
}

std::string Context::log_text() {
    const std::lock_guard lock(mutex_);
    return log_;
}

std::string to_text(const Outcome& outcome) {
    if (const auto* s = std::get_if<Succeeded>(&outcome)) {
        return "succeeded " + s->output.bytes;
    }
    if (const auto* f = std::get_if<Failed>(&outcome)) {
        return std::string("failed ") + name_of(f->failure.failure_class) + ": " + f->failure.message;
    }
    if (const auto* d = std::get_if<InDoubt>(&outcome)) {
        return "in_doubt " + d->why;
    }
    return "other";
}

std::string to_text(const Verdict& verdict) {
    if (const auto* f = std::get_if<Finished>(&verdict)) {
        return to_text(f->outcome);
    }
    if (std::holds_alternative<NotStarted>(verdict)) {
        return "not_started";
    }
    if (std::holds_alternative<StillRunning>(verdict)) {
        return "still_running";
    }
    if (const auto* d = std::get_if<InDoubt>(&verdict)) {
        return "in_doubt " + d->why;
    }
    return "partial";
}

}  // namespace kit
