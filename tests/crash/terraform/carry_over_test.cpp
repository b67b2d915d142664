// An approval that outlives a crash, or a state that has moved: the new plan is carried out where it is
// contained in what was approved, and asked about otherwise.
#include <sstream>

#include "tests/crash/terraform/world.hpp"

using namespace kit;

namespace {

const Partial* partial(const Verdict& verdict) {
    return std::get_if<Partial>(&verdict);
}

/// The last proof that the last attempt recorded.
json::object proof(const World& world) {
    json::object found;
    std::istringstream in(read(attempt_dir(world.last) + "/evidence"));
    for (std::string line; std::getline(in, line);) {
        const auto entry = json::parse(line).as_object();
        if (entry.at("kind") == "containment") {
            std::string bytes;
            for (const auto& code : entry.at("data").as_array()) {
                bytes += static_cast<char>(code.as_int64());
            }
            found = json::parse(bytes).as_object();
        }
    }
    return found;
}

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

/// Killed at `name`, whose announcement is taken out of the journal: a crash between two resources.
json::object killed_before(World& world, const std::string& name, const std::string& module) {
    auto plan = world.kill_at(name, module);
    forget_in_journal(world, name);
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(partial(verdict) != nullptr, show(verdict));
    CHECK(partial(verdict)->goes_on);
    world.open_gate(name);
    return plan;
}

}  // namespace

TEST_CASE(
    "carry over: what a crash left to do of an approved plan is done under the same approval, with proof") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto plan = killed_before(world, "b", world.chain());
    const auto done = world.apply(plan);
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(output(done).at("resources") == 3);
    world.expect_once({"a", "b", "c"});
    const auto stored = proof(world);
    CHECK(stored.at("verdict") == "contained");
    CHECK(stored.at("reasons").as_array().empty());
    CHECK(stored.at("approved_sha256") == plan.at("plan_sha256"));
    CHECK(stored.at("fresh_sha256") != plan.at("plan_sha256"));
    CHECK(stored.at("operations") == 1);
    CHECK(world.kept().unfinished.empty());
    const auto again = world.apply(plan);
    CHECK_MESSAGE(succeeded(again) != nullptr, "nothing is left to do, and nothing is done twice");
    world.expect_once({"a", "b", "c"});
}

TEST_CASE("carry over: an approval lasts over several crashes, and each attempt's work counts") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto plan = killed_before(world, "b", world.chain());
    for (const auto* point : {"terraform.contained", "terraform.armed", "terraform.prepared"}) {
        CAPTURE(point);
        world.last = world.call("terraform.apply", "start", world.apply_input(plan));
        join(world.spawn(world.last, point));
        const auto verdict = world.again("reconcile");
        CHECK_MESSAGE(std::holds_alternative<NotStarted>(verdict), show(verdict));
    }
    world.last = world.call("terraform.apply", "start", world.apply_input(plan));
    join(world.spawn(world.last, "terraform.ended"));
    const auto verdict = world.again("reconcile");
    CHECK_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
    world.expect_once({"a", "b", "c"});
}

TEST_CASE("carry over: another configuration is another plan, and is asked about with its reason") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto plan = killed_before(world, "b", world.chain());
    world.write_module(world.chain() + world.resource("more"));
    const auto refused = world.apply(plan);
    REQUIRE_MESSAGE(redo(refused) != nullptr, show(refused));
    CHECK(redo(refused)->why.find("C1 another configuration") != std::string::npos);
    CHECK(proof(world).at("verdict") == "not contained");
    CHECK(world.effects("more") == 0);
    CHECK(world.effects("b") == 0);
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    world.expect_once({"a", "b", "c", "more"});
}

TEST_CASE("carry over: what is in doubt is never done under the old approval") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto plan = world.kill_at("b", world.chain());
    REQUIRE(in_doubt(world.again("reconcile")) != nullptr);
    world.open_gate("b");
    const auto refused = world.apply(plan);
    REQUIRE_MESSAGE(redo(refused) != nullptr, show(refused));
    CHECK(proof(world).at("verdict") == "contained, in doubt");
    CHECK(world.effects("b") == 0);
}

TEST_CASE(
    "carry over: a plan that another one has overtaken does nothing twice, and nothing that it did not "
    "show") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.resource("a") + world.resource("b"));
    const auto slow = world.planned();
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    const auto late = world.apply(slow);
    CHECK_MESSAGE(succeeded(late) != nullptr, show(late));
    world.expect_once({"a", "b"});

    const auto alone = world.resource("a");
    world.write_module(alone);
    const auto remove_b = world.planned();
    world.write_module(alone + world.resource("b") + world.resource("c"));
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    world.write_module(alone);
    const auto refused = world.apply(remove_b);
    REQUIRE_MESSAGE(redo(refused) != nullptr, show(refused));
    CHECK(redo(refused)->why.find("C2 terraform_data.c: approved nothing, now delete") != std::string::npos);
}

TEST_CASE("carry over: an interrupted destroy goes on with the rest and with nothing else") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.resource("a", "", world.destroy_provisioner("da")) + world.resource("b", "a"));
    REQUIRE(succeeded(world.plan_and_apply()) != nullptr);
    const auto plan = world.planned("destroy");
    world.close_gate("da");
    const auto host = world.spawn_apply(plan);
    REQUIRE(world.reached("da"));
    world.kill_all(host);
    forget_in_journal(world, "a");
    const auto verdict = world.again("reconcile");
    REQUIRE_MESSAGE(partial(verdict) != nullptr, show(verdict));
    world.open_gate("da");
    const auto done = world.apply(plan);
    REQUIRE_MESSAGE(succeeded(done) != nullptr, show(done));
    CHECK(output(done).at("resources") == 0);
    CHECK(proof(world).at("verdict") == "contained");
    world.expect_once({"da"});
}
