// What is approved is what is applied: plans, bytes, drift, values, rollback, secrets.
#include <filesystem>

#include "steps/helm/release.hpp"
#include "tests/crash/helm/charts.hpp"
#include "tests/support/cluster/world.hpp"

using namespace slipway;
using namespace slipway::test;

namespace {

helm::ReleaseRecord record_of(ClusterWorld& world, int revision, const std::string& release = "web") {
    auto stored = world.server.objects().find(
        "Secret", "default", "sh.helm.release.v1." + release + ".v" + std::to_string(revision));
    REQUIRE(stored.has_value());
    return helm::decode_record(*stored).value();
}

std::string value_of(ClusterWorld& world, const std::string& name) {
    const auto object = world.server.objects().find("ConfigMap", "default", name);
    return object ? std::string(object->at("data").as_object().at("value").as_string()) : "(none)";
}

std::string all_text_in(const std::string& folder) {
    std::string out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            out += read_text(entry.path().string());
        }
    }
    return out;
}

}  // namespace

TEST_CASE("a chart is planned, applied once, labelled, and then there is nothing to do") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    const auto input = world.helm_input();
    const auto plan = world.planned("helm.plan", input);
    CHECK(plan.at("summary").at("add") == 2);
    CHECK(plan.at("nothing_to_do") == false);
    CHECK(world.server.count("POST", "") == 0);
    const auto done = world.apply(input, plan);
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(output(done).at("rule") == "H5");
    CHECK(value_of(world, "settings") == "1");
    const auto record = record_of(world, 1);
    CHECK(record.status == "deployed");
    CHECK(record.label(helm::kOpLabel) == std::string(plan.at("digest").as_string()).substr(0, 40));
    CHECK(!record.label(helm::kKeyLabel).empty());
    CHECK(helm::documents_of(record.manifest).size() == 2);

    const auto again = world.planned("helm.plan", input);
    CHECK(again.at("nothing_to_do") == true);
    CHECK(again.at("digest") == plan.at("digest"));
    const int writes = world.server.count("POST", "") + world.server.count("PATCH", "");
    REQUIRE(succeeded(world.apply(input, again)) != nullptr);
    CHECK(world.server.count("POST", "") + world.server.count("PATCH", "") == writes);
}

TEST_CASE("an upgrade shows each field that changes, and what goes") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart({{"a.yaml", config_map("settings", "1")},
                       {"b.yaml", deployment("web", "nginx:1")},
                       {"c.yaml", config_map("old", "1")}});
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    world.write_chart(small_chart("2"));
    const auto plan = world.planned("helm.plan", world.helm_input());
    CHECK(plan.at("summary").at("change") == 2);
    CHECK(plan.at("summary").at("destroy") == 1);
    const auto text = json::serialize(plan.at("changes"));
    CHECK(text.find(
              R"("path":"spec.template.spec.containers[main].image","before":"nginx:1","after":"nginx:2")") !=
          std::string::npos);
    CHECK(text.find(R"("address":"ConfigMap/default/old","action":"delete")") != std::string::npos);
    CHECK(world.server.count("DELETE", "old") == 0);
    REQUIRE(succeeded(world.apply(world.helm_input(), plan)) != nullptr);
    CHECK(value_of(world, "old") == "(none)");
}

TEST_CASE("random charts are pinned: what was shown is what is applied, byte for byte") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(
        {{"a.yaml", config_map("settings", "{{ randAlphaNum 24 }}")},
         {"b.yaml", config_map("clock", "{{ now | unixEpoch }}-{{ randNumeric 4 }}")},
         {"c.yaml", config_map("braces", "{{ `{{ .Values.not.ours }}` }}")},
         {"d.yaml",
          config_map("look", "{{ (lookup \"v1\" \"Namespace\" \"\" \"default\").metadata.uid }}")}});
    const auto input = world.helm_input();
    const auto plan = world.planned("helm.plan", input);
    CHECK(plan.at("pinned").as_array().size() == 2);
    CHECK(json::serialize(plan.at("warnings")).find("renders differently each time") != std::string::npos);
    const auto done = world.apply(input, plan);
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    const auto shown = json::serialize(plan.at("changes"));
    for (const char* name : {"settings", "clock", "braces", "look"}) {
        CHECK_MESSAGE(shown.find("\"" + value_of(world, name) + "\"") != std::string::npos, name);
    }
    CHECK(value_of(world, "braces") == "{{ .Values.not.ours }}");
    CHECK(value_of(world, "settings").size() == 24);
    CHECK(value_of(world, "look").starts_with("00000000-"));

    auto strict = input;
    strict["nondeterministic"] = "refuse";
    const auto refused = world.plan("helm.plan", strict);
    REQUIRE(failure_in(refused) != nullptr);
    CHECK(failure_in(refused)->failure.failure_class == FailureClass::kAuthoring);
}

TEST_CASE("values: files in their order, then single ones; where each comes from is said") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart({{"a.yaml", config_map("settings",
                                             "{{ .Values.a }}/{{ .Values.b.c }}/{{ .Values.d }}/"
                                             "{{ index .Values.list 0 }}")}},
                      "a: chart\nb: {c: chart}\nd: chart\nlist: [chart]\n");
    auto input = world.helm_input();
    input["values_files"] =
        json::array{json::object{{"name", "one.yaml"}, {"contents", "a: one\nb: {c: one}\n"}},
                    json::object{{"name", "two.yaml"}, {"contents", "b: {c: two}\n"}}};
    input["values"] = json::object{{"d", "single"}, {"list[0]", "first"}};
    const auto plan = world.planned("helm.plan", input);
    CHECK(plan.at("values_from").at("a") == "one.yaml");
    CHECK(plan.at("values_from").at("b.c") == "two.yaml");
    CHECK(plan.at("values_from").at("d") == "values");
    REQUIRE(succeeded(world.apply(input, plan)) != nullptr);
    CHECK(value_of(world, "settings") == "one/two/single/first");
}

