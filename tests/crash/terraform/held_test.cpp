// What holds a state: an apply that is not proven dead, one whose directory cannot be read, and one that has
// not come to prepare Terraform yet.
#include <chrono>
#include <filesystem>

#include "slipway/steps/process.hpp"
#include "steps/terraform/settle.hpp"
#include "tests/crash/terraform/world.hpp"

using namespace kit;
namespace fs = std::filesystem;

namespace {

/// a is made, b waits in its provisioner, and everything is killed.
void kill_inside_b(World& world) {
    world.kill_at("b", world.chain());
}

void replace_by_folder(const std::string& path) {
    fs::rename(path, path + ".aside");
    fs::create_directory(path);
}
void put_back(const std::string& path) {
    fs::remove(path);
    fs::rename(path + ".aside", path);
}

}  // namespace

TEST_CASE(
    "T11: what is not proven dead keeps the state armed and its directory, until a later plan proves it") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    kill_inside_b(world);
    const auto before = world.kept();
    // As if the host had been moved to where it cannot see the attempt's processes.
    const auto started = world.apply_dir() + "/apply/started.json";
    const auto record = read(started);
    auto elsewhere = json::parse(record).as_object();
    REQUIRE(elsewhere.contains("pid_namespace"));
    elsewhere["pid_namespace"] = "pid:[1]";
    write(started, json::serialize(elsewhere));
    for (int i = 0; i < 2; ++i) {
        const auto verdict = world.again("reconcile");
        REQUIRE_MESSAGE(in_doubt(verdict) != nullptr, show(verdict));
        CHECK(doubt_evidence(verdict).at("rule") == "T11");
        CHECK(doubt_evidence(verdict).at("process").at("proven_dead") == false);
        const auto kept = world.kept();
        CHECK(kept.armed.has_value());
        CHECK(kept.generation == before.generation + 1);
        CHECK_MESSAGE(kept.bytes.find("terraform_data") != std::string::npos, "the newest state is kept");
        CHECK(fs::exists(started));
    }
    const auto held = world.plan(world.input());
    REQUIRE_MESSAGE(failure(held) != nullptr, show(held));
    CHECK(failure(held)->failure.failure_class == FailureClass::kTransient);
    CHECK(fs::exists(started));

    write(started, record);
    const auto plan = world.planned();
    CHECK(plan.at("repairs").at("in_doubt") == json::array{"terraform_data.b"});
    CHECK_FALSE(world.kept().armed.has_value());
    CHECK_FALSE(fs::exists(world.apply_dir()));
    world.open_gate("b");
    CHECK(succeeded(world.apply(plan)) != nullptr);
    world.expect_once({"a", "b"});
}

TEST_CASE("a journal or a state that cannot be read is not an empty one: in doubt, and everything stays") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    kill_inside_b(world);
    for (const auto& path : {world.apply_dir() + "/apply/stdout", world.state_file()}) {
        CAPTURE(path);
        replace_by_folder(path);
        const auto verdict = world.again("reconcile");
        REQUIRE_MESSAGE(in_doubt(verdict) != nullptr, show(verdict));
        CHECK(doubt_evidence(verdict).at("rule") == "lost");
        CHECK(world.kept().armed.has_value());
        CHECK(failure(world.plan(world.input())) != nullptr);
        put_back(path);
    }
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE(doubt_evidence(verdict).at("rule") == "T4", show(verdict));
}

TEST_CASE("a full disk at the first evidence: the apply fails, and the same plan is applied afterwards") {
    SKIP_WITHOUT_TERRAFORM();
    for (const auto* kind : {"armed", "plan-consumed"}) {
        CAPTURE(kind);
        World world;
        world.write_module(world.resource("a"));
        const auto plan = world.planned();
        world.last = world.call("terraform.apply", "start", world.apply_input(plan));
        world.last.fail_record = kind;
        const auto verdict = carry_out(world.last);
        REQUIRE_MESSAGE(failure(verdict) != nullptr, show(verdict));
        CHECK(world.effects("a") == 0);
        CHECK_FALSE(world.kept().armed.has_value());
        CHECK(succeeded(world.apply(plan)) != nullptr);
        CHECK(world.effects("a") == 1);
    }
}

