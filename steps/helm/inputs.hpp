// What the two kinds of steps are given, read and checked.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "slipway/executor.hpp"
#include "slipway/steps/helm.hpp"
#include "steps/helm/release.hpp"
#include "steps/helm/values.hpp"
#include "steps/kubernetes/kubectl.hpp"
#include "steps/kubernetes/mask.hpp"

namespace slipway::helm {

enum class Mode { kApply, kDestroy, kRollback };
std::string_view to_string(Mode mode);

/// One of: a built artifact, a folder or archive on this machine, a chart of a repository, a chart of a
/// registry.
struct ChartSource {
    std::string artifact;  ///< "sha256:…"
    std::string path;
    std::string repository;  ///< URL
    std::string name;
    std::string oci;      ///< "oci://HOST/…/NAME"
    std::string version;  ///< of the last two; may be empty
};

struct HelmInput {
    std::string release;
    std::string space;
    Mode mode = Mode::kApply;
    int rollback_to = 0;
    Driver driver = Driver::kSecret;
    ChartSource chart;
    std::vector<ValuesFile> files;  ///< those of the input, then "values"
    bool wait = true;
    bool wait_for_jobs = false;
    bool create_namespace = true;
    bool take_ownership = false;
    bool refuse_random = false;  ///< a chart that renders differently each time is refused, not pinned
    bool hooks_once = false;     ///< no hook may run twice
    DurationMs timeout_ms = 0;
    kubernetes::Access access;
    std::string artifact;  ///< what the chart was built to; empty: it was not built
    std::string owner;     ///< whose release it is; may be empty
    json::object raw;
};

/// Authoring errors that name the member. Secrets are resolved, and `mask` knows them then.
Result<HelmInput> read_input(AttemptContext& context, const HelmOptions& options, kubernetes::Mask& mask);

/// The part of a plan step's output that the apply step acts on.
struct Planned {
    Digest blob;
    std::string artifact;
    std::string digest;
    bool nothing_to_do = false;
    int base_revision = 0;
    std::string base_status;
    bool base_had_deployed = false;
    std::string live_digest;
};
Result<Planned> read_planned(std::string_view apply_input);

/// The label value by which a step's round is known.
std::string key_of(const AttemptInfo& info);
/// What a label can hold of an owner: at most 63 characters, other owners others.
std::string owner_label(const std::string& owner);

}  // namespace slipway::helm
