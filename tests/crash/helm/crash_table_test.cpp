// The crash table of helm (H1-H7), with real helm against the stand-in: everything is killed with SIGKILL
// while a request of helm's is held at the server.
#include <signal.h>

#include "slipway/steps/process.hpp"
#include "steps/helm/release.hpp"
#include "tests/crash/helm/charts.hpp"
#include "tests/support/cluster/world.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

std::string status_of(ClusterWorld& world, int revision) {
    const auto stored = world.server.objects().find("Secret", "default",
                                                    "sh.helm.release.v1.web.v" + std::to_string(revision));
    return stored ? helm::decode_record(*stored).value().status : "(none)";
}

/// Starts an apply of the chart as it lies there, and kills everything once a request stands at the gate.
void kill_at(ClusterWorld& world, const json::object& input, const Fault& gate) {
    const auto plan = world.planned("helm.plan", input);
    world.server.fault(gate);
    const auto host = world.spawn_apply(input, plan);
    REQUIRE(world.server.reached_gate());
    world.kill_all(host);
    world.server.drop_held();
    world.server.clear_faults();
}

Fault gate_at(const std::string& method, const std::string& path) {
    Fault fault;
    fault.method = method;
    fault.path = path;
    fault.gate = true;
    return fault;
}

void install(ClusterWorld& world, const Templates& chart) {
    world.write_chart(chart);
    const auto done = world.plan_and_apply(world.helm_input());
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
}

}  // namespace

TEST_CASE("H1: killed before helm recorded anything: the same is applied, once") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    kill_at(world, world.helm_input(), gate_at("POST", "/secrets?"));
    CHECK(std::holds_alternative<NotStarted>(world.again("reconcile")));
    const auto done = world.go_on();
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(status_of(world, 1) == "deployed");
    CHECK(status_of(world, 2) == "(none)");
    CHECK(world.server.count("POST", "/deployments") == 1);
}

TEST_CASE("H2: killed in the middle of an install: marked as failed, and the same is applied again") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    kill_at(world, world.helm_input(), gate_at("POST", "/deployments"));
    CHECK(status_of(world, 1) == "pending-install");
    CHECK(std::holds_alternative<NotStarted>(world.again("reconcile")));
    CHECK(status_of(world, 1) == "failed");
    // Reconciling is repeatable.
    CHECK(std::holds_alternative<NotStarted>(world.again("reconcile")));
    const auto done = world.go_on();
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(status_of(world, 2) == "deployed");
    CHECK(world.server.count("POST", "/configmaps") == 1);
}

TEST_CASE("H2: killed in an upgrade that another one replaces: what only the crashed one made is pruned") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    install(world, small_chart("1"));
    auto second = small_chart("2");
    second.emplace_back("extra.yaml", config_map("extra", "2"));
    world.write_chart(second);
    kill_at(world, world.helm_input(), gate_at("PATCH", "/deployments/web"));
    CHECK(world.server.objects().find("ConfigMap", "default", "extra").has_value());
    CHECK(std::holds_alternative<NotStarted>(world.again("reconcile")));

    world.write_chart(small_chart("3"));
    const auto plan = world.planned("helm.plan", world.helm_input());
    CHECK(
        json::serialize(plan.at("changes")).find("left by a revision that did not become the current one") !=
        std::string::npos);
    const auto done = world.apply(world.helm_input(), plan);
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(output(done).at("pruned") == json::array{"ConfigMap/default/extra"});
    CHECK(world.server.objects().listing() ==
          std::vector<std::string>{"ConfigMap/default/settings", "Deployment/default/web",
                                   "Namespace/default", "Secret/default/sh.helm.release.v1.web.v1",
                                   "Secret/default/sh.helm.release.v1.web.v2",
                                   "Secret/default/sh.helm.release.v1.web.v3"});
}

