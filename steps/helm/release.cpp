#include "steps/helm/release.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"
#include "steps/kubernetes/mask.hpp"
#include "steps/kubernetes/yaml.hpp"

namespace slipway::helm {

using kubernetes::array_of;
using kubernetes::number_of;
using kubernetes::object_of;
using kubernetes::text_of;
using kubernetes::value_at;

namespace {

constexpr const char* kOnceAnnotation = "slipway.dev/hook";

/// Secrets are encoded once more than ConfigMaps, by Kubernetes itself.
Result<json::object> release_in(const json::object& stored) {
    auto text = text_of(object_of(stored, "data"), "release");
    if (text_of(stored, "kind") != "ConfigMap") {
        text = kubernetes::decode_base64(text);
    }
    auto bytes = kubernetes::decode_base64(text);
    if (bytes.starts_with("\x1f\x8b")) {
        SLIPWAY_TRY(bytes, gunzip(bytes));
    }
    return kubernetes::parse_object(bytes, "the record of a release");
}

bool is_once(const std::string& manifest) {
    const auto documents = kubernetes::parse_yaml(manifest, "a hook");
    return documents && !documents->empty() && documents->front().is_object() &&
           kubernetes::text_at(documents->front().get_object(),
                               {"metadata", "annotations", kOnceAnnotation}) == "once";
}

}  // namespace

std::vector<HookRecord> hooks_of(const json::object& release) {
    std::vector<HookRecord> out;
    for (const auto& item : array_of(release, "hooks")) {
        if (!item.is_object()) {
            continue;
        }
        const auto& hook = item.get_object();
        HookRecord record;
        record.name = text_of(hook, "name");
        record.kind = text_of(hook, "kind");
        record.events = kubernetes::strings_of(hook, "events");
        record.weight = static_cast<int>(number_of(hook, "weight"));
        record.manifest = text_of(hook, "manifest");
        const auto phase = kubernetes::text_at(hook, {"last_run", "phase"});
        record.ran = !phase.empty();
        record.once = is_once(record.manifest);
        out.push_back(std::move(record));
    }
    return out;
}

Result<ReleaseRecord> decode_record(const json::object& stored) {
    SLIPWAY_TRY(const auto release, release_in(stored));
    ReleaseRecord record;
    record.revision = static_cast<int>(number_of(release, "version"));
    record.status = kubernetes::text_at(release, {"info", "status"});
    record.description = kubernetes::text_at(release, {"info", "description"});
    for (const auto& label : object_of(object_of(stored, "metadata"), "labels")) {
        if (label.value().is_string()) {
            record.labels.emplace(label.key(), label.value().get_string());
        }
    }
    record.manifest = text_of(release, "manifest");
    record.hooks = hooks_of(release);
    record.stored = stored;
    if (record.revision <= 0 || record.status.empty()) {
        return environment_error(ErrorCode::kCorrupt, "the record of a release has no revision or status");
    }
    return record;
}

Result<json::object> with_status(const json::object& stored, const std::string& status,
                                 const std::string& description) {
    SLIPWAY_TRY(auto release, release_in(stored));
    auto& info = release["info"];
    if (!info.is_object()) {
        return environment_error(ErrorCode::kCorrupt, "the record of a release has no info");
    }
    info.get_object()["status"] = status;
    info.get_object()["description"] = description;
    SLIPWAY_TRY(const auto packed, gzip(json::serialize(release)));
    auto text = kubernetes::encode_base64(packed);
    if (text_of(stored, "kind") != "ConfigMap") {
        text = kubernetes::encode_base64(text);
    }
    auto out = stored;
    out["data"].as_object()["release"] = text;
    auto& labels = out["metadata"].as_object()["labels"];
    if (!labels.is_object()) {
        labels = json::object();
    }
    labels.get_object()["status"] = status;
    return out;
}

std::vector<std::string> documents_of(const std::string& manifest) {
    std::vector<std::string> out;
    for (auto document : kubernetes::split_yaml(manifest)) {
        if (document.starts_with("# Source: ")) {
            document.erase(0, std::min(document.find('\n'), document.size() - 1) + 1);
        }
        const auto last = document.find_last_not_of(" \n\t\r");
        const auto first = document.find_first_not_of('\n');
        if (last != std::string::npos && first <= last) {
            out.push_back(document.substr(first, last + 1 - first) + "\n");
        }
    }
    return out;
}

}  // namespace slipway::helm
