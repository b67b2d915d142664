// One scenario: an executor, its world, and hosts that follow one another. It does with an attempt what the
// engine would do.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/testing/kit_context.hpp"
#include "slipway/testing/executor_conformance.hpp"

namespace slipway::testing {

/// Where a step has come to.
struct Ending {
    enum class What : std::uint8_t { kSilent, kSucceeded, kFailed, kInDoubt, kRedo };
    What what = What::kSilent;
    std::string words;  ///< for the report
    std::string
        verdict;  ///< of the first reconcile: "not started", "still running", …; empty: none was asked
};

std::string words_of(const Verdict& verdict);

/// What was seen in all scenarios, for the rules that look at everything.
struct Tally {
    std::size_t limit_output = 0;
    std::size_t limit_text = 0;
    std::size_t limit_log = 0;
    std::size_t spoken = 0;
    std::vector<std::string> malformed;
    std::vector<std::string> too_long;
    std::vector<std::string> leaks;
    std::vector<std::string> thrown;

    void take(Durable& durable);
};

class Rig {
public:
    Rig(std::unique_ptr<ExecutorFixture> fixture, Tally& tally);
    ~Rig();
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    ExecutorFixture& fixture() { return *fixture_; }
    Durable& durable() { return *durable_; }
    HostLife& life() { return *life_; }
    Executor& executor() { return *executor_; }
    const ExecutorTraits& traits() const { return traits_; }
    const AttemptInfo& info() const { return info_; }
    AttemptInfo& edit() { return info_; }
    std::optional<int> effects() { return fixture_->effects(); }
    DurationMs patience() { return fixture_->patience_ms(); }

    /// A new host with a new executor.
    void open();
    /// The host dies, and everything in it; false: a thread of the executor cannot be stopped.
    bool crash();
    /// The next attempt of this round, recorded and not started.
    void next_attempt(const Payload& input);
    std::shared_ptr<KitContext> context(KitContext::Mode mode);
    /// start() or undo(), as the engine calls them.
    void start(const std::shared_ptr<KitContext>& context);
    void undo(const std::shared_ptr<KitContext>& context, const Payload& output);
    std::shared_ptr<KitContext> start(const Payload& input);
    void cancel(const std::shared_ptr<KitContext>& context, CancelMode mode);

    /// Follows an attempt that was started to where the step comes to rest, retries included.
    Ending follow(const std::shared_ptr<KitContext>& context);
    /// A new host asks about the attempt at hand and goes on as its answer says. `asked` is called after the
    /// first verdict.
    Ending recover(const std::function<void()>& asked = {});
    /// What the executor answers about the attempt at hand; nothing when it does not.
    std::optional<Verdict> ask();

private:
    Ending rest(const Verdict& verdict, int attempts);
    void guarded(const std::string& where, const std::shared_ptr<KitContext>& context,
                 const std::function<void()>& call);

    std::unique_ptr<ExecutorFixture> fixture_;
    Tally& tally_;
    std::shared_ptr<Durable> durable_;
    std::shared_ptr<HostLife> life_;
    std::shared_ptr<Executor> executor_;
    ExecutorTraits traits_;
    AttemptInfo info_;
    // What could not be stopped when its host died: it must not be destroyed under a thread that is in it.
    std::vector<std::pair<std::shared_ptr<HostLife>, std::shared_ptr<Executor>>> lingering_;
};

}  // namespace slipway::testing
