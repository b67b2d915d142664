// What every executor promises, as rules that any executor can be run through; no test framework needed.
//
//   struct MyFixture : slipway::testing::ExecutorFixture {
//       std::shared_ptr<slipway::Executor> make() override { return std::make_shared<MyStep>(folder); }
//       slipway::Payload input() override { return {"make:" + folder + "/file"}; }
//       std::optional<int> effects() override { return files_in(folder); }
//   };
//   const auto report = slipway::testing::check_executor([] { return std::make_unique<MyFixture>(); });
//   std::fputs(report.text().c_str(), stdout);      // a line for each rule
//   return report.passed() ? 0 : 1;
//
// A crash of the host is played, not made: every line to the engine goes dead, the executor object is
// dropped, and a new one, made over the same world, is asked what became of the attempt. What the executor
// has started under a supervisor really lives on meanwhile. The page examples/own_step goes through it once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/executor.hpp"

namespace slipway::testing {

/// The reference that the kit knows a value for.
inline constexpr std::string_view kKitSecret = "secret://kit/token";

/// One executor and the world that it acts on, fresh for every scenario. What is optional makes a rule
/// applicable; a rule without it says that it was left out. Calls come one at a time. `scratch` is the folder
/// that holds the directories of all attempts.
class ExecutorFixture {
public:
    virtual ~ExecutorFixture() = default;

    /// The executor over this world: called at the beginning, and again for the host that follows a crash.
    virtual std::shared_ptr<Executor> make() = 0;
    /// Of an attempt that succeeds and has its effect exactly once.
    virtual Payload input() = 0;
    /// How often that effect has happened, counted in the world itself and not by the executor. Nothing: the
    /// step changes nothing outside.
    virtual std::optional<int> effects() { return std::nullopt; }

    /// The same as input(), but the effect stops in its middle, or just ahead, and goes on at release().
    virtual std::optional<Payload> held_input() { return std::nullopt; }
    /// Waits until an attempt of held_input() stands there; false when it does not come.
    virtual bool wait_until_held(const std::string& /*scratch*/) { return false; }
    virtual void release(const std::string& /*scratch*/) {}
    /// Ends the program that stands there, by force and unseen, with what watches over it. False: there is
    /// none that outlives the host.
    virtual bool kill_program(const std::string& /*scratch*/) { return false; }

    /// As input(), but the step needs the secret `reference` (kKitSecret) and, where it can, lets out what it
    /// got.
    virtual std::optional<Payload> secret_input(std::string_view /*reference*/) { return std::nullopt; }
    /// A step whose program puts out far more than anybody wants to keep.
    virtual std::optional<Payload> flood_input() { return std::nullopt; }
    /// A step whose program, or whatever it asks, answers with nonsense: it must not succeed.
    virtual std::optional<Payload> nonsense_input() { return std::nullopt; }
    /// A step in which something throws.
    virtual std::optional<Payload> throwing_input() { return std::nullopt; }
    /// Inputs that no author meant; each must end in a failure, without effect. Empty: any bytes will do.
    virtual std::vector<Payload> bad_inputs();
    /// Takes away what recovery would look at, and leaves the effect. False: they are the same thing.
    virtual bool lose_witness(const std::string& /*scratch*/) { return false; }

    /// Blobs that the engine holds before the attempt, e.g. of an earlier step; asked for after its input.
    virtual std::vector<Payload> blobs() { return {}; }
    /// How long an answer may take; the graces of the executor's traits are cut to it.
    virtual DurationMs patience_ms() { return 10'000; }
    /// Called last, to end what still lives; the folder is removed afterwards.
    virtual void tidy(const std::string& /*scratch*/) {}
};

enum class RuleStanding : std::uint8_t { kPassed = 1, kFailed = 2, kNotApplicable = 3 };

struct RuleResult {
    std::string rule;   ///< its name, e.g. "crash_mid_effect"
    std::string title;  ///< what it demands
    RuleStanding standing = RuleStanding::kNotApplicable;
    std::string reason;  ///< what was tried, what went wrong, or why it was left out
    int doubts = 0;      ///< how often the executor said, rightly, that it does not know
};

struct ConformanceReport {
    std::string kind;
    std::uint32_t version = 1;
    std::vector<RuleResult> rules;

    bool passed() const;
    /// The names of the rules that failed.
    std::vector<std::string> failed() const;
    /// One line for each rule.
    std::string text() const;
};

struct ConformanceOptions {
    std::vector<std::string> only = {};        ///< names of rules; empty: all
    std::size_t crash_points_max = 24;         ///< of one attempt; more are chosen evenly
    std::size_t output_bytes_max = 1U << 20U;  ///< of one output, one piece of evidence
    std::size_t text_bytes_max = 64U << 10U;   ///< of one message
    std::size_t log_bytes_max = 64U << 20U;    ///< of all lines of one attempt
};

/// Names of all rules, in the order of the report.
std::vector<std::string> executor_rules();

/// Runs an executor through all rules; `fresh` makes a new world each time. Blocks. Uses the real time while
/// it waits; executors see a clock that stands still unless the kit moves it.
ConformanceReport check_executor(const std::function<std::unique_ptr<ExecutorFixture>()>& fresh,
                                 const ConformanceOptions& options = {});

}  // namespace slipway::testing