TEST_CASE("drift is shown with its fields, and the next apply puts it right") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    world.server.objects().change("ConfigMap", "default", "settings",
                                  json::object{{"data", json::object{{"value", "by hand"}}}});
    const auto plan = world.planned("helm.plan", world.helm_input());
    CHECK(plan.at("drift") == true);
    CHECK(json::serialize(plan.at("changes")).find(R"("before":"by hand","after":"1")") != std::string::npos);
    REQUIRE(succeeded(world.apply(world.helm_input(), plan)) != nullptr);
    CHECK(value_of(world, "settings") == "1");
}

TEST_CASE("what changed in the cluster between plan and apply is planned again, not overwritten") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    world.write_chart(small_chart("2"));
    const auto plan = world.planned("helm.plan", world.helm_input());
    world.server.objects().change("ConfigMap", "default", "settings",
                                  json::object{{"data", json::object{{"value", "by hand"}}}});
    CHECK(redo(world.apply(world.helm_input(), plan)) != nullptr);
    CHECK(value_of(world, "settings") == "by hand");

    const auto other = world.planned("helm.plan", world.helm_input());
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    CHECK(redo(world.apply(world.helm_input(), other)) != nullptr);
}

TEST_CASE("rollback is a plan too: the bytes of an earlier revision, applied as a new one") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart({{"a.yaml", config_map("settings", "{{ randAlphaNum 12 }}")}});
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    const auto first = value_of(world, "settings");
    world.write_chart(small_chart("2"));
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    auto input = world.helm_input("rollback");
    input["rollback_to"] = 1;
    const auto done = world.plan_and_apply(input);
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(value_of(world, "settings") == first);
    CHECK(!world.server.objects().find("Deployment", "default", "web"));
}

TEST_CASE("uninstall lists what goes, removes it, and is nothing the second time") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart({{"a.yaml", config_map("settings", "1")},
                       {"b.yaml", config_map("treasure", "1", "helm.sh/resource-policy: keep")}});
    REQUIRE(succeeded(world.plan_and_apply(world.helm_input())) != nullptr);
    const auto plan = world.planned("helm.plan", world.helm_input("destroy"));
    CHECK(plan.at("summary").at("destroy") == 1);
    CHECK(json::serialize(plan.at("warnings")).find("treasure") != std::string::npos);
    REQUIRE(succeeded(world.apply(world.helm_input("destroy"), plan)) != nullptr);
    CHECK(world.server.objects().listing() ==
          std::vector<std::string>{"ConfigMap/default/treasure", "Namespace/default"});
    CHECK(world.planned("helm.plan", world.helm_input("destroy")).at("nothing_to_do") == true);
}

TEST_CASE("secrets stand in no argument, log, evidence or plan, whichever way they came in") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart({{"a.yaml",
                        "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData:\n  password: "
                        "{{ .Values.password }}\n  own: generated-{{ randAlphaNum 20 }}\n"},
                       {"b.yaml", config_map("settings", "db://user:{{ .Values.password }}@host")}});
    auto input = world.helm_input();
    input["values"] = json::object{{"password", json::object{{"$secret", "test:canary"}}}};
    const auto plan = world.planned("helm.plan", input);
    REQUIRE(succeeded(world.apply(input, plan)) != nullptr);
    const std::string canary = "cAnArY-in-a-mine-7931";
    CHECK(value_of(world, "settings") == "db://user:" + canary + "@host");
    const auto text = json::serialize(plan);
    CHECK(text.find(canary) == std::string::npos);
    CHECK(text.find("generated-") == std::string::npos);
    CHECK(text.find("(sensitive value)") != std::string::npos);
    CHECK(all_text_in(world / "attempts").find(canary) == std::string::npos);
    CHECK(all_text_in(world / "blobs").find(canary) == std::string::npos);
}

TEST_CASE("a chart that helm refuses fails the plan with helm's words, and nothing was touched") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(
        {{"a.yaml", config_map("settings", "{{ required \"colour is missing\" .Values.colour }}")}});
    const auto verdict = world.plan("helm.plan", world.helm_input());
    REQUIRE(failure_in(verdict) != nullptr);
    CHECK(failure_in(verdict)->failure.message.find("colour is missing") != std::string::npos);
    CHECK(world.server.count("POST", "") == 0);
}

TEST_CASE("a server that fails or hangs up: the plan may be tried again, an apply says what is recorded") {
    SKIP_WITHOUT_CLUSTER_TOOLS();
    ClusterWorld world;
    world.write_chart(small_chart("1"));
    world.server.fault({.method = "GET", .path = "/secrets?", .times = -1, .status = 500});
    const auto down = world.plan("helm.plan", world.helm_input());
    REQUIRE(failure_in(down) != nullptr);
    CHECK_MESSAGE(failure_in(down)->failure.failure_class == FailureClass::kTransient, show(down));
    world.server.clear_faults();
    const auto plan = world.planned("helm.plan", world.helm_input());
    world.server.fault({.method = "POST", .path = "/deployments", .status = 403, .reason = "Forbidden"});
    const auto failed = world.apply(world.helm_input(), plan);
    REQUIRE_MESSAGE(failure_in(failed) != nullptr, show(failed));
    CHECK(failure_in(failed)->failure.detail.starts_with("rule failed"));
    CHECK(record_of(world, 1).status == "failed");
    const auto done = world.plan_and_apply(world.helm_input());
    CHECK_MESSAGE(succeeded(done) != nullptr, show(done));
}
