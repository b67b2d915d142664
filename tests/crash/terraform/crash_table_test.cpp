// The crash table T1-T14 on real Terraform: hosts that die at a point, or everything at once, and what is
// made of it.
#include <signal.h>

#include <filesystem>
#include <sstream>

#include "slipway/steps/process.hpp"
#include "tests/crash/terraform/world.hpp"

using namespace kit;
namespace fs = std::filesystem;

namespace {

bool not_started(const Verdict& verdict) {
    return std::holds_alternative<NotStarted>(verdict);
}
bool partial(const Verdict& verdict) {
    return std::holds_alternative<Partial>(verdict);
}

std::vector<std::string> doubted(const Verdict& verdict) {
    std::vector<std::string> list;
    const auto evidence = doubt_evidence(verdict);
    if (const auto* in_doubt_list = evidence.if_contains("in_doubt")) {
        for (const auto& item : in_doubt_list->as_array()) {
            list.emplace_back(item.as_string());
        }
    }
    return list;
}

/// Dies at `point`, is looked at by the next host, and the same plan is applied by a new attempt: each effect
/// once.
void dies_before_anything(const std::string& point) {
    World world;
    world.write_module(world.resource("a"));
    const auto plan = world.planned();
    join(world.spawn_apply(plan, point));
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE(not_started(verdict), show(verdict));
    CHECK_MESSAGE(not_started(world.again("reconcile")), "the same again when asked again");
    CHECK(world.effects("a") == 0);
    CHECK_FALSE(fs::exists(world.apply_dir()));
    const auto applied = world.apply(plan);
    CHECK_MESSAGE(succeeded(applied) != nullptr, show(applied));
    CHECK(world.effects("a") == 1);
}

/// Dies at `point` behind the end of Terraform: the next host adopts what it did, and nothing is repeated.
void dies_behind_the_end(const std::string& point) {
    World world;
    world.write_module(world.chain());
    join(world.spawn_apply(world.planned(), point));
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
    CHECK(output(verdict).at("resources") == 3);
    const auto repeated = world.again("reconcile");
    CHECK(show(repeated) == show(verdict));
    CHECK_FALSE(fs::exists(world.apply_dir()));
    CHECK(world.planned().at("nothing_to_do") == true);
    CHECK(world.effects("c") == 1);
}

/// Removes the journal's lines of `name`: as if the kill had come before Terraform began with it.
void forget_in_journal(const World& world, const std::string& name) {
    const auto path = world.apply_dir() + "/apply/stdout";
    std::istringstream in(read(path));
    std::string kept;
    for (std::string line; std::getline(in, line);) {
        const bool about = line.find("terraform_data." + name + "\"") != std::string::npos &&
                           line.find("\"hook\"") != std::string::npos;
        kept += about ? "" : line + "\n";
    }
    write(path, kept);
}

}  // namespace

TEST_CASE("T1: killed before anything was recorded") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.resource("a"));
    const auto plan = world.planned();
    const auto host = world.spawn_apply(plan);
    eventually([&] { return fs::exists(world.apply_dir() + "/module"); });
    kill_and_join(host);
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE((not_started(verdict) || std::holds_alternative<StillRunning>(verdict)), show(verdict));
    if (not_started(verdict)) {
        CHECK(succeeded(world.apply(plan)) != nullptr);
        CHECK(world.effects("a") == 1);
    }
}

TEST_CASE("T2: killed after the intent, before the go") {
    SKIP_WITHOUT_TERRAFORM();
    for (const auto* point :
         {"terraform.armed", "terraform.state_armed", "terraform.prepared", "terraform.consumed"}) {
        CAPTURE(point);
        dies_before_anything(point);
    }
}

TEST_CASE("T3: killed while Terraform was running and had announced nothing") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto plan = world.kill_at("a", world.resource("a"));
    forget_in_journal(world, "a");
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE(not_started(verdict), show(verdict));
    world.open_gate("a");
    CHECK(succeeded(world.apply(plan)) != nullptr);
    CHECK(world.effects("a") == 1);
}

