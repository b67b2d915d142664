// Terraform as steps: `terraform.plan` prepares a change set and seals the plan, `terraform.apply` carries
// out exactly that plan.
//
//   auto states = open_terraform_states("/var/lib/slipway/terraform", keys);
//   for (auto& executor : terraform_executors({.states = *states})) {
//   engine_options.executors.push_back(executor); }
//
// State is kept here and not where a module's backend block says: every attempt works on a copy, and what it
// leaves is taken over once it has ended or a crash has been sorted out. Inputs, outputs and the rules of
// recovery: steps/terraform/README.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/result.hpp"
#include "slipway/secrets.hpp"

namespace slipway {

/// An object that a crashed apply created and that is in no state file: the next plan imports it.
struct TerraformImport {
    std::string address;
    std::string id;

    friend bool operator==(const TerraformImport&, const TerraformImport&) = default;
};

/// An apply that was let loose on a state and whose end was not taken over yet.
struct TerraformArmed {
    std::string attempt;  ///< who
    std::string plan_sha256;
    std::string dir;    ///< the attempt's private directory
    std::string facts;  ///< JSON of the executor's own, for recovery

    friend bool operator==(const TerraformArmed&, const TerraformArmed&) = default;
};

/// The kept state of one install's component.
struct TerraformState {
    std::uint64_t revision = 0;  ///< counts every save; set by save()
    std::uint64_t generation =
        0;              ///< grows when an apply may have touched anything: a plan is good for one generation
    std::string bytes;  ///< Terraform's state, format 4
    std::string nonce;  ///< random, keys the digests of variables
    std::string settled_by;  ///< the attempt that made this generation
    std::optional<TerraformArmed> armed;
    std::vector<std::string> replace;  ///< addresses whose provisioners may not have run to their end
    std::vector<TerraformImport> imports;
    std::vector<std::string> in_doubt;  ///< addresses whose last operation may or may not have had its effect
    /// JSON of the executor's own: what was done so far under an approval that may go on holding.
    std::string unfinished;

    friend bool operator==(const TerraformState&, const TerraformState&) = default;
};

/// Where states are kept. Thread-safety: called from any thread; may block. What save() stored is durable on
/// its return.
class TerraformStates {
public:
    virtual ~TerraformStates() = default;
    /// The newest revision; nothing when there never was one. kCorrupt rather than an older revision when it
    /// does not open.
    virtual Result<std::optional<TerraformState>> load(const std::string& key) = 0;
    /// Stores `state` as the revision after `expected` (0: the first) and returns its number. kConflict when
    /// another is newest.
    virtual Result<std::uint64_t> save(const std::string& key, std::uint64_t expected,
                                       const TerraformState& state) = 0;
    /// An absolute folder (made when needed, 0700) for the private directories of applies on `key`. It has to
    /// live as long as the states do: what an apply left is needed until the state is no longer armed, even
    /// when its step has been settled long since. Empty: they lie in the scratch directory of their step, and
    /// are lost with it.
    virtual std::string attempts_dir(const std::string& key);
};

/// States in a directory (made 0700): a folder for each key, a file (0600) for each of its last 20 revisions,
/// sealed when `keys` are given; applies work in `.attempts` in it. Several processes may share it.
Result<std::shared_ptr<TerraformStates>> open_terraform_states(const std::string& dir,
                                                               std::shared_ptr<KeyProvider> keys);

/// Forgets that an apply is armed on a state, for an operator who has made sure that it is dead and whose
/// directory is lost. `attempt` is the one he looked at: kConflict when another one is armed by now; empty:
/// whichever it is.
Result<void> release_terraform_state(TerraformStates& states, const std::string& key,
                                     const std::string& attempt = {});

/// Drops what recovery left for the next plan (`replace`, `imports`, `in_doubt`), for an operator who has
/// dealt with it by hand: e.g. an object that is to be imported and is gone. Plans made before are no longer
/// good.
Result<void> forget_terraform_repairs(TerraformStates& states, const std::string& key);

struct TerraformOptions {
    std::shared_ptr<TerraformStates> states;
    /// Lays the packaged module "sha256:…" out in a folder that does not exist yet, every byte compared with
    /// that digest: where inputs name an `artifact`. Called from any thread; may block.
    std::function<Result<void>(const std::string& artifact, const std::string& folder)> unpack;
    std::vector<std::string> tool_dirs;  ///< searched in order; empty: the folders of PATH
    bool allow_other_version =
        false;               ///< take another version than the pinned one or a later patch of its minor
    std::string cli_config;  ///< Terraform's CLI configuration file; empty: an empty one
    std::string
        plugin_dir;  ///< a filled mirror of providers, read only; empty: as the CLI configuration says
    std::map<std::string, std::string> env;  ///< added to every run of Terraform; never a secret
    std::string supervisor_path;
    DurationMs stop_grace_ms =
        600'000;  ///< after a polite stop of an apply: longer than any call of a provider that matters
    DurationMs command_limit_ms = 1'800'000;  ///< of init, plan and show each
};

struct TerraformTool {
    std::string path;
    std::string version;
    std::string note;  ///< when it is not exactly the pinned version
};

/// The pinned version, or a later patch of the same minor; any 1.x when `pinned` is empty. kMissingTool says
/// what to do.
Result<TerraformTool> find_terraform(const TerraformOptions& options, std::string_view pinned);

/// terraform.plan and terraform.apply, both version 1.
std::vector<std::shared_ptr<Executor>> terraform_executors(TerraformOptions options);

}  // namespace slipway
