// A stand-in for the engine's side of an attempt: evidence in a file, so that it outlives the process as a
// store would.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "slipway/executor.hpp"

namespace kit {

class Context final : public slipway::AttemptContext {
public:
    /// `folder` holds the evidence file and the scratch directory. Two contexts of one folder are two lives
    /// of one attempt.
    Context(const std::string& folder, const std::string& input);

    const slipway::AttemptInfo& info() const override { return info_; }
    void record(slipway::Evidence evidence, std::function<void(slipway::Result<void>)> then) override;
    slipway::Result<void> record_and_wait(slipway::Evidence evidence) override;
    void finish(slipway::Outcome outcome) override;
    void reconciled(slipway::Verdict verdict) override;
    bool cancelled() const override { return false; }
    slipway::TimeMs now_ms() const override;
    slipway::Result<std::string> scratch_dir() override;
    void log(slipway::LogLevel level, std::string_view line) override;
    void progress(slipway::Progress) override {}
    slipway::Result<std::string> secret(std::string_view reference) override;
    slipway::Result<slipway::Digest> put_blob(const slipway::Payload&) override;
    slipway::Result<slipway::Payload> get_blob(const slipway::Digest&) override;

    std::vector<slipway::Evidence> evidence() const;
    slipway::AttemptInfo& edit() { return info_; }
    void refuse_records() { refuse_ = true; }
    /// Waits for finish() or reconciled(); nothing when neither comes in time.
    std::optional<slipway::Outcome> outcome(int timeout_ms = 20'000);
    std::optional<slipway::Verdict> verdict(int timeout_ms = 20'000);
    std::string log_text();

private:
    std::string folder_;
    slipway::AttemptInfo info_;
    bool refuse_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<slipway::Outcome> outcome_;
    std::optional<slipway::Verdict> verdict_;
    std::string log_;
};

/// "succeeded {…}", "failed permanent …", "in_doubt …": for comparisons and for handing between processes.
std::string to_text(const slipway::Outcome& outcome);
std::string to_text(const slipway::Verdict& verdict);

}  // namespace kit
