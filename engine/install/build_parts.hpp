// What an app version is built in: the sandbox's module and the components, under one set of names.
#pragma once

#include <string>
#include <vector>

#include "slipway/lifecycle/build.hpp"

namespace slipway::lifecycle {

/// Name of the sandbox among the parts; a component of that name goes by part_id().
inline constexpr const char* kSandboxPart = "sandbox";

struct BuildPart {
    std::string id;      ///< "sandbox", or part_id() of a component
    std::string source;  ///< key in AppVersion::sources
    const Component* component = nullptr;
};

/// `config` must outlive it.
class BuildParts {
public:
    explicit BuildParts(const AppConfig& config);
    BuildParts(const BuildParts&) = delete;
    BuildParts& operator=(const BuildParts&) = delete;

    /// The sandbox first, where it has a source, then the components in their order.
    const std::vector<BuildPart>& all() const { return all_; }
    /// Null when there is none of that id.
    const BuildPart* find(const std::string& id) const;

private:
    Component sandbox_;  ///< built as a component of the same content would be
    std::vector<BuildPart> all_;
};

/// build_cause() of any part.
BuildCause cause_of(const AppVersion& version, const BuildPart& part, const std::string& image_digest);

/// Why only an install can tell what a component is made of; empty when it is built for all of them.
std::string per_install_reason(const Component& component);
/// Something is built of it before it is deployed.
bool is_built(const Component& component);

}  // namespace slipway::lifecycle
