// kill -9 at random moments of manifest applies with real kubectl; the stand-in is asked what is there. How
// many of each kind: SLIPWAY_MANIFEST_KILLS.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "tests/crash/kubernetes/manifests.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

int kills() {
    const char* wanted = std::getenv("SLIPWAY_MANIFEST_KILLS");
    return wanted == nullptr ? 2 : std::atoi(wanted);
}

json::object version(int number) {
    const auto text = std::to_string(number);
    return manifest_input(config("a", text) + config("only-" + text, "x") +
                          "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: space-" + text + "}\n");
}

std::vector<std::string> expected(int number) {
    const auto text = std::to_string(number);
    return {"ConfigMap/default/a", "ConfigMap/default/only-" + text,
            "ConfigMap/default/slipway-inventory-shop", "Namespace/default", "Namespace/space-" + text};
}

}  // namespace

TEST_CASE("random kill -9 of the host or of everything: the cluster ends as approved, and nothing leaks") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    for (const bool all : {false, true}) {
        ClusterWorld world;
        std::mt19937 random(all ? 7919U : 104729U);
        for (int trial = 1; trial <= kills(); ++trial) {
            CAPTURE(all);
            CAPTURE(trial);
            const auto plan = world.planned("manifest.plan", version(trial));
            const auto host = world.spawn_apply(version(trial), plan);
            const auto wait = std::uniform_int_distribution<int>(0, 1500)(random);
            std::this_thread::sleep_for(std::chrono::milliseconds(wait));
            if (all) {
                world.kill_everything(host);
            } else {
                kill_and_join(host);
            }
            const auto verdict = world.go_on();
            REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
            CHECK(world.server.objects().listing() == expected(trial));
            CHECK(world.planned("manifest.plan", version(trial)).at("nothing_to_do") == true);
        }
        REQUIRE(succeeded(world.plan_and_apply(manifest_input("", "destroy"))) != nullptr);
        CHECK(world.server.objects().listing() == std::vector<std::string>{"Namespace/default"});
    }
    std::printf("figures: random kills of manifests %d\n", 2 * kills());
}
