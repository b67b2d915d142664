// The private directory of an attempt: a copy of the module, the state it works on, and what Terraform keeps
// for itself.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "slipway/steps/terraform.hpp"
#include "steps/terraform/inputs.hpp"

namespace slipway::terraform {

struct AttemptPaths {
    std::string root;  ///< absolute
    std::string module_path;

    std::string work() const { return root + "/module"; }
    std::string cwd() const { return module_path.empty() ? work() : work() + "/" + module_path; }
    std::string state() const { return cwd() + "/terraform.tfstate"; }
    std::string plan() const { return cwd() + "/slipway.tfplan"; }
    std::string base() const { return root + "/base.tfstate"; }  ///< what the apply began with
    std::string process(const std::string& command) const { return root + "/" + command; }
};

/// Makes it: module (of the input's artifact, by options.unpack, or of its folder), override of the backend,
/// import blocks, state, empty CLI configuration. `lock_file` (may be empty) is the provider lock that a plan
/// was made with.
Result<void> fill_workdir(const AttemptPaths& paths, const PlanInput& input, const TerraformState& state,
                          const std::string& lock_file, const TerraformOptions& options);

/// All of the root module's configuration as one text.
Result<std::string> module_text(const AttemptPaths& paths);
/// Digest over names and contents of the module's files as they were packaged.
Result<std::string> module_digest(const std::string& source);
/// What the configuration is known by: the packaged module, or the digest of the module's folder.
Result<std::string> config_digest(const PlanInput& input);
/// The provider lock as init left it; empty when the module needs none.
std::string lock_text(const AttemptPaths& paths);
/// Of that; empty where no provider is locked, with or without a file that says so.
std::string lock_digest(const AttemptPaths& paths);

/// The whole environment of Terraform: nothing of the host's but its PATH. `env` are the step's own
/// variables, resolved.
std::map<std::string, std::string> environment(const AttemptPaths& paths, const TerraformOptions& options,
                                               const json::object& env);

/// kRefused unless the initialised directory keeps its state beside the module: what the override is for.
Result<void> check_backend(const AttemptPaths& paths);

}  // namespace slipway::terraform
