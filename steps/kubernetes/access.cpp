// How a step reaches its cluster: the kubeconfig comes from the input, from the host's hook, or from the
// host's options, in this order.
#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"
#include "steps/kubernetes/kubectl.hpp"

namespace slipway::kubernetes {
namespace {

constexpr std::uint32_t kKubeconfigFd = 63;  // the last one that a run may have: values count from 3

/// Keys of a kubeconfig whose values let somebody in.
constexpr std::string_view kSecretKeys[] = {"token", "password", "client-key-data"};

/// Line by line, whether it is YAML or JSON: `key: value` with or without quotes.
void learn_secrets(std::string_view text, Mask& mask) {
    for (const auto key : kSecretKeys) {
        for (auto at = text.find(key); at != text.npos; at = text.find(key, at + 1)) {
            const auto from = text.find_first_not_of("\": \t", at + key.size());
            const auto colon = text.find(':', at + key.size());
            if (from == text.npos || colon == text.npos || colon > from) {
                continue;
            }
            const auto to = std::min(text.find_first_of("\",}\r\n ", from), text.size());
            mask.add_text(text.substr(from, to - from));
        }
    }
}

Error no_kubeconfig() {
    return usage_error(ErrorCode::kInvalidArgument, "there is no kubeconfig for this cluster",
                       "the sandbox puts out kubeconfig or cluster, or the install's settings or the host's "
                       "options name a file");
}

}  // namespace

std::string hand_over_kubeconfig(const Access& access, process::ToolRun& run) {
    if (access.content.empty()) {
        return access.kubeconfig;
    }
    run.fds[kKubeconfigFd] = access.content;
    return "/dev/fd/" + std::to_string(kKubeconfigFd);
}

Result<Access> access_of(AttemptContext& context, const json::object& input, const ClusterOptions& options,
                         Mask& mask) {
    Access access{text_of(input, "kubeconfig"), {}, text_of(input, "context")};
    const auto& cluster = object_of(input, "cluster");
    if (access.kubeconfig.empty() && !cluster.empty() && options.credentials) {
        SLIPWAY_TRY(auto found,
                    options.credentials({text_of(cluster, "install"), text_of(cluster, "context")}));
        access = {std::move(found.path), std::move(found.kubeconfig), std::move(found.context)};
        if (!found.secret.empty()) {
            SLIPWAY_TRY(access.content, context.secret(found.secret));
        }
    }
    if (access.kubeconfig.empty() && access.content.empty()) {
        access.kubeconfig = options.kubeconfig;
        access.context = access.context.empty() ? options.context : access.context;
    }
    if (access.content.empty() && !access.kubeconfig.starts_with('/')) {
        return no_kubeconfig();
    }
    learn_secrets(access.content, mask);
    return access;
}

}  // namespace slipway::kubernetes
