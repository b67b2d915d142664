// What is deployed comes out of artifacts: built at the sync, pinned by the run, kept while anything refers
// to it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "kit.hpp"

using namespace end_to_end;

TEST_SUITE_BEGIN("artifacts");

namespace {

namespace fs = std::filesystem;

Exit run_cli(const Daemon& daemon, std::vector<std::string> words) {
    const std::vector<std::string> head{environment("SLIPWAY_CLI"), "--socket", daemon.socket()};
    words.insert(words.begin(), head.begin(), head.end());
    return run_program(words);
}

json::value standing(Daemon& daemon, const std::string& install, const std::string& part) {
    const auto answer = daemon.get("/v1/installs/" + install + "/builds");
    for (const auto& one : answer.at("components").as_array()) {
        if (text(one, "component") == part) {
            return one;
        }
    }
    FAIL("no part " << part);
    return {};
}

bool is(const json::value& object, const char* key) {
    return object.at(key).as_bool();
}

std::string start(Daemon& daemon, const std::string& install, const json::object& request) {
    return text(daemon.send("POST", "/v1/installs/" + install + "/runs", request), "run");
}

void change_module(const std::string& app, const std::string& line) {
    write_all(app + "/src/main.tf", read_all(app + "/src/main.tf") + line);
}

}  // namespace

TEST_CASE("a run deploys exactly the artifacts that it names, whatever becomes of sources and versions") {
    if (!has_terraform()) {
        std::printf("SLIPWAY-SKIPPED-PART: terraform\n");
        return;
    }
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {});
    daemon.start();
    sync_and_create(daemon, app, "small", "acme", {{"witness", home.path() + "/witness"}});
    const auto built = text(standing(daemon, "acme", "back"), "artifact");
    CHECK(built.starts_with("sha256:"));
    CHECK(is(standing(daemon, "acme", "sandbox"), "built_not_deployed"));

    // The run is planned; from here on nothing but the store is read.
    const auto run = start(daemon, "acme", {{"workflow", "provision"}});
    daemon.wait_run(
        run, [](const json::value& view) { return number(view, "gates_open") == 1; }, 60);
    fs::remove_all(home.path() + "/data/sources");
    change_module(app, "locals {\n  broken = nothing.at.all\n}\n");
    sync_and_build(daemon, app);
    CHECK(text(daemon.get("/v1/runs/" + run + "/gates/sandbox.gate").at("what"), "artifact") ==
          text(standing(daemon, "acme", "sandbox"), "artifact"));
    fs::remove_all(app);
    CHECK(text(daemon.approve_each(run, 120), "status") == "succeeded");
    for (const char* part : {"sandbox", "back", "side", "front"}) {
        const auto now = standing(daemon, "acme", part);
        CHECK(is(now, "deployed"));
        CHECK_FALSE(is(now, "built_not_deployed"));
        CHECK(is(now, "config_behind"));  // the broken one is newer
        CHECK(text(now, "deployed_artifact") == text(now, "artifact"));
    }
    CHECK(text(standing(daemon, "acme", "back"), "deployed_artifact") == built);
    const auto down = start(daemon, "acme", {{"workflow", "deprovision"}, {"approve_all", true}});
    CHECK(text(daemon.wait_final(down, 120), "status") == "succeeded");
    CHECK(text(standing(daemon, "acme", "back"), "deployed_artifact").empty());
    CHECK(is(standing(daemon, "acme", "back"), "built_not_deployed"));
}

