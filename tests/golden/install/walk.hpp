// Carries a workflow out without an engine: step after step in order, every gate approved. For tests of
// generators, the resolver and executors together.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/resolver.hpp"

namespace slipway::walk {

/// A context that only keeps the outcome.
class Context final : public AttemptContext {
public:
    explicit Context(AttemptInfo info) : info_(std::move(info)) {}

    const AttemptInfo& info() const override { return info_; }
    void record(Evidence, std::function<void(Result<void>)> then) override { then({}); }
    Result<void> record_and_wait(Evidence) override { return {}; }
    void finish(Outcome outcome) override;
    void reconciled(Verdict verdict) override;
    bool cancelled() const override { return false; }
    TimeMs now_ms() const override { return 1000; }
    Result<std::string> scratch_dir() override { return usage_error(ErrorCode::kUnsupported, "none"); }
    void log(LogLevel, std::string_view) override {}
    void progress(Progress) override {}
    Result<std::string> secret(std::string_view) override {
        return usage_error(ErrorCode::kNotFound, "none");
    }
    Result<Digest> put_blob(const Payload&) override { return usage_error(ErrorCode::kUnsupported, "none"); }
    Result<Payload> get_blob(const Digest&) override { return usage_error(ErrorCode::kNotFound, "none"); }

    /// Waits up to ten seconds.
    std::optional<Outcome> outcome();
    std::optional<Verdict> verdict();

private:
    AttemptInfo info_;
    std::mutex mutex_;
    std::condition_variable done_;
    std::optional<Outcome> outcome_;
    std::optional<Verdict> verdict_;
};

struct Walked {
    std::string stopped_at;  ///< the step that did not succeed; empty: all did
    std::string why;
    std::vector<std::string> passed_gates;  ///< those with nothing to approve
    std::map<std::string, Payload> outputs;
};

Walked carry_out(const StartRequest& start, InputResolver& resolver,
                 const std::vector<std::shared_ptr<Executor>>& executors);

}  // namespace slipway::walk