TEST_CASE("T4: killed inside the first resource: in doubt, and the same plan is never applied again") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto plan = world.kill_at("a", world.chain());
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(in_doubt(verdict) != nullptr, show(verdict));
    CHECK(doubt_evidence(verdict).at("rule") == "T4");
    CHECK(doubted(verdict) == std::vector<std::string>{"terraform_data.a"});
    world.open_gate("a");
    CHECK(redo(world.apply(plan)) != nullptr);
    CHECK(world.effects("a") == 0);
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    CHECK(world.effects("a") == 1);
}

TEST_CASE("T5: killed between two resources: the state is taken over, the next plan does the rest") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.kill_at("b", world.chain());
    forget_in_journal(world, "b");
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE(partial(verdict), show(verdict));
    CHECK_MESSAGE(partial(world.again("reconcile")), "the same again when asked again");
    world.open_gate("b");
    const auto plan = world.planned();
    CHECK(plan.at("summary").at("add") == 2);
    CHECK(succeeded(world.apply(plan)) != nullptr);
    world.expect_once({"a", "b", "c"});
}

TEST_CASE("T6: torn state: the kept copy stands in for it") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.kill_at("c", world.chain());
    forget_in_journal(world, "c");
    fs::resize_file(world.state_file(), 0);
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE(partial(verdict), show(verdict));
    world.open_gate("c");
    CHECK(world.planned().at("summary").at("add") == 1);
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    world.expect_once({"a", "b", "c"});
}

TEST_CASE("T6: torn state and no copy: what the journal calls complete is imported, not made again") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.kill_at("c", world.chain());
    forget_in_journal(world, "c");
    fs::resize_file(world.state_file(), 0);
    fs::remove_all(world.apply_dir() + "/apply/kept");
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE(partial(verdict), show(verdict));
    CHECK(world.kept().imports.size() == 2);
    world.open_gate("c");
    const auto destroy = world.plan(world.input("destroy"));
    CHECK_MESSAGE(failure(destroy) != nullptr, "a destroy would leave them behind");
    const auto plan = world.planned();
    CHECK(plan.at("summary").at("import") == 2);
    CHECK(plan.at("repairs").at("imports").as_array().size() == 2);
    CHECK(succeeded(world.apply(plan)) != nullptr);
    CHECK(world.kept().imports.empty());
    world.expect_once({"a", "b", "c"});
    CHECK(world.planned().at("nothing_to_do") == true);
}

TEST_CASE(
    "T7: recorded while its provisioner ran: in doubt, and the next plan replaces it so that the effect is "
    "not lost") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.close_gate("b");
    world.close_gate("c");
    world.write_module(world.resource("b") + world.resource("c"));
    const auto host = world.spawn_apply(world.planned());
    REQUIRE(world.reached("b"));
    REQUIRE(world.reached("c"));
    world.open_gate("c");  // its end makes Terraform write the state, with b in it
    REQUIRE(
        eventually([&] { return read(world.state_file()).find("\"name\": \"b\"") != std::string::npos; }));
    world.kill_all(host);
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(in_doubt(verdict) != nullptr, show(verdict));
    CHECK(doubt_evidence(verdict).at("rule") == "T7");
    CHECK(doubted(verdict) == std::vector<std::string>{"terraform_data.b"});
    CHECK(world.kept().replace == std::vector<std::string>{"terraform_data.b"});
    world.open_gate("b");
    const auto plan = world.planned();
    CHECK(plan.at("changes").at(0).at("action") == "replace");
    CHECK(plan.at("warnings").as_array().size() >= 2);
    CHECK(succeeded(world.apply(plan)) != nullptr);
    CHECK(world.kept().replace.empty());
    world.expect_once({"b", "c"});
}

TEST_CASE("T8: killed between the last write of the state and the exit record") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.chain());
    join(world.spawn_apply(world.planned(), "terraform.ended"));
    fs::remove(world.apply_dir() + "/apply/exit.json");
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
    CHECK(world.planned().at("nothing_to_do") == true);
}

