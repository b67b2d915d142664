// What an install is and what is deployed in it: plain data that the registry keeps and the generators read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "slipway/ids.hpp"
#include "slipway/lifecycle/app.hpp"

namespace slipway::lifecycle {

/// A folder that a repository reference of the app resolved to.
struct SourceFolder {
    std::string path;     ///< on this host
    std::string content;  ///< names the content; equal content, equal name
    std::string commit;
};

/// An app as it was synced: immutable, named by its digest.
struct AppVersion {
    Digest digest;
    std::string app;
    AppConfig config;
    std::map<std::string, SourceFolder> sources;  ///< by NeededSource::key
    std::string commit;
    bool dirty = false;
    TimeMs synced_ms = 0;
};

/// A repository reference that has to be checked out before a version can be deployed.
struct NeededSource {
    std::string key;  ///< "sandbox", "component.<name>", "action.<action>.<step>"
    Repository repository;
};
/// In a fixed order. Chart repositories are left to the chart's own tool and not listed.
std::vector<NeededSource> needed_sources(const AppConfig& config);

/// A value that something deployed put out.
struct OutputValue {
    std::string json;  ///< the value as JSON text
    bool sensitive = false;

    friend bool operator==(const OutputValue&, const OutputValue&) = default;
};
using Outputs = std::map<std::string, OutputValue>;

/// Numbers are stored; never reuse one.
enum class PartStatus : std::uint8_t {
    kAbsent = 1,     ///< never touched
    kDeploying = 2,  ///< an apply was allowed to start; something may be there
    kActive = 3,     ///< applied to the end
    kRemoved = 4,    ///< torn down
};
std::string_view to_string(PartStatus status);
/// True when something may be there that a tear-down has to remove.
inline bool is_present(PartStatus status) {
    return status == PartStatus::kDeploying || status == PartStatus::kActive;
}

/// The sandbox, or one component, of an install.
struct PartState {
    PartStatus status = PartStatus::kAbsent;
    Outputs outputs;  ///< of the last complete apply; kept until the part is removed
    Digest version;   ///< of the app, that it was deployed from
    RunId run;
    TimeMs at_ms = 0;
    Digest artifact = {};  ///< what was deployed, or is being; zero: nothing, or it was not built
};

struct ActionState {
    std::string status;  ///< "finished"; empty: never ran
    Outputs outputs;
    std::map<std::string, Outputs> steps;
    RunId run;
    TimeMs at_ms = 0;
};

struct InstallState {
    std::uint64_t version = 0;  ///< counts the changes of this install, from 1
    TimeMs at_ms = 0;
    PartState sandbox;
    std::map<std::string, PartState> components;
    std::map<std::string, ActionState> actions;
    Outputs stack;  ///< what the customer's account stack told
};

struct CloudAccount {
    std::string cloud;  ///< "aws", "gcp", "azure"; may be empty
    std::string region;
    std::string project_id;

    friend bool operator==(const CloudAccount&, const CloudAccount&) = default;
};

/// What an install is told of its surroundings, where its sandbox does not tell. Nothing of it is a secret.
struct InstallSettings {
    std::string kubeconfig;      ///< absolute path of a file, or a reference to a secret ("PROVIDER:NAME")
    std::string kube_context;    ///< in that file; empty: its current one
    std::string image_registry;  ///< "host/prefix", where images are brought to

    friend bool operator==(const InstallSettings&, const InstallSettings&) = default;
};

/// One customer's copy of an app.
struct Install {
    std::string id;
    std::string name;
    std::string app;
    Digest version;    ///< the pinned version of the app
    StringMap inputs;  ///< what the customer chose; defaults are added when a state document is built
    CloudAccount account;
    std::map<std::string, bool> component_toggles;
    std::string approval_option = "prompt";  ///< or "approve-all"
    StringMap labels;
    TimeMs created_ms = 0;
    bool forgotten = false;
    InstallSettings settings = {};
};

/// Off by default for a toggleable component, on for every other one.
bool is_enabled(const Component& component, const Install& install);

/// The document that templates read: {"nuon": {…}}, with the dotted paths (without the root) of what is
/// sensitive in it.
struct StateDocument {
    std::string json;
    std::vector<std::string> sensitive;
};
/// Pure. `masked`: sensitive values are replaced by "(sensitive)", for display.
StateDocument state_document(const AppVersion& version, const Install& install, const InstallState& state,
                             bool masked = false);

/// The app's read-me page with what is known of an install, secrets masked; what is not there yet prints
/// nothing.
RenderedPage readme_page(const AppVersion& version, const Install& install, const InstallState& state);

}  // namespace slipway::lifecycle
