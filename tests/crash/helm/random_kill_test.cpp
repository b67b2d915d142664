// kill -9 at random moments of real helm runs; effects are counted by the server. How many of each kind:
// SLIPWAY_HELM_KILLS.
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "slipway/steps/process.hpp"
#include "tests/crash/helm/charts.hpp"
#include "tests/support/cluster/world.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

int kills() {
    const char* wanted = std::getenv("SLIPWAY_HELM_KILLS");
    return wanted == nullptr ? 2 : std::atoi(wanted);
}

Templates chart_of(int version) {
    Templates out = small_chart(std::to_string(version));
    out.emplace_back("c.yaml", config_map("only-" + std::to_string(version), "x"));
    out.emplace_back("hook.yaml", hook_job("migrate", "post-install,post-upgrade"));
    return out;
}

std::vector<std::string> expected(int version) {
    return {"ConfigMap/default/only-" + std::to_string(version), "ConfigMap/default/settings",
            "Deployment/default/web", "Job/default/migrate", "Namespace/default"};
}

std::vector<std::string> objects_of_world(ClusterWorld& world) {
    std::vector<std::string> out;
    for (const auto& name : world.server.objects().listing()) {
        if (name.find("sh.helm.release") == std::string::npos) {
            out.push_back(name);
        }
    }
    return out;
}

/// Kills the host, or everything, at a random moment of an apply, and goes on to its end.
Verdict one_kill(ClusterWorld& world, std::mt19937& random, bool all) {
    const auto plan = world.planned("helm.plan", world.helm_input());
    const auto host = world.spawn_apply(world.helm_input(), plan);
    eventually([&] {
        const auto seen = process::inspect(world.run_dir());
        return seen && seen->state == process::AttemptState::kRunning;
    });
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 350)(random)));
    if (all) {
        world.kill_all(host);
    } else {
        kill_and_join(host);
    }
    return world.go_on();
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
            world.write_chart(chart_of(trial));
            const auto verdict = one_kill(world, random, all);
            REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
            CHECK(objects_of_world(world) == expected(trial));
            CHECK(world.planned("helm.plan", world.helm_input()).at("nothing_to_do") == true);
        }
    }
    std::printf("figures: random kills of helm %d\n", 2 * kills());
}
