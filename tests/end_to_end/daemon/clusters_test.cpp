// Charts, manifests, jobs and images of an install, through the daemon, with real terraform, helm, kubectl
// and skopeo against a stand-in for the API server and a real registry.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "cluster_app.hpp"
#include "slipway/lifecycle/registry_client.hpp"

using namespace end_to_end;

namespace {

namespace fs = std::filesystem;

std::string start(Daemon& daemon, const std::string& install, const json::object& request) {
    return text(daemon.send("POST", "/v1/installs/" + install + "/runs", request), "run");
}

/// Digest that was approved, by gate.
std::map<std::string, std::string> approved;

json::value approve_all_shown(Daemon& daemon, const std::string& run) {
    approved.clear();
    return daemon.approve_each(run, 240, [&](const json::value& gate) {
        approved[text(gate.at("what"), "part")] = text(gate.at("what"), "digest");
    });
}

void must_succeed(Daemon& daemon, const json::value& run) {
    CHECK_MESSAGE(text(run, "status") == "succeeded",
                  json::serialize(daemon.get("/v1/runs/" + text(run, "run") + "/explain")));
}

std::string data_of(ClusterHome& world, const std::string& space, const std::string& name, const char* key) {
    const auto map = world.server.objects().find("ConfigMap", space, name);
    return map ? text(map->at("data"), key) : "(none)";
}

std::string image_of(ClusterHome& world, const std::string& space) {
    const auto web = world.server.objects().find("Deployment", space, "web");
    REQUIRE(web.has_value());
    return text(web->at("spec").at("template").at("spec").at("containers").at(0), "image");
}

std::vector<std::string> files_with(const std::string& folder, const std::string& wanted) {
    std::vector<std::string> found;
    std::error_code code;
    for (const auto& entry : fs::recursive_directory_iterator(folder, code)) {
        if (entry.is_regular_file(code) &&
            read_all(entry.path().string()).find(wanted) != std::string::npos) {
            found.push_back(entry.path().string());
        }
    }
    return found;
}

std::vector<std::string> objects_when_up() {
    return {"ConfigMap/ID/base",
            "ConfigMap/ID/made",
            "ConfigMap/ID/plain",
            "ConfigMap/ID/settings",
            "ConfigMap/ID/slipway-inventory-cmigrate-data-XXXXXX",
            "ConfigMap/ID/slipway-inventory-plain",
            "ConfigMap/default/slipway-inventory-base",
            "Deployment/ID/web",
            "Job/ID/cmigrate-data-XXXXXX",
            "Namespace/ID",
            "Namespace/default",
            "ReplicaSet/ID/web"};
}

/// What stands behind a digest in a name is left out.
std::vector<std::string> without_digests(std::vector<std::string> names) {
    for (auto& name : names) {
        if (const auto at = name.find("migrate-data-"); at != name.npos) {
            name = name.substr(0, at) + "migrate-data-XXXXXX";
        }
        if (name.starts_with("ReplicaSet/")) {
            name = name.substr(0, name.find("web") + 3);
        }
    }
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

/// The apply of the chart stands before the object that it is about to change.
void until_helm_works(ClusterHome& world, const std::string& run, Daemon& daemon) {
    daemon.wait_run(
        run, [](const json::value& view) { return number(view, "gates_open") == 1; }, 60);
    world.server.fault({.method = "PATCH", .path = "/deployments/", .gate = true});
    const json::value gate = daemon.get("/v1/runs/" + run + "/gates/web.gate");
    daemon.act(run, {{"act", "answer"},
                     {"step", "web.gate"},
                     {"decision", "approve"},
                     {"round", number(gate, "round")},
                     {"shown", text(gate, "shown")}});
    REQUIRE(world.server.reached_gate(60'000));
}

std::string change_greeting(Daemon& daemon, const std::string& greeting) {
    const auto answer =
        daemon.send("PATCH", "/v1/installs/acme/inputs", {{"inputs", json::object{{"greeting", greeting}}}});
    std::set<std::string> sections;
    for (const auto& step : answer.at("preview").at("steps").as_array()) {
        sections.insert(text(step, "section"));
    }
    CHECK(sections == std::set<std::string>{"preflight", "web"});
    return text(answer, "run");
}

}  // namespace

TEST_CASE(
    "an app with a module, a chart, manifests, a job and an image goes up, changes under kills, and leaves "
    "nothing behind") {
    if (!has_cluster_tools()) {
        return;
    }
    ClusterHome world;
    const std::string app = world.write_app();
    Daemon daemon(world / "data", world.daemon_arguments());
    daemon.offline = !world.images();
    daemon.start();
    const auto install = sync_and_create(daemon, app, "cloudshop", "acme", world.inputs());

    auto run = start(daemon, "acme", {{"workflow", "provision"}});
    const auto up = approve_all_shown(daemon, run);
    must_succeed(daemon, up);
    CHECK(without_digests(world.listing(install)) == objects_when_up());
    CHECK(data_of(world, install, "base", "net") == "net-of-" + install);
    CHECK(data_of(world, install, "settings", "greeting") == "hello");
    for (const std::string part : {"web", "base", "plain", "migrate_data"}) {
        const auto& digest = approved["component." + part];
        CHECK_MESSAGE(digest.size() == 64, part);
        CHECK_MESSAGE(text(step_of(up, part + ".apply").at("output"), "digest") == digest, part);
    }
    if (world.images()) {
        const std::string image = image_of(world, install);
        CHECK(image.starts_with(world.registry->host() + "/acme/img:1-"));
        slipway::lifecycle::RegistryClient client({.plain_http = {world.registry->host()}});
        const auto there = client.resolve(*slipway::lifecycle::parse_image_name(image));
        REQUIRE(there.has_value());
        CHECK(there->digest.hex().starts_with(image.substr(image.rfind('-') + 1)));
    }

    // The daemon alone is killed: helm lives on, and is taken over.
    run = change_greeting(daemon, "good morning");
    until_helm_works(world, run, daemon);
    daemon.kill();
    world.server.open_gate();
    daemon.start();
    must_succeed(daemon, daemon.wait_final(run, 120));
    CHECK(data_of(world, install, "settings", "greeting") == "good morning");

    // Everything is killed: what helm left is sorted out by its own record, and the same is applied again.
    run = change_greeting(daemon, "good night");
    until_helm_works(world, run, daemon);
    daemon.kill_everything();
    world.server.drop_held();
    world.server.clear_faults();
    daemon.start();
    must_succeed(daemon, daemon.wait_final(run, 120));
    CHECK(data_of(world, install, "settings", "greeting") == "good night");
    CHECK(without_digests(world.listing(install)) == objects_when_up());
    CHECK(files_with(world / "data", kClusterToken).empty());

    run = start(daemon, "acme", {{"workflow", "deprovision"}});
    must_succeed(daemon, approve_all_shown(daemon, run));
    CHECK(world.listing(install, true) == std::vector<std::string>{"Namespace/default"});
}

TEST_CASE(
    "a tool that is missing is named by the preflight, with how to get it, before anything is touched") {
    if (!has_cluster_tools()) {
        return;
    }
    ClusterHome world;
    const std::string app = world.write_app();
    Daemon daemon(world / "data", world.daemon_arguments());
    daemon.offline = !world.images();
    daemon.start();
    sync_and_create(daemon, app, "cloudshop", "acme", world.inputs());
    daemon.stop();
    const std::string path = environment("PATH");
    const std::string without = world / "bin";
    fs::create_directories(without);
    for (const char* tool : {"terraform", "sh", "env"}) {
        fs::create_symlink(slipway::test::find_part(tool), without + "/" + tool);
    }
    ::setenv("PATH", without.c_str(), 1);
    daemon.start();
    ::setenv("PATH", path.c_str(), 1);
    const auto run = start(daemon, "acme", {{"workflow", "provision"}});
    const auto failed = daemon.wait_run(
        run,
        [](const json::value& view) {
            return text(view, "status") == "blocked" || text(view, "status") == "failed";
        },
        60);
    const std::string told = json::serialize(failed);
    CHECK(told.find("helm is not installed (looked in PATH)") != std::string::npos);
    CHECK(told.find("kubectl is not installed (looked in PATH)") != std::string::npos);
    CHECK(world.server.requests().empty());
}
