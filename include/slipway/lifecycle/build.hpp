// Builds: what an app version's components have to be built from, whether that has been done, and the
// workflow that does the rest.
//
//   auto plans = plan_builds(version, *store, {.image_digests = resolved});
//   for (const auto& p : plans) print(p.component, p.needed() ? p.why : "built already");
//   auto workflow = generate_builds(version, plans, {});
//   engine.start({.run = RunId{"build-shop-1"}, .workflow = *Workflow::build(workflow->spec)}, principal);
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/artifact.hpp"
#include "slipway/lifecycle/generate.hpp"
#include "slipway/lifecycle/state.hpp"

namespace slipway::lifecycle {

/// What a build step is told; plain data, JSON in the step's input.
struct BuildInput {
    std::string app;
    std::string component;
    std::string version;  ///< of the app; hex
    std::string
        what;  ///< module, chart, chart_repository, manifests, kustomization, scripts, image, image_copy
    BuildCause cause;
    ArtifactInfo info;
    std::string folder;      ///< of the source, on this host
    std::string path;        ///< in it: the kustomization, the Dockerfile
    std::string text;        ///< of manifests
    std::string text_blob;   ///< of manifests too long for a step's input: "sha256:…" in the store
    std::string repository;  ///< of a chart repository: its URL
    std::string name;        ///< the chart, or the image to copy ("host/name@sha256:…")
    std::string chart_version;
    std::string target;  ///< of a Dockerfile
    StringMap arguments;
    std::string token = {};  ///< a record counts when it has the same one; empty: any counts

    friend bool operator==(const BuildInput&, const BuildInput&) = default;
};
std::string write_build_input(const BuildInput& input);
/// kInvalidArgument with the member's name.
Result<BuildInput> parse_build_input(std::string_view bytes);

/// The output of a build step whose artifact is recorded and whole; nothing when it has to be built.
Result<std::optional<std::string>> completed_build(const ArtifactStore& store, const BuildInput& input);
/// Records an artifact and gives the step's output: {"artifact": "sha256:…", "artifact_type", "media_type",
/// "size", "key", "built"}.
Result<std::string> complete_build(const ArtifactStore& store, const BuildInput& input,
                                   const OciDescriptor& artifact, TimeMs now);

struct BuildRequest {
    std::set<std::string> components = {};                  ///< parts; empty: all
    std::map<std::string, std::string> image_digests = {};  ///< part -> what its image's tag names now
    std::set<std::string> available_kinds = {};             ///< of steps; empty: not checked
    bool rebuild = false;                                   ///< also what is built
    std::string token = {};    ///< names this wish to rebuild: with another one it is built once more
    std::string push_to = {};  ///< "host/prefix": each artifact goes to <push_to>/<app>/<component>
};

/// One part of an app version: the sandbox, which is built as a module is, or a component.
struct BuildPlan {
    std::string component;  ///< "sandbox", or its name ("component.sandbox" for one that is called so)
    std::string kind;       ///< of the step; empty: `left_out` says why there is none
    BuildInput input;
    std::optional<BuildRecord> record;  ///< it was built
    bool rebuild = false;
    std::vector<std::string>
        why;  ///< of a build: what moved since the newest record, or that it is the first
    std::string left_out;
    bool per_install = false;  ///< left out, and nothing is missing: each install resolves it at its deploy

