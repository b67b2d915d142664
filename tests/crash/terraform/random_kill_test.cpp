// kill -9 at random moments of real applies, effects counted in an append-only file. How many:
// SLIPWAY_TERRAFORM_KILLS.
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "slipway/steps/process.hpp"
#include "tests/crash/terraform/world.hpp"

using namespace kit;

namespace {

const char* const kNames[] = {"a", "b", "c", "d", "e", "f"};

int kills() {
    const char* wanted = std::getenv("SLIPWAY_TERRAFORM_KILLS");
    return wanted == nullptr ? 4 : std::atoi(wanted);
}

// Two chains side by side, so that a state written for one holds the other half done.
void write_chains(const World& world) {
    world.write_module(world.resource("a") + world.resource("b", "a") + world.resource("c", "b") +
                       world.resource("d") + world.resource("e", "d") + world.resource("f", "e"));
}

void sleep_ms(int ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

/// Has Terraform begun with something, and not ended?
bool in_apply(const World& world) {
    const auto dir = world.apply_dir() + "/apply";
    const auto now = process::inspect(dir);
    return now && now->state == process::AttemptState::kRunning &&
           read(dir + "/stdout").find("\"apply_start\"") != std::string::npos;
}

/// Starts an apply and waits until Terraform runs, then for up to `spread_ms` more. Every second trial is
/// held before one of its resources first, so that whatever the machine's pace is many kills fall into an
/// apply.
pid_t start_apply(World& world, const json::object& plan, std::mt19937& random, int trial) {
    constexpr int kSpreadMs = 150;
    if (trial % 2 != 0) {
        const auto host = world.spawn_apply(plan);
        eventually([&] { return !read(world.apply_dir() + "/apply/stdout").empty(); }, 10'000);
        sleep_ms(std::uniform_int_distribution<int>(0, kSpreadMs)(random));
        return host;
    }
    const auto* name = kNames[std::uniform_int_distribution<std::size_t>(0, 5)(random)];
    world.close_gate(name);
    const auto host = world.spawn_apply(plan);
    REQUIRE(world.reached(name));
    if (trial > 0) {
        world.open_gate(name);
        sleep_ms(std::uniform_int_distribution<int>(0, kSpreadMs)(random));
    }
    return host;
}

void open_gates(const World& world) {
    for (const auto* name : kNames) {
        world.open_gate(name);
    }
}

/// Follows the attempt to its end as an engine would, with a new plan where one is due. Addresses that were
/// in doubt.
std::set<std::string> go_on(World& world, const json::object& plan, int& carried) {
    auto verdict = world.again("reconcile");
    if (std::holds_alternative<StillRunning>(verdict)) {
        verdict = world.again("attach");
    }
    std::set<std::string> doubted;
    if (in_doubt(verdict) != nullptr) {
        const auto evidence = doubt_evidence(verdict);
        for (const auto& item : evidence.at("in_doubt").as_array()) {
            doubted.emplace(item.as_string());
        }
    }
    if (succeeded(verdict) == nullptr) {
        // Where only a part was done, the approval holds for the rest, and the executor sees to it.
        const auto* partial = std::get_if<Partial>(&verdict);
        const bool same_plan = std::holds_alternative<NotStarted>(verdict) || (partial && partial->goes_on);
        carried += partial != nullptr ? 1 : 0;
        const auto done = same_plan ? world.apply(plan) : world.plan_and_apply();
        CHECK_MESSAGE(succeeded(done) != nullptr, show(verdict) << "\n" << show(done));
    }
    return doubted;
}

}  // namespace

TEST_CASE("random kill -9 of the host alone: every effect exactly once") {
    SKIP_WITHOUT_TERRAFORM();
    int carried = 0;
    int hits = 0;
    for (int trial = 0; trial < kills(); ++trial) {
        CAPTURE(trial);
        std::mt19937 random(static_cast<unsigned>(trial) * 7919U + 1U);
        World world;
        write_chains(world);
        const auto plan = world.planned();
        const auto host = start_apply(world, plan, random, trial);
        hits += in_apply(world) ? 1 : 0;
        kill_and_join(host);
        open_gates(world);
        CHECK(go_on(world, plan, carried).empty());
        for (const auto* name : kNames) {
            CHECK_MESSAGE(world.effects(name) == 1, name);
        }
    }
    CHECK(hits >= 1);
    std::printf("figures: kills of the host alone %d, in the middle of an apply %d\n", kills(), hits);
}

TEST_CASE(
    "random kill -9 of everything: nothing is lost, and only what the record calls in doubt is repeated") {
    SKIP_WITHOUT_TERRAFORM();
    int doubts = 0;
    int hits = 0;
    int carried = 0;
    for (int trial = 0; trial < kills(); ++trial) {
        CAPTURE(trial);
        std::mt19937 random(static_cast<unsigned>(trial) * 104729U + 3U);
        World world;
        write_chains(world);
        const auto plan = world.planned();
        const auto host = start_apply(world, plan, random, trial);
        hits += in_apply(world) ? 1 : 0;
        const auto inspection = process::inspect(world.apply_dir() + "/apply");
        kill_and_join(host);
        if (inspection && inspection->state == process::AttemptState::kRunning) {
            ::kill(inspection->supervisor_pid, SIGKILL);
            ::kill(inspection->child_pid, SIGKILL);
            eventually([&] {
                const auto now = process::inspect(world.apply_dir() + "/apply");
                return now && now->state != process::AttemptState::kRunning;
            });
        }
        open_gates(world);
        const auto doubted = go_on(world, plan, carried);
        doubts += doubted.empty() ? 0 : 1;
        for (const auto* name : kNames) {
            const bool may_repeat = doubted.contains(std::string("terraform_data.") + name);
            const int count = world.effects(name);
            CHECK_MESSAGE(count >= 1, name << " was lost");
            CHECK_MESSAGE(count <= (may_repeat ? 2 : 1), name << " was repeated");
        }
    }
    CHECK(hits >= 1);
    std::printf(
        "figures: kills of everything %d, in the middle of an apply %d, trials in doubt %d, approvals that "
        "went "
        "on %d\n",
        kills(), hits, doubts, carried);
}
