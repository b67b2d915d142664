// What the two kinds of steps are given, read and checked.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "steps/terraform/json.hpp"
#include "steps/terraform/plan_mask.hpp"

namespace slipway::terraform {

struct VarFile {
    std::string name;
    std::string contents;
};

struct PlanInput {
    std::string artifact;  ///< "sha256:…" of the packaged module; or
    std::string source;    ///< folder of the module, read only
    std::string path;      ///< of the root module inside it; empty: the folder itself
    std::string source_digest;
    std::string version;  ///< pinned; may be empty
    std::string state_key;
    bool destroy = false;
    json::object vars;  ///< secret references not resolved yet
    json::object env;
    std::vector<VarFile> var_files;
    std::set<std::string> sensitive_vars;
    json::array sensitive_values;  ///< secrets that came into the input by other ways than these
};

/// The part of a plan step's output that the apply step acts on.
struct PlannedBase {
    std::string lineage;
    std::uint64_t serial = 0;
    std::string sha256;
    std::uint64_t generation = 0;

    friend bool operator==(const PlannedBase&, const PlannedBase&) = default;
};
struct Planned {
    std::string artifact;  ///< that the plan was made from; empty: from a folder
    Digest blob;
    std::string sha256;
    bool nothing_to_do = false;
    PlannedBase base;
    std::set<std::string> provisioned;  ///< addresses of changes that run provisioners
    // What it was made from.
    std::string config_digest;
    std::string lock_digest;
    std::string vars_digest;
    std::string terraform_version;
    std::string state_key;
};

/// Authoring errors that name the member.
Result<PlanInput> read_plan_input(std::string_view text);
Result<Planned> read_planned(std::string_view apply_input);
/// Addresses in a list of changes that run provisioners.
std::set<std::string> provisioned_of(const json::array& changes);

/// Replaces every {"$secret": "reference"} in `value` by the secret, which `mask` then knows.
Result<void> resolve_secrets(json::value& value, AttemptContext& context, PlanMask& mask);

}  // namespace slipway::terraform
