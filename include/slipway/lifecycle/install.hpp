// The registry of apps and installs: one directory, owned by one process, every change durable before it is
// acknowledged.
//
//   auto registry = InstallRegistry::open({.directory = "state/installs", .sealer = sealer});
//   auto version = (*registry)->sync_version({.app = loaded, .root = "./shop", .sources = folders});
//   auto install = (*registry)->create_install({.name = "acme", .app = "shop", .inputs = {{"region",
//   "eu-1"}}}, "ana");
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/lifecycle/app.hpp"
#include "slipway/lifecycle/state.hpp"
#include "slipway/result.hpp"
#include "slipway/secrets.hpp"

namespace slipway::lifecycle {

struct RegistryOptions {
    std::string directory;                 ///< created (0700) when absent
    std::shared_ptr<Sealer> sealer;        ///< none: sensitive values are refused (kKey)
    std::function<TimeMs()> now;           ///< none: the system's clock
    std::function<std::string()> make_id;  ///< of installs; none: "ins" and 17 random characters
};

struct SyncRequest {
    LoadedApp app;     ///< without errors
    std::string root;  ///< the folder it was loaded from
    std::map<std::string, SourceFolder> sources;
    std::string commit;
    bool dirty = false;
};

struct NewInstall {
    std::string name;
    std::string app;
    std::optional<Digest> version;  ///< none: the app's newest
    std::string id;                 ///< none: made up
    StringMap inputs;
    CloudAccount account;
    std::map<std::string, bool> component_toggles;
    std::string approval_option = "prompt";
    StringMap labels;
    InstallSettings settings = {};
};

/// What a step of a run reports. The same (run, step, round) again changes nothing.
struct PartReport {
    RunId run;
    StepId step;
    std::uint32_t round = 1;
    std::string part;  ///< "sandbox", "component.<name>" or "action.<name>"
    PartStatus status = PartStatus::kActive;
    Outputs outputs;
    std::map<std::string, Outputs> steps;  ///< of an action
    Digest version;
    Digest artifact = {};  ///< what it was made from; zero: nothing
};

/// One change of an install, for its history.
struct InstallChange {
    std::uint64_t version = 0;
    TimeMs at_ms = 0;
    std::string what;  ///< "created", "inputs", "deploying", "active", "removed", "action", "version",
                       ///< "settings", "stack", …
    std::string part;
    std::string by;
    RunId run;
    StepId step;
    std::uint32_t round = 0;
    std::vector<std::string> names;  ///< of the inputs or outputs that changed
    std::string note;                ///< of note()
};

/// Thread-safe.
class InstallRegistry {
public:
    /// kLocked: another process owns the directory. kCorrupt: a file does not match its checksum, with its
    /// name.
    static Result<std::unique_ptr<InstallRegistry>> open(RegistryOptions options);
    virtual ~InstallRegistry() = default;

    /// Keeps a copy of the app's files. Syncing equal content again returns the version that is there.
    virtual Result<std::shared_ptr<const AppVersion>> sync_version(SyncRequest request) = 0;
    virtual Result<std::shared_ptr<const AppVersion>> version(const std::string& app,
                                                              const Digest& digest) = 0;
    virtual std::vector<std::string> apps() = 0;
    /// Oldest first.
    virtual std::vector<Digest> versions(const std::string& app) = 0;
    /// Of all apps, where none may be missed: an error when one cannot be read. By app, oldest first.
    virtual Result<std::map<std::string, std::vector<Digest>>> all_versions() = 0;

    /// Every problem of the inputs is in the one error: missing, unknown (with the nearest name), of the
    /// wrong type.
    virtual Result<Install> create_install(NewInstall request, const std::string& by) = 0;
    /// Changed values only; the names that really changed come back.
    virtual Result<std::vector<std::string>> update_inputs(const std::string& install,
                                                           const StringMap& inputs,
                                                           const std::string& by) = 0;
    /// kInvalidArgument with every problem. False: they are what they were.
    virtual Result<bool> set_settings(const std::string& install, const InstallSettings& settings,
                                      const std::string& by) = 0;
    virtual Result<void> set_version(const std::string& install, const Digest& version,
                                     const std::string& by) = 0;
    virtual Result<void> set_stack_outputs(const std::string& install, const Outputs& outputs,
                                           const std::string& by) = 0;
    /// Keeps in the install's history that somebody did something beside its runs: "terraform released", on a
    /// part, and why. Nothing else changes.
    virtual Result<void> note(const std::string& install, const std::string& what, const std::string& part,
                              const std::string& why, const std::string& by) = 0;
    /// Removes the record. kRefused while something of it may still be deployed.
    virtual Result<void> forget(const std::string& install, const std::string& by) = 0;

    /// By id or by name.
    virtual Result<Install> get(const std::string& install) = 0;
    virtual std::vector<Install> list() = 0;
    virtual Result<InstallState> state(const std::string& install) = 0;
    virtual Result<std::vector<InstallChange>> history(const std::string& install) = 0;
    virtual Result<StateDocument> state_json(const std::string& install, bool masked) = 0;

    virtual Result<void> report(const std::string& install, const PartReport& report) = 0;
};

/// kInvalidArgument with every problem, one a line. Pure.
Result<void> check_settings(const InstallSettings& settings);

/// Checks `inputs` against what the app declares; kInvalidArgument with every problem, one a line. Pure.
Result<void> check_inputs(const AppConfig& config, const StringMap& inputs);

/// A tool that a workflow needs, and what was found.
struct ToolNeed {
    std::string name;
    std::string version;
};
struct ToolFound {
    std::string path;
    std::string version;
    std::string note;  ///< e.g. that a later patch is used
};
using ToolCheck = std::function<Result<ToolFound>(const ToolNeed&)>;

/// The life cycle's own kinds of steps: "preflight" and "outputs.save". `registry` must outlive the engine.
/// `tools` may block; none: every tool is taken as found.
std::vector<std::shared_ptr<Executor>> lifecycle_executors(InstallRegistry& registry, ToolCheck tools = {});

}  // namespace slipway::lifecycle
