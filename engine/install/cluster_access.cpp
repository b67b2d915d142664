#include "slipway/lifecycle/cluster.hpp"

#include <algorithm>

#include "engine/install/json.hpp"
#include "slipway/lifecycle/install.hpp"
#include "slipway/lifecycle/oci.hpp"
#include "slipway/secrets.hpp"

namespace slipway::lifecycle {
namespace {

/// Whose outputs tell.
struct Teller {
    std::string what;  ///< "the sandbox", "component cluster"
    const PartState* part = nullptr;
};

Result<Teller> teller_of(const AppVersion& version, const InstallState& state, std::string_view context) {
    if (context.empty() || context == kSandboxContext) {
        return Teller{"the sandbox", &state.sandbox};
    }
    for (const auto& known : version.config.kubernetes_contexts) {
        if (known.name != context) {
            continue;
        }
        const auto part = state.components.find(known.component);
        if (part == state.components.end() || !is_present(part->second.status)) {
            return usage_error(ErrorCode::kNotFound, "component " + known.component +
                                                         ", whose cluster the context " + known.name +
                                                         " names, is not deployed");
        }
        return Teller{"component " + known.component, &part->second};
    }
    return usage_error(ErrorCode::kNotFound, "the app has no kubernetes_context " + std::string(context));
}

Error not_sensitive(const Teller& teller, const std::string& output) {
    return usage_error(ErrorCode::kRefused,
                       "the output " + output + " of " + teller.what +
                           " lets whoever reads it in, and is not marked as sensitive",
                       "write sensitive = true to it");
}

/// The program by which the cloud's own client gets a token.
Result<json::object> login_program(const Install& install, const Teller& teller, const std::string& name) {
    json::object exec;
    exec["apiVersion"] = "client.authentication.k8s.io/v1beta1";
    exec["interactiveMode"] = "Never";
    if (install.account.cloud == "gcp") {
        exec["command"] = "gke-gcloud-auth-plugin";
        exec["provideClusterInfo"] = true;
    } else if ((install.account.cloud.empty() || install.account.cloud == "aws") && !name.empty()) {
        exec["command"] = "aws";
        exec["args"] = json::array{"eks", "get-token", "--output", "json", "--cluster-name", name};
        if (!install.account.region.empty()) {
            exec["args"].get_array().emplace_back("--region");
            exec["args"].get_array().emplace_back(install.account.region);
        }
    } else {
        return usage_error(ErrorCode::kUnsupported,
                           "the output cluster of " + teller.what +
                               " has no token, and none can be asked for in the cloud " +
                               install.account.cloud,
                           "put out a kubeconfig, or name one in the install's settings");
    }
    json::object user;
    user["exec"] = std::move(exec);
    return user;
}

json::array named(std::string_view member, json::object value) {
    json::object entry;
    entry["name"] = "cluster";
    entry[member] = std::move(value);
    return json::array{std::move(entry)};
}

/// A kubeconfig is YAML, and JSON is YAML.
std::string kubeconfig_of(const std::string& endpoint, const std::string& authority, json::object user) {
    json::object cluster;
    cluster["server"] = endpoint.find("://") == std::string::npos ? "https://" + endpoint : endpoint;
    if (!authority.empty()) {
        cluster["certificate-authority-data"] = authority;
    }
    json::object context;
    context["cluster"] = "cluster";
    context["user"] = "cluster";
    json::object file;
    file["apiVersion"] = "v1";
    file["kind"] = "Config";
    file["clusters"] = named("cluster", std::move(cluster));
    file["users"] = named("user", std::move(user));
    file["contexts"] = named("context", std::move(context));
    file["current-context"] = "cluster";
    return json::serialize(file);
}

Result<ClusterAccess> made_of(const Install& install, const Teller& teller, const OutputValue& output) {
    SLIPWAY_TRY(const json::object cluster,
                parse_object(output.json, "the output cluster of " + teller.what));
    const std::string endpoint = get_string(cluster, "endpoint", get_string(cluster, "server"));
    if (endpoint.empty()) {
        return authoring_error("the output cluster of " + teller.what + " names no endpoint");
    }
    std::string authority;
    for (const std::string_view key :
         {"certificate_authority_data", "cluster_ca_certificate", "ca_certificate"}) {
        authority = authority.empty() ? get_string(cluster, key) : authority;
    }
    json::object user;
    if (const std::string token = get_string(cluster, "token"); !token.empty()) {
        if (!output.sensitive) {
            return not_sensitive(teller, "cluster");
        }
        user["token"] = token;
    } else {
        SLIPWAY_TRY(user, login_program(install, teller, get_string(cluster, "name")));
    }
    return ClusterAccess{kubeconfig_of(endpoint, authority, std::move(user)), {}, {}, {}};
}

}  // namespace

Result<ClusterAccess> cluster_access(const AppVersion& version, const Install& install,
                                     const InstallState& state, std::string_view context) {
    const auto& settings = install.settings;
    if (!settings.kubeconfig.empty() && (context.empty() || context == kSandboxContext)) {
        ClusterAccess access;
        (settings.kubeconfig.starts_with('/') ? access.path : access.secret) = settings.kubeconfig;
        access.context = settings.kube_context;
        return access;
    }
    SLIPWAY_TRY(const Teller teller, teller_of(version, state, context));
    const auto& outputs = teller.part->outputs;
    if (const auto text = outputs.find("kubeconfig"); text != outputs.end()) {
        if (!text->second.sensitive) {
            return not_sensitive(teller, "kubeconfig");
        }
        SLIPWAY_TRY(const json::value value,
                    parse_json(text->second.json, "the output kubeconfig of " + teller.what));
        return ClusterAccess{plain_text(value), {}, {}, {}};
    }
    if (const auto cluster = outputs.find("cluster"); cluster != outputs.end()) {
        return made_of(install, teller, cluster->second);
    }
    if (teller.part != &state.sandbox) {
        return usage_error(ErrorCode::kNotFound,
                           teller.what + " puts out neither kubeconfig nor cluster, which the context " +
                               std::string(context) + " needs");
    }
    return ClusterAccess{};
}

Result<void> check_settings(const InstallSettings& settings) {
    std::string problems;
    const auto problem = [&](const std::string& text) { problems += (problems.empty() ? "" : "\n") + text; };
    if (!settings.kubeconfig.empty() && !settings.kubeconfig.starts_with('/') &&
        !parse_secret_reference(settings.kubeconfig)) {
        problem("kubeconfig is neither an absolute path nor a reference to a secret");
    }
    if (!settings.kube_context.empty() && settings.kubeconfig.empty()) {
        problem("kube_context names a context of a kubeconfig, and there is none");
    }
    if (settings.kube_context.starts_with('-')) {
        problem("kube_context begins with a dash");
    }
    if (!settings.image_registry.empty()) {
        const auto name = parse_image_name(settings.image_registry + "/image");
        if (!name || name->host.empty()) {
            problem("image_registry is not HOST/PREFIX: " + settings.image_registry);
        }
    }
    return problems.empty() ? Result<void>() : usage_error(ErrorCode::kInvalidArgument, problems);
}

}  // namespace slipway::lifecycle