TEST_CASE("what is not built is refused with what to do, and built but not deployed is told until it is") {
    if (!has_terraform()) {
        std::printf("SLIPWAY-SKIPPED-PART: terraform\n");
        return;
    }
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {});
    daemon.start();
    const auto synced = daemon.send("POST", "/v1/apps/sync", {{"path", app}, {"build", false}});
    CHECK(synced.as_object().if_contains("build") == nullptr);
    daemon.send(
        "POST", "/v1/installs",
        {{"name", "acme"}, {"app", "small"}, {"inputs", json::object{{"witness", home.path() + "/w"}}}});
    const auto refused = daemon.call("POST", "/v1/installs/acme/runs", R"({"workflow":"provision"})");
    CHECK(refused.status == 409);
    CHECK(refused.body.find("not built for version") != std::string::npos);
    CHECK(refused.body.find("the sandbox, component back, component front, component side") !=
          std::string::npos);
    CHECK(refused.body.find("slipway build --synced small") != std::string::npos);

    const auto explained = daemon.send("POST", "/v1/apps/small/build", {{"explain", true}});
    CHECK(explained.as_object().if_contains("run") == nullptr);
    REQUIRE(explained.at("components").as_array().size() == 4);
    CHECK(text(explained.at("components").at(0), "component") == "sandbox");
    CHECK(is(explained.at("components").at(0), "needed"));
    CHECK(json::serialize(explained.at("components").at(0).at("why")) == R"(["it was never built"])");
    const auto build = run_cli(daemon, {"build", "--synced", "small"});
    CHECK_MESSAGE(build.code == 0, build.output);
    const auto again = daemon.send("POST", "/v1/apps/small/build", {});
    CHECK(again.as_object().if_contains("run") == nullptr);
    CHECK(text(again.at("components").at(1), "artifact").starts_with("sha256:"));

    const auto up = start(daemon, "acme", {{"workflow", "provision"}, {"approve_all", true}});
    CHECK(text(daemon.wait_final(up, 120), "status") == "succeeded");
    // The module moves: built at the sync, deployed when asked for.
    change_module(app, "output \"more\" { value = 1 }\n");
    const auto moved = sync_and_build(daemon, app);
    CHECK(is(standing(daemon, "acme", "side"), "config_behind"));
    CHECK_FALSE(is(standing(daemon, "acme", "side"), "built_not_deployed"));
    daemon.send("PATCH", "/v1/installs/acme/version", {{"version", text(moved, "version")}});
    CHECK_FALSE(is(standing(daemon, "acme", "side"), "config_behind"));
    CHECK(is(standing(daemon, "acme", "side"), "built_not_deployed"));
    const auto one =
        start(daemon, "acme", {{"workflow", "deploy_one"}, {"component", "side"}, {"approve_all", true}});
    CHECK(text(daemon.wait_final(one, 60), "status") == "succeeded");
    CHECK_FALSE(is(standing(daemon, "acme", "side"), "built_not_deployed"));
    CHECK(is(standing(daemon, "acme", "back"), "built_not_deployed"));
    const auto shown = run_cli(daemon, {"builds", "acme"});
    CHECK(shown.code == 0);
    CHECK(shown.output.find("built but not deployed") != std::string::npos);
}

TEST_CASE("config behind: also when no build would be another one, and told what changed") {
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    sync_and_create(daemon, app, "small", "acme", {{"witness", home.path() + "/witness"}});
    CHECK_FALSE(is(daemon.get("/v1/installs/acme/builds"), "config_behind"));
    write_all(
        app + "/actions/look.toml",
        "name = \"look\"\n[[triggers]]\ntype = \"manual\"\n[[steps]]\nname = \"a\"\ncommand = \"true\"\n");
    const auto synced = run_cli(daemon, {"sync", app});
    CHECK_MESSAGE(synced.code == 0, synced.output);
    CHECK(synced.output.find("nothing changed") == std::string::npos);
    CHECK(run_cli(daemon, {"sync", app}).output.find("nothing changed") != std::string::npos);
    CHECK(run_cli(daemon, {"sync", app, "--dry-run"}).output.find("nothing changed") != std::string::npos);
    const auto builds = daemon.get("/v1/installs/acme/builds");
    CHECK(is(builds, "config_behind"));
    CHECK_FALSE(is(builds.at("components").at(0), "config_behind"));
    CHECK(text(builds.at("changes"), "text").find("+ action look") != std::string::npos);
    const auto told = run_cli(daemon, {"builds", "acme"});
    CHECK(told.output.find("config behind: the app's newest version is ") != std::string::npos);
    CHECK(told.output.find("+ action look") != std::string::npos);
    CHECK(run_cli(daemon, {"installs"}).output.find("config behind") != std::string::npos);
    REQUIRE(run_cli(daemon, {"pin", "acme"}).code == 0);
    CHECK_FALSE(is(daemon.get("/v1/installs/acme/builds"), "config_behind"));
    CHECK(run_cli(daemon, {"installs"}).output.find("config behind") == std::string::npos);
}

