#include "steps/helm/render.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "steps/kubernetes/artifact.hpp"
#include "steps/kubernetes/json.hpp"

namespace slipway::helm {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kFirstValuesFd = 3;
constexpr std::size_t kMaxRendered = std::size_t{64} * 1024 * 1024;

std::string host_of(const std::string& oci) {
    const auto rest = oci.substr(std::string("oci://").size());
    return rest.substr(0, rest.find('/'));
}

/// Absolute path of the chart on this machine.
Result<std::string> bring(process::Tools& tools, Cluster& cluster, const HelmInput& input,
                          const HelmOptions& options) {
    const auto& chart = input.chart;
    if (!chart.artifact.empty()) {
        SLIPWAY_TRY(const auto folder, kubernetes::unpack_artifact(tools, options.cluster, chart.artifact));
        return folder + "/chart.tgz";
    }
    if (!chart.path.empty()) {
        std::error_code code;
        return fs::exists(chart.path, code) ? Result<std::string>(chart.path)
                                            : authoring_error("source: there is no chart at " + chart.path);
    }
    SLIPWAY_TRY(const auto folder, tools.folder());
    std::vector<std::string> args = {"pull", chart.oci.empty() ? chart.name : chart.oci, "--destination",
                                     folder + "/pulled"};
    if (!chart.version.empty()) {
        args.insert(args.end(), {"--version", chart.version});
    }
    if (chart.oci.empty()) {
        args.insert(args.end(), {"--repo", chart.repository});
    } else if (options.plain_http.count(host_of(chart.oci)) != 0) {
        args.emplace_back("--plain-http");
    }
    std::error_code code;
    fs::create_directories(folder + "/pulled", code);
    auto run = cluster.helm_run("pull", std::move(args), folder);
    run.time_limit_ms = options.cluster.request_limit_ms;
    SLIPWAY_CHECK(tools.run(run));
    for (const auto& entry : fs::directory_iterator(folder + "/pulled", code)) {
        if (entry.path().extension() == ".tgz") {
            return entry.path().string();
        }
    }
    return environment_error(ErrorCode::kCorrupt, "helm pull brought no chart");
}

Result<json::object> dry_run(process::Tools& tools, const Cluster& cluster, const HelmInput& input,
                             const HelmOptions& options, const std::string& chart, const std::string& name) {
    SLIPWAY_TRY(const auto folder, tools.folder());
    const auto wished = make_bundle(input, {}, {});
    auto args = upgrade_args(wished, chart);
    args.insert(args.end(), {"--dry-run=server", "-o", "json"});
    auto run = cluster.helm_run(name, std::move(args), folder);
    hand_over_values(wished.values, run);
    run.time_limit_ms = input.timeout_ms + options.cluster.request_limit_ms;
    run.output_max = kMaxRendered;
    SLIPWAY_TRY(const auto text, tools.run(run));
    // Some versions say a line or two before the document.
    const auto from = text.find('{');
    return kubernetes::parse_object(from == std::string::npos ? text : text.substr(from),
                                    "what helm rendered");
}

std::string address_in(const std::string& document, const std::string& space) {
    const auto objects = kubernetes::objects_of(document, "document", space);
    return objects && !objects->empty() ? kubernetes::id_of(objects->front())->address() : "a document";
}

std::vector<std::string> differing(const Bundle& a, const Bundle& b) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::max(a.documents.size(), b.documents.size()); ++i) {
        const std::string one = i < a.documents.size() ? a.documents[i] : std::string();
        const std::string other = i < b.documents.size() ? b.documents[i] : std::string();
        if (one != other) {
            out.push_back(address_in(one.empty() ? other : one, a.space));
        }
    }
    for (std::size_t i = 0; i < std::min(a.hooks.size(), b.hooks.size()); ++i) {
        if (a.hooks[i].manifest != b.hooks[i].manifest) {
            out.push_back("hook " + a.hooks[i].kind + "/" + a.hooks[i].name);
        }
    }
    return out;
}

}  // namespace

void hand_over_values(const std::vector<std::string>& values, process::ToolRun& run) {
    auto fd = kFirstValuesFd;
    for (const auto& content : values) {
        run.argv.insert(run.argv.end(), {"-f", "/dev/fd/" + std::to_string(fd)});
        run.fds[fd++] = content.empty() ? "{}" : content;
    }
}

std::vector<std::string> upgrade_args(const Bundle& bundle, const std::string& chart) {
    std::vector<std::string> args = {
        "upgrade",      bundle.release,  chart,       "--install",
        "--namespace",  bundle.space,    "--timeout", std::to_string(bundle.timeout_ms / 1000) + "s",
        "--hide-notes", "--reset-values"};
    if (bundle.create_namespace) {
        args.emplace_back("--create-namespace");
    }
    if (bundle.take_ownership) {
        args.emplace_back("--take-ownership");
    }
    return args;
}

Result<Rendered> render(process::Tools& tools, Cluster& cluster, const HelmInput& input,
                        const HelmOptions& options, bool fresh) {
    SLIPWAY_TRY(const auto chart, bring(tools, cluster, input, options));
    SLIPWAY_TRY(const auto first, dry_run(tools, cluster, input, options, chart, "render-1"));
    SLIPWAY_TRY(const auto second, dry_run(tools, cluster, input, options, chart, "render-2"));
    std::string definitions;
    if (fresh) {
        SLIPWAY_TRY(const auto folder, tools.folder());
        auto run = cluster.helm_run("definitions", {"show", "crds", chart}, folder);
        run.time_limit_ms = options.cluster.request_limit_ms;
        run.output_max = kMaxRendered;
        SLIPWAY_TRY(definitions, tools.run(run));
    }
    Rendered out;
    out.bundle = make_bundle(input, first, definitions);
    out.random = differing(out.bundle, make_bundle(input, second, definitions));
    return out;
}

}  // namespace slipway::helm