TEST_CASE("T9: killed behind the exit record, wherever") {
    SKIP_WITHOUT_TERRAFORM();
    for (const auto* point : {"terraform.ended", "terraform.settled", "terraform.concluded"}) {
        CAPTURE(point);
        dies_behind_the_end(point);
    }
}

TEST_CASE("T10: only the host is killed: the next one follows the apply to its end") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto host = world.hold_at("b", world.chain());
    kill_and_join(host);
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(std::holds_alternative<StillRunning>(verdict), show(verdict));
    auto attached = world.last;
    attached.how = "attach";
    Running running(attached);
    world.open_gate("b");
    const auto end = running.wait();
    REQUIRE(end.has_value());
    CHECK_MESSAGE(succeeded(*end) != nullptr, show(*end));
    CHECK(running.progress().back() == "3/3 resources");
    world.expect_once({"a", "b", "c"});
}

TEST_CASE("T10: a host that stops in order lets its apply run on") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.prepare_held("b");
    {
        Running running(world.last);
        REQUIRE(world.reached("b"));
    }
    CHECK(std::holds_alternative<StillRunning>(world.again("reconcile")));
    world.open_gate("b");
    CHECK(succeeded(world.again("attach")) != nullptr);
    CHECK(world.effects("b") == 1);
}

TEST_CASE("T11: what a provisioner left running is killed before anything is decided") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.kill_at("b", world.chain());
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(in_doubt(verdict) != nullptr, show(verdict));
    CHECK(doubt_evidence(verdict).at("process").at("proven_dead") == true);
    world.open_gate("b");
    CHECK_FALSE(eventually([&] { return world.effects("b") > 0; }, 300));
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    world.expect_once({"a", "b"});
}

TEST_CASE("T12: a state that could not be persisted is adopted") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.kill_at("c", world.chain());
    forget_in_journal(world, "c");
    fs::rename(world.state_file(), world.apply_dir() + "/module/errored.tfstate");
    fs::copy_file(world.apply_dir() + "/base.tfstate", world.state_file());
    fs::remove_all(world.apply_dir() + "/apply/kept");
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(partial(verdict), show(verdict));
    CHECK(std::get<Partial>(verdict).why.find("T12") != std::string::npos);
    CHECK(world.kept().imports.empty());
    world.open_gate("c");
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    world.expect_once({"a", "c"});
}

TEST_CASE("T13: killed while planning: planned again") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.chain());
    for (const auto* seen : {"init", "plan", "show"}) {
        auto call = world.call("terraform.plan", "start", world.input());
        const auto host = world.spawn(call);
        const auto dir = world / ("scratch/terraform.plan/f" + std::to_string(call.fence));
        eventually([&] { return fs::exists(dir + "/" + seen); });
        kill_and_join(host);
        call.how = "reconcile";
        const auto verdict = carry_out(call);
        CHECK_MESSAGE((not_started(verdict) || succeeded(verdict) != nullptr), show(verdict));
        CHECK_FALSE(fs::exists(dir));
    }
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    CHECK(world.effects("c") == 1);
}

TEST_CASE(
    "T14: killed inside a destroy provisioner: in doubt, and the next destroy plan goes on from there") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.resource("a", "", world.destroy_provisioner("da")) +
                       world.resource("b", "a", world.destroy_provisioner("db")));
    REQUIRE(succeeded(world.plan_and_apply()) != nullptr);
    world.close_gate("da");
    const auto host = world.spawn_apply(world.planned("destroy"));
    REQUIRE(world.reached("da"));
    world.kill_all(host);
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(in_doubt(verdict) != nullptr, show(verdict));
    CHECK(doubt_evidence(verdict).at("rule") == "T14");
    CHECK(doubted(verdict) == std::vector<std::string>{"terraform_data.a"});
    world.open_gate("da");
    const auto plan = world.planned("destroy");
    CHECK(plan.at("summary").at("destroy") == 1);
    const auto done = world.apply(plan);
    CHECK_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(output(done).at("resources") == 0);
    world.expect_once({"da", "db"});
}
