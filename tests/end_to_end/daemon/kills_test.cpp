// Real Terraform, random kills. Every effect leaves a line in a file that nobody but the provisioners writes
// to.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <set>

#include "effects.hpp"
#include "kit.hpp"

using namespace end_to_end;

namespace {

constexpr int kKillsPerRun = 4;

int kills_wanted() {
    const std::string wanted = environment("SLIPWAY_KILLS");
    return wanted.empty() ? kKillsPerRun : std::atoi(wanted.c_str());
}

unsigned seed() {
    static const unsigned value =
        environment("SLIPWAY_SEED").empty()
            ? static_cast<unsigned>(std::time(nullptr) * 31 + ::getpid())
            : static_cast<unsigned>(std::atoll(environment("SLIPWAY_SEED").c_str()));
    return value;
}

bool is_over(const json::value& run) {
    const std::string status = text(run, "status");
    return status == "succeeded" || status == "failed" || status == "cancelled";
}

bool applies(const json::value& run) {
    for (const auto& step : run.at("steps").as_array()) {
        if (text(step, "kind") == "terraform.apply" && text(step, "status") == "running") {
            return true;
        }
    }
    return false;
}

/// What an operator does about doubts and failures: says that it did not happen, and tries again.
void unblock(Daemon& daemon, const std::string& run, const json::value& now) {
    for (const auto& step : now.at("steps").as_array()) {
        const std::string status = text(step, "status");
        if (status == "in_doubt") {
            daemon.act(run, {{"act", "settle"},
                             {"step", text(step, "id")},
                             {"succeeded", false},
                             {"note", "looked: not whole"}});
        }
    }
    const json::value later = daemon.get("/v1/runs/" + run);
    for (const auto& step : later.at("steps").as_array()) {
        if (text(step, "status") == "failed") {
            const json::object retry{{"act", "retry"}, {"step", text(step, "id")}};
            // Refused when the retry of another step has taken it along already.
            const auto answer = daemon.call("POST", "/v1/runs/" + run + "/act", json::serialize(retry));
            CHECK((answer.status == 200 || answer.status == 409));
        }
    }
}

/// Mostly while an apply is at work (always, for the first kill of a run), now and then at any other time;
/// the later kills when more is done already. True when the last look found an apply at work.
bool wait_for_a_moment(Daemon& daemon, const std::string& run, int kill, std::mt19937& random,
                       const std::function<void(const json::value&)>& look = {}) {
    const auto done = static_cast<std::int64_t>(kill) * 5;
    const bool in_apply = kill == 0 || random() % 5 != 0;
    const auto seen = [&](const json::value& now) {
        if (look) {
            look(now);
        }
        return is_over(now) || (number(now, "steps_done") >= done && (applies(now) || !in_apply));
    };
    for (;;) {
        daemon.wait_run(run, seen, 60);
        ::usleep(static_cast<useconds_t>(random() % 900'000));
        const json::value now = daemon.get("/v1/runs/" + run);
        if (applies(now) || is_over(now) || kill != 0) {
            return applies(now);
        }
    }
}

/// The parts that the record calls in doubt.
std::set<std::string> doubted(Daemon& daemon, const std::string& run) {
    std::set<std::string> parts;
    for (std::int64_t from = 1; from > 0;) {
        const auto page = daemon.get("/v1/runs/" + run + "/history?from=" + std::to_string(from));
        for (const auto& event : page.at("events").as_array()) {
            const std::string step = text(event, "step");
            if (text(event, "event") == "step_in_doubt") {
                parts.insert(step.substr(0, step.find('.')));
            }
        }
        from = number(page, "next");
    }
    return parts;
}

struct Scene {
    Home home;
    Daemon daemon{home.path() + "/data", {}};
    std::string witness = home.path() + "/witness";
    std::mt19937 random{seed()};

    Scene() {
        MESSAGE("SLIPWAY_SEED=" << seed());
        write_small_app(home.path() + "/small");
        daemon.start();
    }
    std::string begin(const std::string& install) {
        const auto id = sync_and_create(daemon, home.path() + "/small", "small", install,
                                        {{"witness", witness}, {"pace", "0.4"}});
        daemon.send("POST", "/v1/installs/" + install + "/runs",
                    {{"workflow", "provision"}, {"approve_all", true}, {"run", install}});
        return id;
    }
};

/// Also with a repeat planted in a part without a doubt: what found nothing has to find that.
void judge(const Scene& scene, const std::string& id, const std::set<std::string>& doubts) {
    auto seen = line_counts(scene.witness);
    for (const auto& wrong : wrong_effects(id, small_app_effects(id), seen, doubts)) {
        CHECK_MESSAGE(false, wrong);
    }
    for (const auto& effect : small_app_effects(id)) {
        if (doubts.count(part_of(effect, id)) == 0) {
            ++seen[effect];
            CHECK(wrong_effects(id, small_app_effects(id), seen, doubts).size() == 1);
            return;
        }
    }
}

bool missing_terraform() {
    if (has_terraform()) {
        return false;
    }
    std::printf("SLIPWAY-SKIPPED-PART: terraform\n");
    return true;
}

}  // namespace

TEST_CASE("kills of the daemon alone: every effect exactly once" * doctest::test_suite("alone")) {
    if (missing_terraform()) {
        return;
    }
    Scene scene;
    int in_apply = 0;
    for (int killed = 0; killed < kills_wanted();) {
        const std::string install = "c" + std::to_string(killed);
        const auto id = scene.begin(install);
        for (int i = 0; i < kKillsPerRun && killed < kills_wanted(); ++i, ++killed) {
            in_apply += wait_for_a_moment(scene.daemon, install, i, scene.random) ? 1 : 0;
            scene.daemon.kill();
            scene.daemon.start();
        }
        const auto done = scene.daemon.wait_run(
            install, [](const json::value& now) { return is_over(now) || text(now, "status") == "blocked"; },
            120);
        REQUIRE_MESSAGE(text(done, "status") == "succeeded",
                        json::serialize(scene.daemon.get("/v1/runs/" + install + "/explain")));
        CHECK(doubted(scene.daemon, install).empty());
        judge(scene, id, {});
    }
    CHECK_MESSAGE(in_apply > 0, "no kill hit an apply");
    std::printf("figures: kills of the daemon alone %d, in an apply %d\n", kills_wanted(), in_apply);
}

TEST_CASE("kills of everything: nothing lost, repeats only where the record says in doubt" *
          doctest::test_suite("everything")) {
    if (missing_terraform()) {
        return;
    }
    Scene scene;
    std::string install;
    int in_apply = 0;
    const auto mend = [&](const json::value& now) {
        if (!is_over(now)) {
            unblock(scene.daemon, install, now);
        }
    };
    for (int killed = 0; killed < kills_wanted();) {
        install = "c" + std::to_string(killed);
        const auto id = scene.begin(install);
        for (int i = 0; i < kKillsPerRun && killed < kills_wanted(); ++i, ++killed) {
            in_apply += wait_for_a_moment(scene.daemon, install, i, scene.random, mend) ? 1 : 0;
            scene.daemon.kill_everything();
            scene.daemon.start();
            scene.daemon.wait_run(
                install,
                [&](const json::value& now) {
                    mend(now);
                    return text(now, "status") != "blocked";
                },
                60);
        }
        const auto done = scene.daemon.wait_run(
            install,
            [&](const json::value& now) {
                mend(now);
                return is_over(now);
            },
            180);
        REQUIRE(text(done, "status") == "succeeded");
        const auto doubts = doubted(scene.daemon, install);
        judge(scene, id, doubts);
    }
    CHECK_MESSAGE(in_apply > 0, "no kill hit an apply");
    std::printf("figures: kills of everything %d, in an apply %d\n", kills_wanted(), in_apply);
}