TEST_CASE("H3: killed in a hook: run again, unless it is declared to run once: then in doubt") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    for (const bool once : {false, true}) {
        CAPTURE(once);
        ClusterWorld world;
        world.server.objects().hold_unready("migrate");
        auto chart = small_chart("1");
        chart.emplace_back("hook.yaml", hook_job("migrate", "pre-install,pre-upgrade",
                                                 once ? "    slipway.dev/hook: once\n" : ""));
        world.write_chart(chart);
        const auto plan = world.planned("helm.plan", world.helm_input());
        CHECK(plan.at("hooks").as_array().size() == 1);
        const auto host = world.spawn_apply(world.helm_input(), plan);
        REQUIRE(eventually([&] { return world.server.count("POST", "/jobs") == 1; }));
        world.kill_all(host);
        const auto verdict = world.again("reconcile");
        if (once) {
            REQUIRE_MESSAGE(in_doubt(verdict) != nullptr, show(verdict));
            CHECK(in_doubt(verdict)->why.find("rule H3") != std::string::npos);
            CHECK(status_of(world, 1) == "pending-install");
        } else {
            CHECK_MESSAGE(std::holds_alternative<NotStarted>(verdict), show(verdict));
        }
    }
}

TEST_CASE("H4: killed between the last two writes: recognised as done and marked as deployed") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    install(world, small_chart("1"));
    world.write_chart(small_chart("2"));
    kill_at(world, world.helm_input(), gate_at("PUT", "sh.helm.release.v1.web.v2"));
    CHECK(status_of(world, 1) == "superseded");
    CHECK(status_of(world, 2) == "pending-upgrade");
    const int patches = world.server.count("PATCH", "");
    const auto done = world.again("reconcile");
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(output(done).at("rule") == "H4");
    CHECK(status_of(world, 2) == "deployed");
    CHECK(world.server.count("PATCH", "") == patches);
    CHECK(world.planned("helm.plan", world.helm_input()).at("nothing_to_do") == true);
}

TEST_CASE("H4: the same where an object is not as approved: applied again instead") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    install(world, small_chart("1"));
    world.write_chart(small_chart("2"));
    kill_at(world, world.helm_input(), gate_at("PUT", "sh.helm.release.v1.web.v2"));
    world.server.objects().change("ConfigMap", "default", "settings",
                                  json::object{{"data", json::object{{"value", "by hand"}}}});
    CHECK(std::holds_alternative<NotStarted>(world.again("reconcile")));
    const auto done = world.go_on();
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(status_of(world, 3) == "deployed");
}

TEST_CASE("H5: the host is killed when helm has ended: adopted, nothing is applied again") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    for (const char* point : {"helm.ended", "helm.pruned"}) {
        CAPTURE(point);
        const auto plan = world.planned("helm.plan", world.helm_input());
        join(world.spawn_apply(world.helm_input(), plan, point));
        const int writes = world.server.count("POST", "") + world.server.count("PATCH", "");
        const auto done = world.again("reconcile");
        REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
        CHECK(output(done).at("rule") == "H5");
        CHECK(world.server.count("POST", "") + world.server.count("PATCH", "") == writes);
        world.write_chart(small_chart("2"));
    }
}

TEST_CASE("H5: an attempt that starts although an earlier one of its round is done adopts it") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    const auto plan = world.planned("helm.plan", world.helm_input());
    REQUIRE(succeeded(world.apply(world.helm_input(), plan)) != nullptr);
    const int writes = world.server.count("POST", "") + world.server.count("PATCH", "");
    ++world.last.fence;
    const auto again = world.again("start");
    REQUIRE_MESSAGE(succeeded(again) != nullptr, show(again));
    CHECK(world.server.count("POST", "") + world.server.count("PATCH", "") == writes);
}

TEST_CASE("H6: killed in the middle of an uninstall: begun again until nothing is left") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    for (const char* path : {"/deployments/web", "/configmaps/settings", "sh.helm.release.v1.web.v2"}) {
        CAPTURE(path);
        ClusterWorld world;
        install(world, small_chart("1"));
        install(world, small_chart("2"));
        kill_at(world, world.helm_input("destroy"), gate_at("DELETE", path));
        const auto done = world.go_on();
        REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
        CHECK(world.server.objects().listing() == std::vector<std::string>{"Namespace/default"});
    }
}

