// One attempt of terraform.apply, from its start, after a crash, or taken over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "steps/terraform/preparation.hpp"
#include "steps/terraform/settle.hpp"

namespace slipway::terraform {

class ApplyAttempt {
public:
    ApplyAttempt(Shop& shop, AttemptContext& context, Live& live) : prep_(shop, context, live, true) {}

    /// Everything. Nothing: this process must not say how it ended.
    std::optional<Outcome> start();
    std::optional<Verdict> reconcile(const std::vector<Evidence>& evidence);
    std::optional<Outcome> attach(const std::vector<Evidence>& evidence);

private:
    TerraformStates& states() { return *prep_.shop.options().states; }
    Result<Outcome> begin();
    Result<std::optional<Outcome>> check_state();
    Result<std::optional<Outcome>> place_plan();
    /// The state is another than the plan was made on: does the approval hold for a plan on this one?
    Result<std::optional<Outcome>> plan_again(std::string_view approved_bytes);
    Result<void> arm();
    Result<void> release();
    Result<Outcome> wait_and_settle();
    Result<Outcome> not_released(const Error& why);
    Result<Outcome> outcome_from(const Settled& settled);
    Result<Verdict> look(const std::vector<Evidence>& evidence);
    /// Records how it ended, then wipes the directory. False: this process must say nothing more.
    bool seal(const Verdict& verdict);
    std::optional<Outcome> concluded(Result<Outcome> outcome);
    static InDoubt lost(const Error& error);

    Preparation prep_;
    Planned planned_;
    std::string approved_;   ///< sha256 of the plan that was approved
    bool is_stale_ = false;  ///< it was made on another state
    TerraformState state_;
    std::optional<TerraformArmed> armed_;  ///< from the moment when Terraform may run
    bool consumed_ = false;                ///< it may have been let go
    bool may_live_ = false;                ///< it is not proven dead: nothing is concluded, nothing wiped
    bool quiet_ = false;
};

/// "armed" evidence as text.
std::string encode_armed(const TerraformArmed& armed);
Result<TerraformArmed> decode_armed(std::string_view text);

}  // namespace slipway::terraform
