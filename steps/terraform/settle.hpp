// Finds out what an armed apply did, once nothing of it lives, and takes its state over. The same for the
// attempt that waited for it, for the one that reconciles after a crash, and for a later plan that finds the
// state still armed.
#pragma once

#include <set>
#include <string>

#include "slipway/steps/process.hpp"
#include "steps/terraform/recovery.hpp"

namespace slipway::terraform {

/// TerraformArmed::facts.
struct ArmedFacts {
    std::string key;  ///< of the state
    std::string module_path;
    bool destroy = false;
    std::set<std::string> provisioned;
    std::string approved = {};  ///< sha256 of the plan that was approved, which may be an earlier one
};
std::string encode_facts(const ArmedFacts& facts);
Result<ArmedFacts> decode_facts(std::string_view text);

struct Settled {
    Recovery recovery;
    Journal journal;
    std::string journal_bytes;
    std::string state_bytes;  ///< the one that is kept from now on
    StateFile state;
    process::Inspection inspection;
    process::FenceReport fence;  ///< of a crash
    bool proven_dead = true;     ///< false: the state stays armed and the directory has to stay
};

/// Repeatable; blocks (a fence may take 15 s). Nothing is saved while the attempt is still running. What is
/// not proven dead has its newest state saved, and keeps the state armed until a later settle() proves it.
/// An apply that was not prepared yet can no longer be, once this has returned.
/// kNotFound: the directory of the attempt is gone. kConflict: somebody else saved the state meanwhile.
Result<Settled> settle(TerraformStates& states, const TerraformArmed& armed);

/// Ends everything that an attempt may have left running beside its apply. True when it is proven dead.
bool fence_all(const std::string& root);

/// Removes what attempts left in `dir` more than a day ago. Only while the state is not armed: younger ones
/// may be on their way to arm it.
void sweep_attempts(const std::string& dir);

}  // namespace slipway::terraform
