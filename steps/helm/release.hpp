// Helm's own records of a release, as they lie in the cluster: the witness of what helm did.
#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::helm {

namespace json = boost::json;

/// Labels by which a revision is known to be ours. Label values hold at most 63 characters.
inline constexpr const char* kKeyLabel = "slipway.dev/key";  ///< the step and round: H(run, step, round)
inline constexpr const char* kAttemptLabel = "slipway.dev/attempt";
inline constexpr const char* kOpLabel = "slipway.dev/op";  ///< what was applied: digest of the bundle
inline constexpr const char* kUntilLabel =
    "slipway.dev/until";  ///< by then (Unix seconds) its helm has ended
inline constexpr const char* kOwnerLabel = "slipway.dev/owner";  ///< install and component

/// Begins the description of a record that recovery has marked as failed.
inline constexpr const char* kMarkText = "interrupted, found by slipway";

struct HookRecord {
    std::string name;
    std::string kind;
    std::vector<std::string> events;
    int weight = 0;
    std::string manifest;
    bool ran = false;  ///< was begun, at least
    bool once = false;
};

struct ReleaseRecord {
    int revision = 0;
    std::string status;
    std::string description;
    std::map<std::string, std::string> labels;
    std::string manifest;
    std::vector<HookRecord> hooks;
    json::object stored;  ///< the Secret or ConfigMap as it was read

    bool pending() const { return status.starts_with("pending-"); }
    bool is_marked() const { return description.starts_with(kMarkText); }
    std::string label(const std::string& name) const {
        const auto found = labels.find(name);
        return found == labels.end() ? std::string() : found->second;
    }
};

enum class Driver { kSecret, kConfigMap };

/// Of one stored object. kCorrupt when it is no release.
Result<ReleaseRecord> decode_record(const json::object& stored);
/// The stored object with another status and description, for a PUT that fails when it was changed meanwhile.
Result<json::object> with_status(const json::object& stored, const std::string& status,
                                 const std::string& description);

/// A release as `helm -o json` prints it, or as it is stored.
std::vector<HookRecord> hooks_of(const json::object& release);
/// Documents of a manifest, without the comment that says where they came from.
std::vector<std::string> documents_of(const std::string& manifest);

Result<std::string> gunzip(const std::string& bytes);
Result<std::string> gzip(const std::string& bytes);

}  // namespace slipway::helm
