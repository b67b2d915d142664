// What a build step is told, and what it answers.
#include "engine/artifact/json.hpp"
#include "slipway/lifecycle/build.hpp"

namespace slipway::lifecycle {
namespace {

namespace json = boost::json;

constexpr std::size_t kInputMax = std::size_t{4} * 1024 * 1024;

struct TextMember {
    const char* name;
    std::string BuildInput::*member;
};
constexpr TextMember kTexts[] = {
    {"app", &BuildInput::app},
    {"component", &BuildInput::component},
    {"version", &BuildInput::version},
    {"what", &BuildInput::what},
    {"folder", &BuildInput::folder},
    {"path", &BuildInput::path},
    {"text", &BuildInput::text},
    {"text_blob", &BuildInput::text_blob},
    {"name", &BuildInput::name},
    {"chart_version", &BuildInput::chart_version},
    {"target", &BuildInput::target},
    {"token", &BuildInput::token},
    {"repository", &BuildInput::repository},
};

std::string output_of(const BuildInput& input, const OciDescriptor& artifact, bool built) {
    json::object out;
    out["app"] = input.app;
    out["component"] = input.component;
    out["artifact"] = oci_digest(artifact.digest);
    out["artifact_type"] = artifact.artifact_type;
    out["media_type"] = artifact.media_type;
    out["size"] = artifact.size;
    out["key"] = input.cause.key().hex();
    out["built"] = built;
    return json::serialize(out);
}

}  // namespace

std::string write_build_input(const BuildInput& input) {
    json::object out;
    for (const auto& text : kTexts) {
        if (!(input.*text.member).empty()) {
            out[text.name] = input.*text.member;
        }
    }
    out["cause"] = artifact::to_object(input.cause.parts);
    out["notes"] = artifact::to_object(input.cause.notes);
    out["arguments"] = artifact::to_object(input.arguments);
    out["info"] = artifact::to_object({{"source", input.info.source},
                                       {"revision", input.info.revision},
                                       {"version", input.info.version},
                                       {"title", input.info.title},
                                       {"app_version", input.info.app_version}});
    return json::serialize(out);
}

Result<BuildInput> parse_build_input(std::string_view bytes) {
    SLIPWAY_TRY(const auto object, artifact::parse_object(bytes, "the input of the build", kInputMax));
    const std::string where = "the input of the build: ";
    BuildInput out;
    for (const auto& text : kTexts) {
        SLIPWAY_TRY(out.*text.member, artifact::text_at(object, text.name, where));
    }
    SLIPWAY_TRY(out.cause.parts, artifact::texts_at(object, "cause", where));
    SLIPWAY_TRY(out.cause.notes, artifact::texts_at(object, "notes", where));
    SLIPWAY_TRY(out.arguments, artifact::texts_at(object, "arguments", where));
    SLIPWAY_TRY(auto info, artifact::texts_at(object, "info", where));
    out.info = {info["source"], info["revision"], info["version"], info["title"], info["app_version"]};
    if (out.app.empty() || out.component.empty() || out.what.empty() || out.cause.parts.empty()) {
        return usage_error(ErrorCode::kInvalidArgument, where + "app, component, what and cause are needed");
    }
    return out;
}

Result<std::optional<std::string>> completed_build(const ArtifactStore& store, const BuildInput& input) {
    SLIPWAY_TRY(const auto record, store.find(input.app, input.component, input.cause.key()));
    if (!record || (!input.token.empty() && record->token != input.token)) {
        return std::optional<std::string>();
    }
    return std::optional<std::string>(output_of(input, record->artifact, false));
}

namespace {

/// A chart that was pinned by its digest is that chart.
Result<void> check_pinned(const ArtifactStore& store, const BuildInput& input,
                          const OciDescriptor& artifact) {
    const auto pinned = input.arguments.find("chart_digest");
    if (input.what != "chart_repository" || pinned == input.arguments.end()) {
        return {};
    }
    SLIPWAY_TRY(const auto bytes, store.read(artifact.digest));
    SLIPWAY_TRY(const auto manifest, parse_manifest(bytes));
    const std::string found = manifest.layers.empty() ? "" : oci_digest(manifest.layers.front().digest);
    if (found != pinned->second) {
        return environment_error(ErrorCode::kCorrupt,
                                 "the chart " + input.name + " " + input.chart_version + " of " +
                                     input.repository + " is " + found + " and was " + pinned->second +
                                     " when the app was synced",
                                 "sync the app again, and look at what changed");
    }
    return {};
}

}  // namespace

Result<std::string> complete_build(const ArtifactStore& store, const BuildInput& input,
                                   const OciDescriptor& artifact, TimeMs now) {
    SLIPWAY_CHECK(check_pinned(store, input, artifact));
    BuildRecord record{input.app, input.component, input.cause, artifact, input.version, now};
    record.token = input.token;
    SLIPWAY_CHECK(store.record(record));
    return output_of(input, artifact, true);
}

}  // namespace slipway::lifecycle
