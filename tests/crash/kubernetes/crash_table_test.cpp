// The crash table of manifests (K1-K4): the host dies at each boundary, or everything while a request is
// held.
#include "tests/crash/kubernetes/manifests.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

const std::vector<std::string> kEnd = {"ConfigMap/default/a", "ConfigMap/default/new",
                                       "ConfigMap/default/slipway-inventory-shop", "Namespace/default"};

json::object first() {
    return manifest_input(config("a", "1") + config("old", "1"));
}
json::object second() {
    return manifest_input(config("a", "2") + config("new", "2"));
}

void check_end(ClusterWorld& world, const Verdict& verdict) {
    REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
    CHECK(world.server.objects().listing() == kEnd);
    CHECK(value_in(world, "a") == "2");
    CHECK(world.planned("manifest.plan", second()).at("nothing_to_do") == true);
}

}  // namespace

TEST_CASE("K1-K4: the host dies at each boundary, and the next attempt goes on by the inventory") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    for (const char* point :
         {"manifest.grown", "manifest.applied", "manifest.ready", "manifest.pruned", "manifest.shrunk"}) {
        CAPTURE(point);
        ClusterWorld world;
        REQUIRE(succeeded(world.plan_and_apply(first())) != nullptr);
        const auto plan = world.planned("manifest.plan", second());
        join(world.spawn_apply(second(), plan, point));
        const auto done = world.go_on();
        check_end(world, done);
        CHECK(output(done).at("rule") == (std::string(point) == "manifest.shrunk" ? "K4" : "K2"));
        CHECK(world.server.count("POST", "/configmaps") <= 2);  // the inventory, and nothing twice
    }
}

TEST_CASE("K1: killed before the inventory was written: nothing was touched, the same is applied") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    REQUIRE(succeeded(world.plan_and_apply(first())) != nullptr);
    const auto plan = world.planned("manifest.plan", second());
    world.server.fault({.method = "PUT", .path = "slipway-inventory", .gate = true});
    const auto host = world.spawn_apply(second(), plan);
    REQUIRE(world.server.reached_gate());
    kill_and_join(host);
    world.server.drop_held();
    world.server.clear_faults();
    const auto done = world.go_on();
    check_end(world, done);
    CHECK(output(done).at("rule") == "K1");
}

TEST_CASE("K2: killed between two objects: the union lists both, and nothing of it leaks in another plan") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    REQUIRE(succeeded(world.plan_and_apply(first())) != nullptr);
    const auto plan = world.planned("manifest.plan", second());
    world.server.fault({.method = "PATCH", .path = "/configmaps/a?", .gate = true});
    const auto host = world.spawn_apply(second(), plan);
    REQUIRE(world.server.reached_gate());
    kill_and_join(host);
    CHECK(std::holds_alternative<NotStarted>(world.again("reconcile")));
    world.server.drop_held();
    world.server.clear_faults();
    // Somebody decides otherwise: another manifest, which has none of it.
    const auto done = world.plan_and_apply(manifest_input(config("third", "3")));
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(world.server.objects().listing() ==
          std::vector<std::string>{"ConfigMap/default/slipway-inventory-shop", "ConfigMap/default/third",
                                   "Namespace/default"});
}

TEST_CASE("K3: killed between two deletions of a removal: the rest goes, then the inventory") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    REQUIRE(succeeded(world.plan_and_apply(first())) != nullptr);
    const auto input = manifest_input("", "destroy");
    const auto plan = world.planned("manifest.plan", input);
    world.server.fault({.method = "DELETE", .path = "/configmaps/", .skip = 1, .gate = true});
    const auto host = world.spawn_apply(input, plan);
    REQUIRE(world.server.reached_gate());
    kill_and_join(host);
    world.server.drop_held();
    world.server.clear_faults();
    const auto done = world.go_on();
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(world.server.objects().listing() == std::vector<std::string>{"Namespace/default"});
}
