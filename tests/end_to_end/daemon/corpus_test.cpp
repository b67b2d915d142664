// A packaged app of the public corpus, unchanged, up and down through the daemon.
#include <doctest/doctest.h>

#include <cstdio>

#include "kit.hpp"

using namespace end_to_end;

TEST_SUITE_BEGIN("corpus");

TEST_CASE("eks-simple, unchanged, is provisioned and torn down, simulated") {
    const std::string corpus = environment("SLIPWAY_CORPUS");
    if (corpus.empty()) {
        std::printf("SLIPWAY-SKIPPED-PART: corpus\n");
        return;
    }
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    const auto synced = daemon.send("POST", "/v1/apps/sync", {{"path", corpus + "/eks-simple"}});
    for (const auto& finding : synced.at("findings").as_array()) {
        CHECK(text(finding, "severity") != "error");
    }
    CHECK(json::serialize(synced.at("kept_files")).find("policies.toml") != std::string::npos);
    const std::string app = text(synced, "app");
    daemon.send("POST", "/v1/installs",
                {{"name", "acme"}, {"app", app}, {"region", "us-east-1"}, {"inputs", json::object{}}});
    const auto up = text(daemon.send("POST", "/v1/installs/acme/runs", {{"workflow", "provision"}}), "run");
    const auto done = daemon.approve_each(up, 60);
    CHECK_MESSAGE(text(done, "status") == "succeeded",
                  json::serialize(daemon.get("/v1/runs/" + up + "/explain")));
    const auto components = static_cast<std::uint64_t>(number(synced, "components"));
    CHECK(components > 0);
    CHECK(static_cast<std::uint64_t>(
              number(daemon.get("/v1/installs").at("installs").at(0), "components_active")) == components);
    const auto down =
        text(daemon.send("POST", "/v1/installs/acme/runs", {{"workflow", "deprovision"}}), "run");
    CHECK(text(daemon.approve_each(down, 60), "status") == "succeeded");
    CHECK(number(daemon.get("/v1/installs").at("installs").at(0), "components_active") == 0);
}

TEST_SUITE_END();
