// What builds take from elsewhere by a name that may come to mean something else: base images of a
// Dockerfile, remote bases of a kustomization, charts of a repository, dependencies of a chart without a lock
// file. At a sync each is looked up, and what it was then is part of the version and of what its builds are
// built from.
//
//   auto pinned = pin(outside_of(config, sources), hooks);
//   sources.merge(pinned.sources);                        // SyncRequest::sources, AppVersion::sources
//   for (const auto& one : pinned.not_pinned) warn(one);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/lifecycle/oci.hpp"
#include "slipway/lifecycle/state.hpp"

namespace slipway::lifecycle {

class RegistryClient;
struct SourceOptions;

enum class OutsideKind : std::uint8_t { kImage = 1, kChart = 2, kFolder = 3, kText = 4 };

struct Outside {
    std::string key;  ///< in AppVersion::sources: its part, a blank, and its name to people
    OutsideKind kind = OutsideKind::kImage;
    std::string place;      ///< image, URL of a chart repository, git repository, or address of a text
    std::string chart;      ///< of a chart repository
    std::string ref;        ///< version or range of versions of a chart; branch, tag or commit of a folder
    std::string directory;  ///< of a folder
};

/// By what the app says and what was checked out for it (NeededSource::key). Reads files, no network; what
/// names its content by a digest or a whole commit is not there. In key order, each once.
std::vector<Outside> outside_of(const AppConfig& config, const std::map<std::string, SourceFolder>& sources);

/// One that is not set: nothing of the kind is looked up. May block.
struct PinHooks {
    std::function<Result<Digest>(const ImageName& image)> image = {};
    std::function<Result<std::string>(const std::string& address)> text = {};  ///< index.yaml is up to 64 MiB
    std::function<Result<SourceFolder>(const Outside& folder)> folder = {};
    /// What the sync before pinned it to, by Outside::key: counts while it cannot be asked, so that a
    /// registry that is down makes no other version. Empty: nothing.
    std::function<SourceFolder(const std::string& key)> before = {};
};

struct Pinned {
    std::map<std::string, SourceFolder> sources;  ///< by key; content "not pinned" for what could not be told
    std::vector<std::string> not_pinned;          ///< with the reason
};
/// A chart's content is "<version> sha256:<digest>", its newest version in the range.
Pinned pin(const std::vector<Outside>& outside, const PinHooks& hooks);

/// Asks registries, chart repositories (https) and git; nothing where `options` forbids the network, but
/// what its mirrors and its cache hold. Both must outlive it.
PinHooks pin_hooks(RegistryClient& registry, const SourceOptions& options);

/// An image that a Dockerfile builds on or copies from.
struct BaseImage {
    std::string written;  ///< "golang:${GO}"
    std::string name;     ///< with its variables filled in as far as ARG and the arguments go

    friend bool operator==(const BaseImage&, const BaseImage&) = default;
};
/// No stage, not `scratch`, none that is named by its digest; each once.
std::vector<BaseImage> base_images(std::string_view dockerfile, const StringMap& arguments);

/// What a chart was pinned to; empty when it was not.
struct PinnedChart {
    std::string version;
    std::string
        digest;  ///< "sha256:…" of the packed chart; empty: the repository does not say, or an OCI one
};
PinnedChart pinned_chart(const AppVersion& version, const Component& component);

}  // namespace slipway::lifecycle
