#include "steps/helm/inputs.hpp"

#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"

namespace slipway::helm {

using kubernetes::array_of;
using kubernetes::flag_of;
using kubernetes::number_of;
using kubernetes::object_of;
using kubernetes::text_of;

namespace {

constexpr std::size_t kMaxFiles = 40;

/// Names become arguments: none may look like an option.
Result<void> check_name(const std::string& value, const char* member) {
    const bool good = !value.empty() && value.size() <= 63 &&
                      value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == value.npos &&
                      value.front() != '-' && value.back() != '-';
    return good ? Result<void>()
                : authoring_error(std::string(member) + " is no name for Kubernetes: " + value);
}

Result<ChartSource> read_chart(const json::object& input) {
    ChartSource chart;
    if (const auto& repository = object_of(input, "helm_repo"); !repository.empty()) {
        chart.repository = text_of(repository, "repo_url");
        chart.name = text_of(repository, "chart");
        chart.version = text_of(repository, "version");
        if (chart.repository.starts_with("oci://")) {
            chart.oci = chart.repository + "/" + chart.name;
            chart.repository.clear();
        } else if (!chart.repository.starts_with("https://") && !chart.repository.starts_with("http://")) {
            return authoring_error("helm_repo.repo_url is no http, https or oci address");
        }
    } else if (const auto& oci = object_of(input, "oci"); !oci.empty()) {
        chart.oci = text_of(oci, "ref");
        chart.version = text_of(oci, "version");
        if (!chart.oci.starts_with("oci://")) {
            return authoring_error("oci.ref is no oci:// address");
        }
    } else if (const auto artifact = text_of(input, "artifact"); !artifact.empty()) {
        chart.artifact = artifact;
    } else {
        chart.path = text_of(input, "source");
        if (!chart.path.starts_with('/')) {
            return authoring_error(
                "there is no chart: source is an absolute path, or artifact, helm_repo or oci is given");
        }
        const auto below = text_of(input, "path");
        if (below.find("..") != std::string::npos) {
            return authoring_error("path leads out of the source");
        }
        chart.path += below.empty() ? "" : "/" + below;
    }
    for (const auto* word : {&chart.name, &chart.version}) {
        if (word->starts_with('-')) {
            return authoring_error("a chart's name or version begins with a dash");
        }
    }
    return chart;
}

Result<void> read_values(HelmInput& input, AttemptContext& context, kubernetes::Mask& mask) {
    for (const auto& item : array_of(input.raw, "values_files")) {
        const auto& file = item.is_object() ? item.get_object() : json::object();
        input.files.push_back({text_of(file, "name", "values"), text_of(file, "contents")});
    }
    if (input.files.size() > kMaxFiles) {
        return authoring_error("there are more than 40 files of values");
    }
    json::value values = object_of(input.raw, "values");
    SLIPWAY_CHECK(kubernetes::resolve_secrets(values, context, mask));
    SLIPWAY_TRY(auto tree, tree_of(values.get_object()));
    if (!tree.empty()) {
        input.files.push_back({"values", json::serialize(tree)});
    }
    for (const auto& secret : array_of(input.raw, "sensitive_values")) {
        mask.add(secret);
    }
    return {};
}

Result<void> read_mode(HelmInput& input) {
    const auto mode = text_of(input.raw, "mode", "apply");
    input.mode = mode == "destroy" ? Mode::kDestroy : mode == "rollback" ? Mode::kRollback : Mode::kApply;
    if (mode != to_string(input.mode)) {
        return authoring_error("mode is none of apply, destroy and rollback: " + mode);
    }
    input.rollback_to = static_cast<int>(number_of(input.raw, "rollback_to"));
    if (input.mode == Mode::kRollback && input.rollback_to <= 0) {
        return authoring_error("rollback_to names no revision");
    }
    const auto driver = text_of(input.raw, "storage_driver", "secret");
    if (driver != "secret" && driver != "configmap") {
        return authoring_error("storage_driver is neither secret nor configmap: " + driver);
    }
    input.driver = driver == "configmap" ? Driver::kConfigMap : Driver::kSecret;
    return {};
}

}  // namespace

std::string_view to_string(Mode mode) {
    return mode == Mode::kDestroy ? "destroy" : mode == Mode::kRollback ? "rollback" : "apply";
}

std::string key_of(const AttemptInfo& info) {
    return sha256(info.idempotency_key.empty() ? info.run.str() + "/" + info.step.str()
                                               : info.idempotency_key)
        .hex()
        .substr(0, 40);
}

std::string owner_label(const std::string& owner) {
    const auto end = owner.empty() ? 'x' : owner.back();
    const bool fits = owner.size() <= 63 && end != '-' && end != '_' && end != '.' &&
                      owner.find_first_not_of(
                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789-_.") == owner.npos;
    return fits ? owner : sha256(owner).hex().substr(0, 40);
}

namespace {

/// A release that was deployed under another name or elsewhere would stay behind for ever.
Result<void> check_not_moved(const HelmInput& input) {
    const auto& deployed = object_of(input.raw, "deployed");
    for (const auto& [member, now] :
         {std::pair{"release", &input.release}, std::pair{"namespace", &input.space}}) {
        const auto before = text_of(deployed, member, *now);
        if (before != *now) {
            return authoring_error(std::string("the ") + member + " has moved from " + before + " to " +
                                       *now + " since this was deployed",
                                   "tear the component down first, then deploy it");
        }
    }
    return {};
}

}  // namespace

Result<HelmInput> read_input(AttemptContext& context, const HelmOptions& options, kubernetes::Mask& mask) {
    auto parsed = kubernetes::parse_object(context.info().input.bytes, "the input");
    if (!parsed) {
        return authoring_error(parsed.error().message);
    }
    HelmInput input;
    input.raw = std::move(*parsed);
    input.release = text_of(input.raw, "release");
    input.space = text_of(input.raw, "namespace");
    SLIPWAY_CHECK(check_name(input.release, "release"));
    SLIPWAY_CHECK(check_name(input.space, "namespace"));
    SLIPWAY_CHECK(read_mode(input));
    input.artifact = text_of(input.raw, "artifact");
    input.owner = owner_label(text_of(input.raw, "owner"));
    if (input.mode == Mode::kApply) {
        SLIPWAY_CHECK(check_not_moved(input));
    }
    if (input.mode == Mode::kApply && context.info().kind == "helm.plan") {
        SLIPWAY_TRY(input.chart, read_chart(input.raw));
    }
    SLIPWAY_CHECK(read_values(input, context, mask));
    input.wait = flag_of(input.raw, "wait", true);
    input.wait_for_jobs = flag_of(input.raw, "wait_for_jobs");
    input.create_namespace = flag_of(input.raw, "create_namespace", true);
    input.take_ownership = flag_of(input.raw, "take_ownership");
    input.refuse_random = text_of(input.raw, "nondeterministic", "pin") == "refuse";
    input.hooks_once = text_of(input.raw, "hooks", "repeat") == "once";
    input.timeout_ms = number_of(input.raw, "timeout_ms", options.timeout_ms);
    if (input.timeout_ms < 1000) {
        return authoring_error("timeout_ms is less than a second");
    }
    SLIPWAY_TRY(input.access, kubernetes::access_of(context, input.raw, options.cluster, mask));
    return input;
}

Result<Planned> read_planned(std::string_view apply_input) {
    const auto input = kubernetes::parse_object(apply_input, "the input");
    const auto& plan = input ? object_of(*input, "plan") : json::object();
    Planned out;
    const auto blob = Digest::from_hex(text_of(plan, "blob"));
    out.digest = text_of(plan, "digest");
    if (blob.is_zero() || out.digest.empty()) {
        return authoring_error("there is no plan to apply: the member plan is not the output of helm.plan");
    }
    out.blob = blob;
    out.artifact = text_of(plan, "artifact");
    out.nothing_to_do = flag_of(plan, "nothing_to_do");
    const auto& base = object_of(plan, "base");
    out.base_revision = static_cast<int>(number_of(base, "revision"));
    out.base_status = text_of(base, "status");
    out.base_had_deployed = flag_of(base, "had_deployed");
    out.live_digest = text_of(base, "live_digest");
    return out;
}

}  // namespace slipway::helm