TEST_CASE("an apply that was sorted out before it prepared Terraform can no longer prepare it") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.resource("a"));
    const auto plan = world.planned();
    join(world.spawn_apply(plan, "terraform.state_armed"));
    auto states = world.states();
    const auto armed = world.kept().armed.value();
    const auto settled = terraform::settle(*states, armed);
    REQUIRE(settled.has_value());
    CHECK(settled->recovery.action == terraform::RecoveryAction::kNotStarted);
    CHECK_FALSE(world.kept().armed.has_value());
    process::ProcessRequest late;
    late.attempt_dir = armed.dir + "/apply";
    late.program = "/bin/true";
    late.argv = {"true"};
    late.cwd = "/";
    late.supervisor_path = world.supervisor;
    const auto prepared = process::prepare(late);
    REQUIRE_FALSE(prepared.has_value());
    CHECK(prepared.error().code == ErrorCode::kAlreadyExists);
}

TEST_CASE("a released state makes every plan made before stale") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.resource("a"));
    const auto plan = world.planned();
    auto states = world.states();
    auto kept = world.kept();
    kept.armed = TerraformArmed{"lost", "x", world / "nowhere", "{}"};
    REQUIRE(states->save("acme/db", kept.revision, kept).has_value());
    const auto other = release_terraform_state(*states, "acme/db", "the one that was looked at");
    CHECK((!other && other.error().code == ErrorCode::kConflict));
    CHECK(states->load("acme/db").value()->armed.has_value());
    CHECK(release_terraform_state(*states, "acme/db", "lost").has_value());
    const auto verdict = world.apply(plan);
    CHECK_MESSAGE(redo(verdict) != nullptr, show(verdict));
    CHECK(world.effects("a") == 0);
}

TEST_CASE(
    "what an apply left outlives its step: settled by hand, and taken over by the next plan all the same") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    kill_inside_b(world);
    const auto journal = world.apply_dir() + "/apply/stdout";
    replace_by_folder(journal);
    REQUIRE(in_doubt(world.again("reconcile")) != nullptr);
    fs::remove_all(world / "scratch");  // the step is settled: the engine removes its scratch directory
    put_back(journal);
    const auto plan = world.planned();
    CHECK(plan.at("summary").at("add") == 2);
    CHECK(plan.at("repairs").at("in_doubt") == json::array{"terraform_data.b"});
    CHECK_FALSE(fs::exists(world.apply_dir()));
    world.open_gate("b");
    CHECK(succeeded(world.apply(plan)) != nullptr);
    CHECK(world.effects("a") == 1);
}

TEST_CASE("states without a place for attempts: applies work in the scratch directory of their step") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.resource("a"));
    auto call = world.call("terraform.apply", "start", world.apply_input(world.planned()));
    call.plain_states = true;
    const auto verdict = carry_out(call);
    CHECK_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
    CHECK_FALSE(fs::exists(world / "states/.attempts"));
    CHECK(fs::exists(world / "scratch/terraform.apply"));
    CHECK(fs::is_empty(world / "scratch/terraform.apply"));
}

TEST_CASE("directories of attempts that nobody came back to are swept after a day, and not while armed") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    kill_inside_b(world);
    const auto old = world / "states/.attempts/acme%2fdb/old";
    const auto young = world / "states/.attempts/acme%2fdb/young";
    fs::create_directories(young);
    fs::create_directories(old);
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(48));
    const auto journal = world.apply_dir() + "/apply/stdout";
    replace_by_folder(journal);
    CHECK(failure(world.plan(world.input())) != nullptr);
    CHECK(fs::exists(old));
    put_back(journal);
    CHECK(succeeded(world.plan(world.input())) != nullptr);
    CHECK_FALSE(fs::exists(old));
    CHECK(fs::exists(young));
}