TEST_CASE("collection keeps what a parked run and an install refer to, and removes the rest") {
    if (!has_terraform()) {
        std::printf("SLIPWAY-SKIPPED-PART: terraform\n");
        return;
    }
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {});
    daemon.start();
    sync_and_create(daemon, app, "small", "acme", {{"witness", home.path() + "/witness"}});
    const auto first = text(standing(daemon, "acme", "back"), "artifact");
    const auto run = start(daemon, "acme", {{"workflow", "provision"}});
    daemon.wait_run(
        run, [](const json::value& view) { return number(view, "gates_open") == 1; }, 60);
    std::string dropped;
    for (int i = 0; i < 2; ++i) {
        change_module(app, "output \"more" + std::to_string(i) + "\" { value = 1 }\n");
        const auto synced = sync_and_build(daemon, app);
        daemon.send("PATCH", "/v1/installs/acme/version", {{"version", text(synced, "version")}});
        dropped = i == 0 ? text(standing(daemon, "acme", "back"), "artifact") : dropped;
    }
    // Only the parked run knows the first version's artifacts any more, and nobody those of the second.
    const auto collected = daemon.send("POST", "/v1/artifacts/collect", {{"keep_versions", 1}});
    CHECK(number(collected, "records_removed") > 0);
    const std::string blobs = home.path() + "/data/artifacts/oci/blobs/sha256/";
    CHECK(fs::exists(blobs + first.substr(7)));
    CHECK_FALSE(fs::exists(blobs + dropped.substr(7)));
    CHECK(text(daemon.approve_each(run, 120), "status") == "succeeded");
    CHECK(text(standing(daemon, "acme", "back"), "deployed_artifact") == first);
    // What is deployed stays, so that it can be torn down.
    daemon.send("POST", "/v1/artifacts/collect", {{"keep_versions", 1}});
    CHECK(fs::exists(blobs + first.substr(7)));
}

TEST_CASE("with --json a sync and a build wait too, answer one document, and say 3 and 1 when it fails") {
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {});
    daemon.start();
    const auto parses = [](const Exit& exit) {
        boost::system::error_code code;
        json::parse(exit.output, code);
        return !code;
    };
    const auto is_built = [&](const Exit& exit) {
        CHECK_MESSAGE(parses(exit), exit.output);
        const auto run = text(json::parse(exit.output), "run");
        return run.empty() || text(daemon.get("/v1/runs/" + run), "status") == "succeeded";
    };
    const auto synced = run_cli(daemon, {"--json", "sync", app});
    CHECK_MESSAGE(synced.code == 0, synced.output);
    REQUIRE(parses(synced));
    const auto run = text(json::parse(synced.output).at("build"), "run");
    CHECK(text(daemon.get("/v1/runs/" + run), "status") == "succeeded");
    const auto again = run_cli(daemon, {"--json", "build", "--synced", "small", "--rebuild"});
    CHECK(again.code == 0);
    CHECK(is_built(again));
    // Its source is gone before it is built.
    change_module(app, "output \"more\" { value = 1 }\n");
    REQUIRE(run_cli(daemon, {"--json", "sync", "--no-build", app}).code == 0);
    fs::remove_all(home.path() + "/data/sources");
    const auto failed = run_cli(daemon, {"--json", "build", "--synced", "small"});
    CHECK_MESSAGE(failed.code == 1, failed.output);
    CHECK(parses(failed));
}

TEST_CASE("sync ends with 3 when the version is stored and not all of it is built, and says what is not") {
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    const std::string head = "name = \"web\"\n";
    const std::string here = "[public_repo]\nrepo = \".\"\nbranch = \"main\"\ndirectory = \"src\"\n";
    std::string yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  text: |\n";
    yaml += std::string(std::size_t{3} << 20U, 'x').insert(0, "    ") + "\n";
    write_all(app + "/components/big.yaml", yaml);
    write_all(
        app + "/components/big.toml",
        "name = \"big\"\ntype = \"kubernetes_manifest\"\nnamespace = \"d\"\nmanifest = \"./big.yaml\"\n");
    Daemon daemon(home.path() + "/data", {});
    daemon.start();
    const auto parsed = [](const Exit& exit) {
        boost::system::error_code code;
        auto value = json::parse(exit.output, code);
        REQUIRE_MESSAGE(!code, exit.output);
        return value;
    };
    const auto whole = run_cli(daemon, {"--json", "sync", app});
    CHECK_MESSAGE(whole.code == 0, whole.output);

    std::string why;
    SUBCASE("a build fails") {
        write_all(app + "/components/web.toml", head + "type = \"helm_chart\"\nchart_name = \"w\"\n" + here);
    }
    SUBCASE("something is left out") {
        write_all(app + "/src/k/kustomization.yaml", "resources: []\n");
        write_all(app + "/components/web.toml",
                  head + "type = \"kubernetes_manifest\"\nnamespace = \"d\"\n[kustomize]\npath = \"k\"\n" +
                      "enable_helm = true\n" + here);
        why = "not allowed here";
    }
    const auto part = run_cli(daemon, {"--json", "sync", app});
    CHECK_MESSAGE(part.code == 3, part.output);
    const auto answer = parsed(part);
    CHECK_FALSE(text(answer, "version").empty());
    CHECK(text(answer, "version") != text(parsed(whole), "version"));
    CHECK(part.output.find(why) != std::string::npos);
    CHECK(run_cli(daemon, {"sync", app}).code == 3);
    CHECK(run_cli(daemon, {"--json", "build", "--synced", "small"}).code == 1);
    CHECK(run_cli(daemon, {"--json", "sync", "--no-build", app}).code == 0);
    const auto explained = parsed(run_cli(daemon, {"--json", "build", "--synced", "small", "--explain"}));
    for (const auto& one : explained.at("components").as_array()) {
        CHECK_MESSAGE(one.as_object().contains("artifact") == (text(one, "component") != "web"),
                      json::serialize(one));
    }
    write_all(app + "/components/web.toml", "name = 1\n");
    CHECK(run_cli(daemon, {"--json", "sync", app}).code == 1);
}

