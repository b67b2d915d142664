// What stands in the packaged apps, counted with another reader of TOML and held here.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "corpus.hpp"
#include "slipway/lifecycle/app.hpp"

using namespace slipway::lifecycle;

namespace {

/// Components, edges (declared, read by templates or needed by a cluster context), actions, triggers, steps
/// of actions, inputs, input groups, secrets, roles, break-glass roles, policies, runbooks, steps of
/// runbooks, installs.
using Counts = std::array<std::size_t, 14>;

const std::map<std::string, Counts> kExpected = {
    {"aca-simple", {3, 2, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, 1}},
    {"aws-lambda", {3, 2, 5, 6, 6, 2, 1, 0, 3, 1, 4, 3, 12, 1}},
    {"baserow", {6, 6, 1, 1, 2, 5, 2, 0, 3, 1, 1, 0, 0, 0}},
    {"byo-vpc", {3, 2, 2, 3, 2, 2, 1, 0, 3, 1, 2, 0, 0, 0}},
    {"cde", {1, 0, 11, 18, 11, 13, 3, 0, 3, 1, 4, 0, 0, 0}},
    {"clickhouse", {14, 15, 4, 6, 6, 4, 1, 2, 3, 1, 2, 0, 0, 0}},
    {"coder", {7, 10, 22, 39, 22, 9, 3, 1, 3, 1, 2, 3, 16, 0}},
    {"dynamic-roles-kitchen-sink", {3, 2, 6, 7, 10, 2, 1, 0, 21, 2, 1, 0, 0, 0}},
    {"ecs-simple", {5, 4, 4, 4, 5, 2, 1, 0, 3, 1, 4, 4, 25, 1}},
    {"eks-karpenter-image-cache", {4, 3, 0, 0, 0, 1, 1, 0, 3, 1, 2, 0, 0, 1}},
    {"eks-simple", {3, 2, 7, 8, 11, 2, 1, 0, 3, 2, 6, 4, 18, 1}},
    {"eks-simple-auto", {3, 2, 2, 3, 2, 2, 1, 0, 3, 1, 2, 0, 0, 0}},
    {"eks-simple-kustomize", {1, 0, 0, 0, 0, 1, 1, 0, 3, 0, 0, 0, 0, 0}},
    {"forgejo-aws", {9, 8, 1, 3, 1, 11, 5, 4, 3, 0, 0, 0, 0, 0}},
    {"gcp-cloud-function", {2, 1, 3, 4, 3, 1, 1, 0, 3, 0, 0, 0, 0, 0}},
    {"gcp-gcs-bucket", {1, 0, 0, 0, 0, 1, 1, 0, 3, 0, 0, 0, 0, 0}},
    {"gke-actions", {1, 0, 8, 15, 9, 2, 1, 0, 3, 0, 1, 0, 0, 0}},
    {"gke-simple", {3, 2, 0, 0, 0, 2, 1, 0, 3, 0, 1, 0, 0, 0}},
    {"grafana", {10, 14, 6, 9, 7, 11, 3, 0, 3, 1, 2, 0, 0, 0}},
    {"httpbin", {1, 0, 4, 4, 4, 0, 0, 0, 3, 1, 4, 3, 12, 0}},
    {"langfuse", {15, 14, 7, 11, 7, 10, 4, 1, 3, 1, 0, 0, 0, 0}},
    {"multi-cluster", {5, 3, 9, 10, 13, 3, 2, 0, 3, 2, 1, 0, 0, 0}},
    {"n8n", {8, 7, 8, 11, 16, 23, 10, 4, 3, 0, 0, 0, 0, 0}},
    {"operation-roles-demo", {3, 2, 2, 2, 3, 2, 1, 0, 14, 0, 0, 1, 3, 0}},
    {"penpot", {3, 2, 1, 2, 1, 7, 2, 0, 3, 1, 1, 0, 0, 0}},
    {"policies-demo", {6, 2, 2, 3, 2, 3, 2, 0, 3, 1, 6, 0, 0, 0}},
    {"twenty", {18, 18, 1, 1, 1, 12, 2, 0, 3, 1, 1, 0, 0, 0}},
    {"uptime-monitor", {9, 10, 3, 6, 3, 1, 1, 0, 3, 1, 0, 0, 0, 0}},
};

Counts counted(const AppConfig& app) {
    Counts out{};
    out[0] = app.components.size();
    for (const auto& component : app.components) {
        out[1] += component.dependencies.size();
    }
    out[2] = app.actions.size();
    for (const auto& action : app.actions) {
        out[3] += action.triggers.size();
        out[4] += action.steps.size();
    }
    out[5] = app.inputs.size();
    out[6] = app.input_groups.size();
    out[7] = app.secrets.size();
    out[8] = app.roles.size();
    out[9] = app.break_glass_roles.size();
    out[10] = app.policies.size();
    out[11] = app.runbooks.size();
    for (const auto& runbook : app.runbooks) {
        out[12] += runbook.steps.size();
    }
    out[13] = app.installs.size();
    return out;
}

}  // namespace

TEST_CASE("every packaged app holds what another reader counts in it") {
    const std::string folder = test::corpus();
    if (folder.empty()) {
        return;
    }
    std::size_t apps = 0;
    for (const auto& root : test::corpus_apps(folder)) {
        const auto loaded = load_app(root);
        REQUIRE(loaded);
        CAPTURE(loaded->config.name);
        const auto expected = kExpected.find(loaded->config.name);
        if (expected == kExpected.end()) {
            MESSAGE("an app that was never counted");
            continue;
        }
        const Counts found = counted(loaded->config);
        for (std::size_t i = 0; i < found.size(); ++i) {
            CAPTURE(i);
            CHECK(found[i] == expected->second[i]);
        }
        ++apps;
    }
    CHECK(apps == kExpected.size());
}
