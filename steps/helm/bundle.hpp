// Exactly what will be applied: rendered documents, hooks, definitions and values. Its digest is what an
// approval is bound to; sealed as a blob between plan and apply.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "steps/helm/inputs.hpp"

namespace slipway::helm {

struct Bundle {
    Mode mode = Mode::kApply;
    std::string release;
    std::string space;
    Driver driver = Driver::kSecret;
    json::object chart;                  ///< its metadata; without dependencies, which are rendered already
    std::vector<std::string> documents;  ///< in the order of the rendering
    std::vector<HookRecord> hooks;
    std::string definitions;  ///< of custom resources: only helm's first install brings them
    std::vector<std::string> values;
    std::string known;  ///< of a removal: everything that any recorded revision brought, as stubs
    bool wait = true;
    bool wait_for_jobs = false;
    bool create_namespace = true;
    bool take_ownership = false;
    DurationMs timeout_ms = 0;
};

/// The bundle of what helm rendered (`helm … --dry-run -o json`, or a record).
Bundle make_bundle(const HelmInput& input, const json::object& release, const std::string& definitions);

/// Canonical: equal bundles have equal bytes.
std::string encode(const Bundle& bundle);
Result<Bundle> decode_bundle(std::string_view text);

/// Writes a chart whose rendering is these documents, byte by byte: templates that only quote files.
Result<void> write_chart(const Bundle& bundle, const std::string& folder);

/// Whether a recorded release holds exactly these documents and hooks.
bool is_same(const Bundle& bundle, const ReleaseRecord& record);

}  // namespace slipway::helm