TEST_CASE("H7: a release that somebody else is working on is left alone, and said so") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    install(world, small_chart("1"));
    world.write_chart(small_chart("2"));
    const auto plan = world.planned("helm.plan", world.helm_input());
    auto& objects = world.server.objects();
    const auto stored = *objects.find("Secret", "default", "sh.helm.release.v1.web.v1");
    auto foreign = *helm::with_status(stored, "pending-upgrade", "Preparing upgrade");
    foreign["metadata"].as_object()["labels"] = json::object{{"owner", "helm"},
                                                             {"name", "web"},
                                                             {"status", "pending-upgrade"},
                                                             {"version", "1"},
                                                             {"slipway.dev/key", nullptr},
                                                             {"slipway.dev/until", nullptr}};
    objects.change("Secret", "default", "sh.helm.release.v1.web.v1", foreign);
    const int writes = world.server.count("PUT", "") + world.server.count("PATCH", "");
    const auto refused = world.plan("helm.plan", world.helm_input());
    REQUIRE(failure_in(refused) != nullptr);
    CHECK(failure_in(refused)->failure.message.find("rule H7") != std::string::npos);
    const auto apply = world.apply(world.helm_input(), plan);
    REQUIRE_MESSAGE(failure_in(apply) != nullptr, show(apply));
    CHECK(failure_in(apply)->failure.message.find("rule H7") != std::string::npos);
    CHECK(world.server.count("PUT", "") + world.server.count("PATCH", "") == writes);
}

TEST_CASE("the host alone is killed: helm goes on, and the next host takes it over") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    const auto plan = world.planned("helm.plan", world.helm_input());
    world.server.fault(gate_at("POST", "/deployments"));
    const auto host = world.spawn_apply(world.helm_input(), plan);
    REQUIRE(world.server.reached_gate());
    kill_and_join(host);
    CHECK(std::holds_alternative<StillRunning>(world.again("reconcile")));
    world.server.open_gate();
    const auto done = world.again("attach");
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(status_of(world, 1) == "deployed");
    CHECK(status_of(world, 2) == "(none)");
}

TEST_CASE("cancel: SIGTERM first, helm records its failure, and the next plan goes on") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.server.objects().hold_unready("web");
    world.write_chart(small_chart("1"));
    auto input = world.helm_input();
    input["wait"] = true;
    const auto plan = world.planned("helm.plan", input);
    auto whole = input;
    whole["plan"] = plan;
    world.last = world.call("helm.apply", "start", whole);
    RunningCall running(world.last);
    REQUIRE(eventually([&] { return world.server.count("GET", "/replicasets") > 0; }));
    running.cancel(CancelMode::kCooperative);
    const auto verdict = running.wait();
    REQUIRE(verdict.has_value());
    REQUIRE_MESSAGE(failure_in(*verdict) != nullptr, show(*verdict));
    CHECK(failure_in(*verdict)->failure.failure_class == FailureClass::kCancelled);
    CHECK(status_of(world, 1) == "failed");
}

TEST_CASE(
    "a pending revision of an attempt of ours that cannot live any more is sorted out by the next plan") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    kill_at(world, world.helm_input(), gate_at("POST", "/deployments"));
    const auto early = world.plan("helm.plan", world.helm_input());
    REQUIRE(failure_in(early) != nullptr);
    CHECK(failure_in(early)->failure.failure_class == FailureClass::kTransient);
    world.server.objects().change(
        "Secret", "default", "sh.helm.release.v1.web.v1",
        json::object{{"metadata", json::object{{"labels", json::object{{"slipway.dev/until", "1000"}}}}}});
    const auto done = world.plan_and_apply(world.helm_input());
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
}