TEST_CASE("nothing is collected while a version cannot be read") {
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {});
    daemon.start();
    sync_and_build(daemon, app);
    const std::string versions = home.path() + "/data/installs/apps/small";
    const std::string document = fs::directory_iterator(versions)->path().string() + "/version.json";
    fs::rename(document, document + ".aside");
    fs::create_directory(document);
    CHECK(daemon.call("POST", "/v1/artifacts/collect", R"({"keep_versions":1})").status >= 400);
    fs::remove(document);
    fs::rename(document + ".aside", document);
    const auto after = daemon.send("POST", "/v1/artifacts/collect", {{"keep_versions", 1}});
    CHECK(number(after, "blobs_removed") == 0);
    CHECK(number(after, "records_removed") == 0);
    CHECK(number(after, "blobs_kept") > 0);
}

TEST_CASE("what a build or a run is planned from is held: while a collection is at work nothing is planned") {
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    sync_and_create(daemon, app, "small", "acme", {{"witness", home.path() + "/witness"}});
    const std::string lock = home.path() + "/data/artifacts/hold.lock";
    const std::pair<std::string, std::string> requests[] = {
        {"/v1/apps/small/build", R"({"explain":true})"},
        {"/v1/apps/sync", R"({"path":")" + app + R"(","build":true})"},
        {"/v1/installs/acme/preview", R"({"workflow":"provision"})"}};
    for (const auto& request : requests) {
        const auto& target = request.first;
        const int collection = ::open(lock.c_str(), O_RDWR | O_CLOEXEC);
        REQUIRE(collection >= 0);
        REQUIRE(::flock(collection, LOCK_EX) == 0);
        std::atomic<bool> answered{false};
        std::thread asks([&] {
            const auto answer = daemon.call("POST", target, request.second);
            CHECK_MESSAGE(answer.status == 200, answer.body);
            answered = true;
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        CHECK_MESSAGE(!answered, target);
        ::close(collection);
        asks.join();
    }
}

TEST_CASE("builds and deploys go on beside a collection that never ends") {
    if (!has_terraform()) {
        std::printf("SLIPWAY-SKIPPED-PART: terraform\n");
        return;
    }
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {});
    daemon.start();
    sync_and_create(daemon, app, "small", "acme", {{"witness", home.path() + "/witness"}});
    std::atomic<bool> over{false};
    std::atomic<int> collections{0};
    std::thread collector([&] {
        while (!over) {
            collections +=
                daemon.call("POST", "/v1/artifacts/collect", R"({"keep_versions":1})").status == 200 ? 1 : 0;
        }
    });
    const auto up = start(daemon, "acme", {{"workflow", "provision"}, {"approve_all", true}});
    CHECK(text(daemon.wait_final(up, 120), "status") == "succeeded");
    for (int i = 0; i < 4; ++i) {
        change_module(app, "output \"more" + std::to_string(i) + "\" { value = 1 }\n");
        const auto synced = sync_and_build(daemon, app);
        daemon.send("PATCH", "/v1/installs/acme/version", {{"version", text(synced, "version")}});
        const auto one =
            start(daemon, "acme", {{"workflow", "deploy_one"}, {"component", "side"}, {"approve_all", true}});
        CHECK(text(daemon.wait_final(one, 60), "status") == "succeeded");
    }
    over = true;
    collector.join();
    CHECK(collections > 0);
}

TEST_CASE("a build's own words stand in the log of its step") {
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    // Simulated deploys need no build, so a sync starts none unless it is asked to.
    CHECK(daemon.send("POST", "/v1/apps/sync", {{"path", app}}).as_object().if_contains("build") == nullptr);
    const auto built = daemon.send("POST", "/v1/apps/sync", {{"path", app}, {"build", true}});
    const auto run = text(built.at("build"), "run");
    CHECK(text(daemon.wait_final(run, 60), "status") == "succeeded");
    const auto log = run_cli(daemon, {"logs", run, "back.build"});
    CHECK(log.code == 0);
    CHECK_MESSAGE(log.output.find("back: sha256:") != std::string::npos, log.output);
}
