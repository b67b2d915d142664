// Manifests with real kubectl against the stand-in: what is approved is what is applied.
#include "tests/crash/kubernetes/manifests.hpp"

using namespace slipway;
using namespace slipway::test;

TEST_CASE("a manifest is planned, applied in order, listed, and then there is nothing to do") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    const auto input =
        manifest_input(config("a", "1") + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: late}\n" +
                       "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: inside, namespace: late}\n"
                       "data: {on: yes}\n");
    const auto plan = world.planned("manifest.plan", input);
    CHECK(plan.at("summary").at("add") == 3);
    CHECK(world.server.count("PATCH", "") + world.server.count("POST", "") == 0);
    const auto done = world.apply(input, plan);
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(world.server.objects().listing() ==
          std::vector<std::string>{"ConfigMap/default/a", "ConfigMap/default/slipway-inventory-shop",
                                   "ConfigMap/late/inside", "Namespace/default", "Namespace/late"});
    const auto again = world.planned("manifest.plan", input);
    CHECK(again.at("nothing_to_do") == true);
    CHECK(again.at("digest") == plan.at("digest"));
    const int writes = world.server.count("PATCH", "") + world.server.count("PUT", "");
    REQUIRE(succeeded(world.apply(input, again)) != nullptr);
    CHECK(world.server.count("PATCH", "") + world.server.count("PUT", "") == writes);
}

TEST_CASE(
    "what is no longer in the manifest is shown, then deleted by its uid; a stranger of its name stays") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    REQUIRE(succeeded(world.plan_and_apply(
                manifest_input(config("a", "1") + config("b", "1") + config("c", "1")))) != nullptr);
    auto& objects = world.server.objects();
    objects.erase("ConfigMap", "default", "c");
    REQUIRE(objects
                .write({*objects.find_type("/api/v1", "configmaps"), "default", ""}, {"POST", "", "stranger"},
                       json::object{{"apiVersion", "v1"},
                                    {"kind", "ConfigMap"},
                                    {"metadata", json::object{{"name", "c"}}},
                                    {"data", json::object{{"value", "strange"}}}})
                .status == 201);
    const auto plan = world.planned("manifest.plan", manifest_input(config("a", "2")));
    CHECK(plan.at("summary").at("change") == 1);
    CHECK(plan.at("summary").at("destroy") == 1);
    CHECK(json::serialize(plan.at("changes")).find(R"("path":"data.value","before":"1","after":"2")") !=
          std::string::npos);
    const auto done = world.apply(manifest_input(config("a", "2")), plan);
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(value_in(world, "a") == "2");
    CHECK(value_in(world, "b") == "(none)");
    CHECK(value_in(world, "c") == "strange");
}

TEST_CASE("fields of another manager: refused with their owner, taken over only by an approved plan") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    REQUIRE(succeeded(world.plan_and_apply(manifest_input(config("a", "1")))) != nullptr);
    world.server.objects().change("ConfigMap", "default", "a",
                                  json::object{{"data", json::object{{"value", "theirs"}}}}, "other-tool");
    auto input = manifest_input(config("a", "2"));
    const auto refused = world.plan("manifest.plan", input);
    REQUIRE_MESSAGE(failure_in(refused) != nullptr, show(refused));
    CHECK(failure_in(refused)->failure.message.find("other-tool") != std::string::npos);
    input["force_conflicts"] = true;
    const auto plan = world.planned("manifest.plan", input);
    CHECK(json::serialize(plan.at("conflicts")).find("other-tool") != std::string::npos);
    CHECK(value_in(world, "a") == "theirs");
    REQUIRE(succeeded(world.apply(input, plan)) != nullptr);
    CHECK(value_in(world, "a") == "2");
}

TEST_CASE("K6: what somebody changed between plan and apply is planned again, not overwritten") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    REQUIRE(succeeded(world.plan_and_apply(manifest_input(config("a", "1")))) != nullptr);
    auto input = manifest_input(config("a", "2"));
    input["force_conflicts"] = true;
    const auto plan = world.planned("manifest.plan", input);
    world.server.objects().change("ConfigMap", "default", "a",
                                  json::object{{"data", json::object{{"value", "theirs"}}}}, "other-tool");
    CHECK(redo(world.apply(input, plan)) != nullptr);
    CHECK(value_in(world, "a") == "theirs");
}

TEST_CASE("K5: generateName is refused; a Job gets a name of its content") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    const auto refused = world.plan(
        "manifest.plan", manifest_input("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: x-}\n"));
    REQUIRE(failure_in(refused) != nullptr);
    CHECK(failure_in(refused)->failure.failure_class == FailureClass::kAuthoring);
    const auto job = manifest_input(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}\nspec: {template: {spec: "
        "{restartPolicy: "
        "Never, containers: [{name: j, image: busybox}]}}}\n");
    REQUIRE(succeeded(world.plan_and_apply(job)) != nullptr);
    CHECK(world.planned("manifest.plan", job).at("nothing_to_do") == true);
    CHECK(world.server.count("PATCH", "/jobs/migrate-") == 1);
}

TEST_CASE(
    "not ready in time is a failure that says what is missing, and the inventory still lists everything") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.server.objects().hold_unready("web");
    auto input = manifest_input(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: "
        "{matchLabels: "
        "{a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}\n");
    input["timeout_ms"] = 1500;
    const auto verdict = world.plan_and_apply(input);
    REQUIRE_MESSAGE(failure_in(verdict) != nullptr, show(verdict));
    CHECK(failure_in(verdict)->failure.failure_class == FailureClass::kTimeout);
    CHECK(failure_in(verdict)->failure.message.find("ready of 2") != std::string::npos);
    REQUIRE(succeeded(world.plan_and_apply(manifest_input("", "destroy"))) != nullptr);
    CHECK(world.server.objects().listing() == std::vector<std::string>{"Namespace/default"});
}

TEST_CASE("a finalizer that nobody takes away: bounded, and what is stuck is named") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    REQUIRE(succeeded(world.plan_and_apply(manifest_input(config("a", "1") + config("b", "1")))) != nullptr);
    world.server.objects().change(
        "ConfigMap", "default", "b",
        json::object{{"metadata", json::object{{"finalizers", json::array{"example.com/hold"}}}}});
    auto input = manifest_input(config("a", "1"));
    input["timeout_ms"] = 2000;
    const auto verdict = world.plan_and_apply(input);
    REQUIRE_MESSAGE(failure_in(verdict) != nullptr, show(verdict));
    CHECK(failure_in(verdict)->failure.message.find("ConfigMap/default/b") != std::string::npos);
    world.server.objects().erase("ConfigMap", "default", "b");
    REQUIRE(succeeded(world.plan_and_apply(manifest_input(config("a", "1")))) != nullptr);
}

TEST_CASE("secrets of a manifest stand in no plan, evidence or log") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    const auto plan = world.planned(
        "manifest.plan",
        manifest_input(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: {$secret: "
            "\"test:canary\"}, plain: open-sesame-1}\n"));
    const auto text = json::serialize(plan);
    CHECK(text.find("cAnArY") == std::string::npos);
    CHECK(text.find("open-sesame-1") == std::string::npos);
    CHECK(text.find("(sensitive value)") != std::string::npos);
}
