// What plan and apply do alike before they differ: read the input, find the tool, make the directory, init.
#pragma once

#include <string>

#include "steps/terraform/inputs.hpp"
#include "steps/terraform/runner.hpp"
#include "steps/terraform/variables.hpp"

namespace slipway::terraform {

/// One attempt on its way. Not movable: the runner holds references into it.
struct Preparation {
    Preparation(Shop& its_shop, AttemptContext& its_context, Live& its_live, bool of_apply)
        : shop(its_shop), context(its_context), live(its_live), is_apply(of_apply) {}
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;

    /// Reads the input, resolves secrets, finds the tool. Nothing is written.
    Result<void> read();
    /// The attempt's directory, made or not. That of an apply lies where it outlives its step, if there is
    /// such a place.
    Result<std::string> root_of(const std::string& state_key) const;
    /// Makes the attempt's directory for `state` and runs init. An outcome when init failed.
    Result<std::optional<Outcome>> set_up(const TerraformState& state, const std::string& lock_file);
    /// Plans on `state`, with the repairs that it asks for, into paths.plan(). After set_up() with the same
    /// state. An outcome when that failed.
    Result<std::optional<Outcome>> plan(const TerraformState& state);
    /// The failure of a command that has ended; nothing when it ended well (`also_good`: another exit code
    /// that is no failure).
    std::optional<Outcome> failure_of(const std::string& command, const process::Inspection& inspection,
                                      int also_good = 0) const;

    Shop& shop;
    AttemptContext& context;
    Live& live;
    bool is_apply;
    PlanMask mask;               ///< every secret of the input
    bool knows_secrets = false;  ///< `mask` is complete
    PlanInput input;
    json::object env;
    TerraformTool tool;
    AttemptPaths paths;
    VariableFiles variables;
    std::optional<Runner> runner;
};

}  // namespace slipway::terraform
