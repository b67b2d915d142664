// An approved plan that cannot be applied any more, because a crash came in between or the state has moved:
// plans again, and lets the approval hold for the new plan where that is contained in the approved one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "steps/terraform/containment.hpp"
#include "steps/terraform/preparation.hpp"

namespace slipway::terraform {

/// TerraformState::unfinished: what attempts at one approved plan have done so far.
struct Unfinished {
    std::string approved;  ///< sha256 of that plan
    std::vector<Operation> operations;
    /// Plans of an earlier generation are never carried over: nobody knows what was done in between.
    std::uint64_t barrier = 0;
};
/// Empty when there is nothing to keep.
std::string encode_unfinished(const Unfinished& unfinished);
/// Nothing for an empty text. kCorrupt for one that is not ours.
Result<Unfinished> decode_unfinished(std::string_view text);

/// Begins another generation, into which no approval is carried over.
Result<void> close_generation(TerraformState& state);

struct CarryOver {
    ContainmentVerdict containment;
    std::string proof;       ///< JSON of names, digests and numbers: for the record
    std::string plan_bytes;  ///< of the new plan, which lies at paths.plan() too
    std::string plan_sha256;
    bool nothing_to_do = false;
    std::set<std::string> provisioned;
};

/// After set_up(): plans on `state`, shows both plans, decides. An outcome where Terraform failed.
Result<std::optional<Outcome>> carry_over(Preparation& prep, const Planned& approved,
                                          std::string_view approved_bytes, const TerraformState& state,
                                          CarryOver& out);

/// "C2 t.a: approved create, now delete (and 2 more)".
std::string reason_of(const ContainmentVerdict& verdict);

}  // namespace slipway::terraform
