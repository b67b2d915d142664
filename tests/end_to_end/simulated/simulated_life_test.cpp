// A packaged app goes up and comes down through the real engine, with restarts in between. Only the world is
// made up.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>

#include "tests/end_to_end/simulated/host.hpp"

using namespace host_test;  // NOLINT: tests only

namespace {

std::string eks_simple() {
    const char* folder = std::getenv("SLIPWAY_CORPUS");  // NOLINT(concurrency-mt-unsafe)
    const std::string app = folder == nullptr ? "" : std::string(folder) + "/eks-simple";
    if (app.empty() || !std::filesystem::is_directory(app)) {
        std::cout << "SLIPWAY-SKIPPED-PART: corpus\n";
        return {};
    }
    return app;
}

steps::SimulationScript script(const std::string& text) {
    auto parsed = steps::SimulationScript::parse(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

std::size_t position(const std::vector<std::string>& effects, const std::string& effect) {
    const auto found = std::find(effects.begin(), effects.end(), effect);
    CHECK_MESSAGE(found != effects.end(), effect);
    return static_cast<std::size_t>(found - effects.begin());
}

void check_once(const std::vector<std::string>& effects) {
    CHECK(std::set<std::string>(effects.begin(), effects.end()).size() == effects.size());
}

}  // namespace

TEST_CASE("eks-simple, unchanged, is provisioned and deprovisioned, with restarts between its gates") {
    const std::string app = eks_simple();
    if (app.empty()) {
        return;
    }
    Host host(script(R"({"delay_ms":5})"));
    host.sync(app);
    host.create("acme");
    host.start("up", "acme", {.kind = RequestKind::kProvision});
    CHECK(host.approve_to_the_end("up", 2) == RunStatus::kSucceeded);
    const auto state = host.registry().state("acme");
    REQUIRE(state.has_value());
    CHECK(state->sandbox.status == PartStatus::kActive);
    CHECK(state->components.size() == 3);
    for (const auto& entry : state->components) {
        CHECK_MESSAGE(entry.second.status == PartStatus::kActive, entry.first);
    }
    CHECK(state->components.at("certificate").outputs.count("public_domain_certificate_arn") == 1);
    auto effects = host.effects();
    check_once(effects);
    const auto alb = position(effects, "up application_load_balancer.apply@1");
    CHECK(position(effects, "up sandbox.apply@1") < position(effects, "up certificate.apply@1"));
    CHECK(position(effects, "up certificate.apply@1") < alb);
    CHECK(position(effects, "up whoami.apply@1") < alb);
    CHECK(alb < position(effects, "up action.post-provision.simple_demonstration@1"));

    host.start("down", "acme", {.kind = RequestKind::kDeprovision});
    CHECK(host.approve_to_the_end("down", 2) == RunStatus::kSucceeded);
    effects = host.effects();
    check_once(effects);
    const auto down_alb = position(effects, "down application_load_balancer.apply@1");
    CHECK(down_alb < position(effects, "down certificate.apply@1"));
    CHECK(down_alb < position(effects, "down whoami.apply@1"));
    CHECK(position(effects, "down sandbox.apply@1") == effects.size() - 1);
    CHECK(host.registry().forget("acme", "ana").has_value());
}

TEST_CASE(
    "the example app: an input update plans only what depends on it, and asks only where something changes") {
    Host host(script("{}"));
    host.sync("examples/demo_app");
    host.create("acme", "approve-all");
    host.start("up", "acme", {.kind = RequestKind::kProvision});
    CHECK(host.approve_to_the_end("up") == RunStatus::kSucceeded);
    const auto before = host.effects().size();
    const auto changed = host.registry().update_inputs("acme", {{"greeting", "Hello"}}, "ana");
    REQUIRE(changed.has_value());
    host.start("update", "acme",
               {.kind = RequestKind::kInputUpdate, .changed_inputs = {changed->begin(), changed->end()}});
    CHECK(host.approve_to_the_end("update") == RunStatus::kSucceeded);
    const auto effects = host.effects();
    REQUIRE(effects.size() == before + 1);
    CHECK(effects.back() == "update web.apply@1");

    host.start("again", "acme", {.kind = RequestKind::kReprovision});
    CHECK(host.approve_to_the_end("again") == RunStatus::kSucceeded);
    CHECK(host.effects().size() == before + 1);
    host.start("health", "acme", {.kind = RequestKind::kActionRun, .action = "health"});
    CHECK(host.approve_to_the_end("health") == RunStatus::kSucceeded);
    CHECK(host.registry().state("acme")->actions.at("health").status == "finished");
}

TEST_CASE("a failed apply blocks its branch, a retry plans anew, and a tear-down finds what a failure left") {
    Host host(script(R"({"rules":[{"step":"database.apply","fail_attempts":1,"failure_class":"permanent",
                                   "fail_after_effect":true}]})"));
    host.sync("examples/demo_app");
    host.create("acme", "approve-all");
    host.start("up", "acme", {.kind = RequestKind::kProvision});
    CHECK(host.approve_to_the_end("up") == RunStatus::kBlocked);
    auto state = host.registry().state("acme");
    CHECK(state->components.at("database").status == PartStatus::kDeploying);
    CHECK(state->components.at("mail").status == PartStatus::kActive);
    CHECK(state->components.count("api") == 0);

    SUBCASE("a retry") {
        const auto retried = host.engine().act(RunId{"up"}, RetryStep{StepId{"database.apply"}}, {"ana", {}});
        CHECK_MESSAGE(retried.has_value(), (retried ? "" : retried.error().message));
        CHECK(host.approve_to_the_end("up") == RunStatus::kSucceeded);
        check_once(host.effects());
        CHECK(host.registry().state("acme")->components.at("web").status == PartStatus::kActive);
    }
    SUBCASE("a tear-down") {
        REQUIRE(host.engine().act(RunId{"up"}, StopRun{"give up"}, {"ana", {}}).has_value());
        CHECK(host.approve_to_the_end("up") == RunStatus::kFailed);
        host.start("down", "acme", {.kind = RequestKind::kDeprovision});
        // The script lets the first attempt of this run fail too, after its effect: the next plan has nothing
        // to do.
        CHECK(host.approve_to_the_end("down") == RunStatus::kBlocked);
        REQUIRE(
            host.engine().act(RunId{"down"}, RetryStep{StepId{"database.apply"}}, {"ana", {}}).has_value());
        CHECK(host.approve_to_the_end("down") == RunStatus::kSucceeded);
        const auto effects = host.effects();
        // What stands behind a section that is redone gets a new round with it.
        CHECK(position(effects, "down database.apply@1") < position(effects, "down network.apply@2"));
        CHECK(host.registry().forget("acme", "ana").has_value());
    }
}

TEST_CASE("two installs go up side by side and do not mix") {
    Host host(script(R"({"delay_ms":3})"));
    host.sync("examples/demo_app");
    const auto one = host.create("acme", "approve-all");
    const auto two = host.create("beta", "approve-all");
    host.start("up-1", one, {.kind = RequestKind::kProvision});
    host.start("up-2", two, {.kind = RequestKind::kProvision});
    host.restart();
    CHECK(host.approve_to_the_end("up-1") == RunStatus::kSucceeded);
    CHECK(host.approve_to_the_end("up-2") == RunStatus::kSucceeded);
    check_once(host.effects());
    const auto first = host.registry().state(one)->components.at("network").outputs.at("network_id").json;
    CHECK(first != host.registry().state(two)->components.at("network").outputs.at("network_id").json);
}
