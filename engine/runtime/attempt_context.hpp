// An attempt's line to the engine: what an executor holds while it acts.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "engine/runtime/blobs_in_use.hpp"
#include "engine/runtime/inbox.hpp"
#include "engine/runtime/pool.hpp"
#include "engine/runtime/publisher.hpp"
#include "engine/runtime/scratch.hpp"
#include "slipway/engine.hpp"

namespace slipway::runtime {

/// What attempts need of the engine. Shared: an executor may hold its context longer than the engine lives.
struct AttemptServices {
    Inbox inbox;
    std::shared_ptr<Publisher> publisher;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<SecretProvider> secrets;
    std::shared_ptr<Store> store;
    std::unique_ptr<Sealer> sealer;  // none: nothing sensitive can be kept
    std::unique_ptr<Scratch> scratch;
    std::unique_ptr<Pool> pool;
    BlobsInUse blobs;
    std::unique_ptr<Pool> loader;                         // one thread: brings runs back into memory
    std::unique_ptr<Pool> housekeeper;                    // one thread: reads what nobody waits for
    std::function<std::string(std::string_view)> redact;  // of log lines
    std::function<bool(std::string_view)> holds_secret;   // a value that was handed out is in it
    std::function<void(std::string_view)> learn_secret;   // a value to blot out from now on
};

enum class AttemptMode : std::uint8_t { kAct = 1, kReconcile = 2 };

class LiveAttempt final : public AttemptContext, public std::enable_shared_from_this<LiveAttempt> {
public:
    LiveAttempt(std::shared_ptr<AttemptServices> services, std::shared_ptr<Executor> executor,
                AttemptInfo info, StepIndex step, AttemptMode mode);
    ~LiveAttempt() override { let_go_blobs(); }
    LiveAttempt(const LiveAttempt&) = delete;
    LiveAttempt& operator=(const LiveAttempt&) = delete;

    /// As executors see it: with the idempotency key, which is made when somebody asks first (a hash for each
    /// attempt shows when thousands start in one tick).
    const AttemptInfo& info() const override;
    const AttemptInfo& bare_info() const { return info_; }
    void record(Evidence evidence, std::function<void(Result<void>)> callback) override;
    Result<void> record_and_wait(Evidence evidence) override;
    void finish(Outcome outcome) override;
    void reconciled(Verdict verdict) override;
    bool cancelled() const override { return cancelled_.load(); }
    TimeMs now_ms() const override;
    Result<std::string> scratch_dir() override;
    void log(LogLevel level, std::string_view line) override;
    void progress(Progress progress) override;
    Result<std::string> secret(std::string_view reference) override;
    Result<Digest> put_blob(const Payload& given) override;
    Result<Payload> get_blob(const Digest& digest) override;
    void run_blocking(std::function<void()> work) override;

    Executor& executor() { return *executor_; }
    AttemptMode mode() const { return mode_; }
    /// Sets the flag that executors poll.
    void set_cancelled() { cancelled_ = true; }
    /// From now on every call is refused: the attempt ended, or another has its place.
    void close() {
        open_ = false;
        let_go_blobs();
    }
    /// Ends the attempt because an exception left the executor.
    void fail(const std::string& what);
    /// The executor did not answer in time: in doubt, unless it just did.
    void give_up_reconciling();
    /// What it wants the pool to do has not begun yet.
    bool is_queued() const { return queued_ > 0; }
    /// When the pool began with it; 0: it never had to wait for the pool.
    TimeMs begun_ms() const { return begun_ms_; }

private:
    bool take_answer();
    void let_go_blobs();
    void classify(Payload& payload) const;
    void classify(Outcome& outcome) const;
    bool tells_secret(const WaitFor& wait) const;
    Ack shielded(Ack then);
    void run_queued(const std::function<void()>& work);
    Error stale() const;
    void post(core::Input input, Ack done);

    std::shared_ptr<AttemptServices> services_;
    std::shared_ptr<Executor> executor_;
    mutable AttemptInfo info_;  // but for the key it never changes
    mutable std::once_flag key_made_;
    StepIndex step_;
    AttemptMode mode_;
    std::atomic<bool> open_{true};
    std::atomic<bool> answered_{false};
    std::atomic<bool> cancelled_{false};
    std::mutex blobs_mutex_;
    std::vector<Digest> blobs_;  // that it has put; under the mutex
    std::atomic<int> queued_{0};
    std::atomic<TimeMs> begun_ms_{0};
};

void set_up_redaction(AttemptServices& services);

/// Calls `body`; what it throws becomes the end of the attempt.
void guarded(LiveAttempt& attempt, const std::function<void()>& body);

}  // namespace slipway::runtime
