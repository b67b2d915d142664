// After any sequence of failed upgrades and renamed objects the cluster holds exactly what the last applied
// version says, by a listing that no executor had a hand in.
#include "tests/crash/helm/charts.hpp"
#include "tests/support/cluster/world.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

std::vector<std::string> without_records(const std::vector<std::string>& listing) {
    std::vector<std::string> out;
    for (const auto& name : listing) {
        if (name.find("sh.helm.release") == std::string::npos) {
            out.push_back(name);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("failed upgrades, renamed objects and a removed chart leave nothing behind") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    for (const char* name : {"one", "two", "three"}) {
        world.write_chart({{"a.yaml", config_map("settings", name)},
                           {"b.yaml", deployment("web", std::string("nginx:") + name)},
                           {"c.yaml", config_map(std::string("extra-") + name, name)}});
        world.server.fault(
            {.method = "PATCH", .path = "/deployments/web", .status = 403, .reason = "Forbidden"});
        REQUIRE(failure_in(world.plan_and_apply(world.helm_input())) != nullptr);
        world.server.clear_faults();
    }
    CHECK(world.server.objects().find("ConfigMap", "default", "extra-two").has_value());
    world.write_chart({{"a.yaml", config_map("renamed", "4")}});
    const auto done = world.plan_and_apply(world.helm_input());
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(without_records(world.server.objects().listing()) ==
          std::vector<std::string>{"ConfigMap/default/renamed", "Namespace/default"});
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input("destroy"))) != nullptr);
    CHECK(world.server.objects().listing() == std::vector<std::string>{"Namespace/default"});
}

TEST_CASE("what is pruned is the release's own: what another release has taken over stays") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    auto second = small_chart("2");
    second.emplace_back("extra.yaml", config_map("extra", "2"));
    world.write_chart(second);
    world.server.fault({.method = "PATCH", .path = "/deployments/web", .status = 403, .reason = "Forbidden"});
    REQUIRE(failure_in(world.plan_and_apply(world.helm_input())) != nullptr);
    world.server.clear_faults();
    const json::object annotations{{"meta.helm.sh/release-name", "another"}};
    world.server.objects().change("ConfigMap", "default", "extra",
                                  json::object{{"metadata", json::object{{"annotations", annotations}}}});
    world.write_chart(small_chart("3"));
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    CHECK(world.server.objects().find("ConfigMap", "default", "extra").has_value());
}
