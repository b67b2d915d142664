// Simulated executors: deterministic stand-ins for every kind of step that touches the world, with a world of
// their own.
//
//   auto script = SimulationScript::parse(R"({"delay_ms": 20, "rules": [{"step": "db.apply", "fail_attempts":
//   1}]})"); options.executors = make_simulated_executors(*script);
//
// The same steps with the same inputs give the same plans and outputs. A witness file keeps what was "done"
// outside: a crash between the effect and its report is found there, and tests count effects in it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/result.hpp"

namespace slipway::steps {

/// What happens at the steps that fit; the first fitting rule counts, its unset fields are the script's.
struct SimulationRule {
    std::string step;                 ///< id of the step; "*" at its end fits any rest; empty: every step
    std::string kind;                 ///< e.g. "terraform.apply"; empty: every kind
    DurationMs delay_ms = -1;         ///< -1: the script's
    std::uint32_t fail_attempts = 0;  ///< the first so many attempts (over all rounds) fail
    std::string failure_class = "transient";  ///< or "permanent", "timeout", "policy"
    std::string message;                      ///< of the failure
    bool fail_after_effect = false;           ///< the effect happens and the attempt fails all the same
    bool in_doubt = false;                    ///< instead of failing: ends in doubt
    bool drift = false;                       ///< the plan shows a change that nobody asked for
    bool nothing_to_do = false;               ///< the plan is empty, whatever the world holds
    std::map<std::string, std::string>
        outputs;  ///< by dotted path, values as JSON text; the others are made up
};

struct SimulationScript {
    DurationMs delay_ms = 0;   ///< of every attempt
    std::string witness_file;  ///< appended to (0600); empty: the world is forgotten with the executors
    std::vector<SimulationRule> rules;

    /// Reads the JSON form. kInvalidArgument names the key for anything that it does not know.
    static Result<SimulationScript> parse(std::string_view text);
};

/// One executor for each kind: terraform, helm, manifest and pulumi plan and apply, image.sync, job.run,
/// action. They share one world. With `with_lifecycle` also "preflight" and "outputs.save", for engines
/// without an install registry.
std::vector<std::shared_ptr<Executor>> make_simulated_executors(const SimulationScript& script,
                                                                bool with_lifecycle = false);

}  // namespace slipway::steps