    bool needed() const { return !kind.empty() && (!record || rebuild); }
};

/// Parts whose images have to be resolved before a plan is made: part -> "host/name:tag". Images that a
/// template names are not there: only an install could tell.
std::map<std::string, std::string> images_to_resolve(const AppConfig& config);

/// What went into a component: its TOML, the files that it inlines, the content of its repository's folder,
/// the digest of its image. `image_digest` may be empty.
BuildCause build_cause(const AppVersion& version, const Component& component,
                       const std::string& image_digest);

/// In name order. Reads the records; changes nothing. What keeps one part from being built (its record cannot
/// be read, it says more than a step carries) stands in its `left_out` and does not concern the others.
Result<std::vector<BuildPlan>> plan_builds(const AppVersion& version, const ArtifactStore& store,
                                           const BuildRequest& request);

/// Texts above this go into the store and by their digest into the step's input, up to the 16 MiB that a file
/// of an app may have.
inline constexpr std::size_t kBuildTextInline = std::size_t{64} * 1024;
/// Puts the long texts of what has to be built into the store. Before what was planned is started, under
/// hold(); collection keeps them for runs whose workflows name them (texts_in).
Result<void> stage_texts(const ArtifactStore& store, std::vector<BuildPlan>& plans);
/// What the steps of a workflow read from the store before it is an artifact. For CollectKeep::blobs.
std::set<Digest> texts_in(const WorkflowSpec& spec);

/// A part whose image's tag names again what it named before: that build is made the newest one again, so
/// that it is what is deployed. Before what was planned is started.
Result<void> renew_records(const ArtifactStore& store, const std::vector<BuildPlan>& plans, TimeMs now);

/// A step for each build that is needed, all of them side by side, each followed by its push where one is
/// asked for; what is built already is only pushed. Pure. kNotFound: a part that the app does not have.
Result<Generated> generate_builds(const AppVersion& version, const std::vector<BuildPlan>& plans,
                                  const BuildRequest& request);

/// The artifacts that were built for a version, whatever its image tags named at the time: what collection
/// keeps for installs and versions. An error when a record cannot be read: it might name any of them.
Result<std::set<Digest>> artifacts_of(const ArtifactStore& store, const AppVersion& version);

/// What a run deploys a version from, by part: its newest build that fits the version and is whole. Parts
/// that are not built are not there. For Request::artifacts.
Result<std::map<std::string, Digest>> artifacts_to_deploy(const ArtifactStore& store,
                                                          const AppVersion& version);
/// The same for a tear-down: what was deployed, if that was of this version or there is no build of it.
Result<std::map<std::string, Digest>> artifacts_to_remove(const ArtifactStore& store,
                                                          const AppVersion& version,
                                                          const InstallState& state);
/// What the steps of a workflow refer to: collection keeps it for runs that have not ended.
std::set<Digest> artifacts_in(const WorkflowSpec& spec);

/// Lays a packaged module ("sha256:…") out in `folder`, which must not exist, every byte compared with its
/// digest. kNotFound, kCorrupt. For TerraformOptions::unpack. Thread-safe.
Result<void> unpack_module(const ArtifactStore& store, const std::string& artifact,
                           const std::string& folder);

/// Lays what steps on a cluster deploy out in `folder`, which must not exist: a chart as "chart.tgz",
/// manifests as "manifests.yaml", every byte compared with its digest. kNotFound, kCorrupt. For
/// ClusterOptions::unpack. Thread-safe.
Result<void> unpack_for_cluster(const ArtifactStore& store, const std::string& artifact,
                                const std::string& folder);

/// Where a part of an install stands.
struct BuildStanding {
    std::string component;            ///< as in BuildPlan
    std::string artifact;             ///< "sha256:…" of the pinned version's build; empty: not built
    std::string deployed_artifact;    ///< of the last deploy; empty: none, or it was simulated
    bool per_install = false;         ///< nothing is built of it: the install resolves it
    bool deployed = false;            ///< something of it is there
    bool built_not_deployed = false;  ///< the pinned version's build is not what was deployed to its end
    bool config_behind = false;       ///< the app's newest version would build something else
    std::vector<std::string> why;     ///< what moved, for either of the two
};
/// `deployed`: the app versions that the parts of `state` were deployed from, by digest. Without a digest for
/// its image a component counts as built when any build of it fits.
Result<std::vector<BuildStanding>> build_standings(
    const ArtifactStore& store, const AppVersion& pinned, const AppVersion& newest, const InstallState& state,
    const std::map<Digest, std::shared_ptr<const AppVersion>>& deployed,
    const std::map<std::string, std::string>& image_digests);

}  // namespace slipway::lifecycle
