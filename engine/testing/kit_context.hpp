// An attempt's line to a host of the kit. It behaves as the engine's own: the first report counts, nothing is
// taken once the fence is stale, evidence is durable before the executor hears of it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "engine/testing/host_life.hpp"

namespace slipway::testing {

class KitContext final : public AttemptContext, public std::enable_shared_from_this<KitContext> {
public:
    enum class Mode : std::uint8_t { kAct, kReconcile };
    KitContext(std::shared_ptr<HostLife> life, AttemptInfo info, Mode mode);

    const AttemptInfo& info() const override { return info_; }
    void record(Evidence evidence, std::function<void(Result<void>)> then) override;
    Result<void> record_and_wait(Evidence evidence) override;
    void finish(Outcome outcome) override;
    void reconciled(Verdict verdict) override;
    bool cancelled() const override;
    TimeMs now_ms() const override;
    Result<std::string> scratch_dir() override;
    void log(LogLevel level, std::string_view line) override;
    void progress(Progress progress) override;
    Result<std::string> secret(std::string_view reference) override;
    Result<Digest> put_blob(const Payload& content) override;
    Result<Payload> get_blob(const Digest& digest) override;
    void run_blocking(std::function<void()> work) override;

    void set_cancelled();
    /// From now on the attempt is over: everything is refused.
    void close();
    /// The attempt is over when it records for the `number`-th time (1: the first); `then` is called before
    /// the executor hears of it.
    void close_at_record(int number, std::function<void()> then = {});
    int refused_records();
    /// What an exception that left the executor makes of the attempt.
    void fail(const std::string& where);
    /// The answer, as a verdict: what finish() brought is Finished. Nothing: not in time, or the host died.
    std::optional<Verdict> wait(DurationMs timeout_ms);
    /// The verdict at which the host died.
    std::optional<Verdict> lost();
    int reports();

private:
    /// Ok: the call may go on.
    Result<void> enter(const std::string& boundary);
    Result<void> keep(Evidence evidence);
    Error stale() const;
    void answer(Verdict verdict);

    const std::shared_ptr<HostLife> life_;
    const AttemptInfo info_;
    const Mode mode_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
    std::atomic<bool> cancelled_{false};
    int close_at_record_ = 0;
    std::function<void()> then_;
    int records_ = 0;
    int refused_ = 0;
    int reports_ = 0;
    std::optional<Verdict> answer_;
    std::optional<Verdict> lost_;
};

}  // namespace slipway::testing
