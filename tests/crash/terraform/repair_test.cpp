// Failures, cancelling, states that were never taken over, and tools that are not there.
#include <filesystem>

#include "tests/crash/terraform/world.hpp"

using namespace kit;
namespace fs = std::filesystem;

TEST_CASE("a resource that fails leaves the others done, and the next plan does only the rest") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto bad =
        "resource \"terraform_data\" \"bad\" {\n  depends_on = [terraform_data.a]\n  provisioner "
        "\"local-exec\" {\n"
        "    command = \"test -e " +
        (world / "mended") + "\"\n  }\n}\n";
    world.write_module(world.resource("a") + bad);
    const auto verdict = world.plan_and_apply();
    REQUIRE_MESSAGE(failure(verdict) != nullptr, show(verdict));
    CHECK(failure(verdict)->failure.message.find("local-exec provisioner error") != std::string::npos);
    CHECK_FALSE(fs::exists(world.apply_dir()));
    write(world / "mended", "");
    const auto plan = world.planned();
    CHECK(plan.at("changes").as_array().size() == 1);
    CHECK(plan.at("changes").at(0).at("reason") == "replace_because_tainted");
    CHECK(succeeded(world.apply(plan)) != nullptr);
    CHECK(world.effects("a") == 1);
}

TEST_CASE("a mistake in the module is the author's, with its place") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module("resource \"terraform_data\" \"a\" {\n  inputt = 1\n}\n");
    const auto verdict = world.plan(world.input());
    REQUIRE_MESSAGE(failure(verdict) != nullptr, show(verdict));
    CHECK(failure(verdict)->failure.failure_class == FailureClass::kAuthoring);
    CHECK(failure(verdict)->failure.detail.find("inputt") != std::string::npos);
}

TEST_CASE("a missing variable is reported, not asked for") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module("variable \"x\" {\n  type = string\n}\n");
    const auto verdict = world.plan(world.input());
    REQUIRE(failure(verdict) != nullptr);
    CHECK(failure(verdict)->failure.failure_class == FailureClass::kAuthoring);
}

TEST_CASE("cancelled in the middle: Terraform is asked to stop, and what it did is kept") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.prepare_held("b");
    Running running(world.last);
    REQUIRE(world.reached("b"));
    running.cancel(CancelMode::kCooperative);
    const auto verdict = running.wait();
    REQUIRE(verdict.has_value());
    REQUIRE_MESSAGE(failure(*verdict) != nullptr, show(*verdict));
    CHECK(failure(*verdict)->failure.failure_class == FailureClass::kCancelled);
    world.open_gate("b");
    CHECK(succeeded(world.plan_and_apply()) != nullptr);
    world.expect_once({"a", "b"});
}

TEST_CASE("forced to end in the middle: in doubt, with what is known") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.prepare_held("b");
    Running running(world.last);
    REQUIRE(world.reached("b"));
    running.cancel(CancelMode::kForce);
    const auto verdict = running.wait();
    REQUIRE(verdict.has_value());
    REQUIRE_MESSAGE(in_doubt(*verdict) != nullptr, show(*verdict));
    CHECK(doubt_evidence(*verdict).at("in_doubt") == json::array{"terraform_data.b"});
    CHECK_FALSE(fs::exists(world.apply_dir()));
}

TEST_CASE("a state that is still armed is taken over by the next plan") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    const auto host = world.hold_at("b", world.chain());
    const auto waiting = world.plan(world.input());
    REQUIRE(failure(waiting) != nullptr);
    CHECK(failure(waiting)->failure.failure_class == FailureClass::kTransient);
    world.kill_all(host);
    const auto plan = world.planned();  // nobody ever reconciled the apply
    CHECK(plan.at("summary").at("add") == 2);
    CHECK(plan.at("repairs").at("in_doubt") == json::array{"terraform_data.b"});
    world.open_gate("b");
    CHECK(succeeded(world.apply(plan)) != nullptr);
    world.expect_once({"a", "b"});
}

TEST_CASE("an armed apply whose directory is lost holds the state until somebody releases it") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.kill_at("a", world.resource("a"));
    CHECK(in_doubt(world.again("reconcile")) != nullptr);
    auto states = world.states();
    auto kept = world.kept();
    kept.armed = TerraformArmed{"lost", "x", world / "nowhere", "{}"};
    REQUIRE(states->save("acme/db", kept.revision, kept).has_value());
    const auto held = world.plan(world.input());
    REQUIRE(failure(held) != nullptr);
    CHECK(failure(held)->failure.failure_class == FailureClass::kPermanent);
    CHECK(release_terraform_state(*states, "acme/db").has_value());
    CHECK(succeeded(world.plan(world.input())) != nullptr);
}

TEST_CASE("repairs that cannot be carried out can be dropped") {
    SKIP_WITHOUT_TERRAFORM();
    World world;
    world.write_module(world.resource("a"));
    REQUIRE(succeeded(world.plan_and_apply()) != nullptr);
    const auto earlier = world.planned();
    auto states = world.states();
    auto kept = world.kept();
    kept.imports = {{"terraform_data.never_configured", "i-1"}};
    REQUIRE(states->save("acme/db", kept.revision, kept).has_value());
    CHECK(failure(world.plan(world.input())) != nullptr);
    CHECK(forget_terraform_repairs(*states, "acme/db").has_value());
    CHECK(world.planned().at("nothing_to_do") == true);
    CHECK(redo(world.apply(earlier)) != nullptr);
}

TEST_CASE("kept states: one of two writers wins, old revisions go, a damaged one is not passed over") {
    World world;
    const auto keys = open_file_keys(world / "keys").value();
    auto states = open_terraform_states(world / "states", keys).value();
    CHECK_FALSE(states->load("k").value().has_value());
    TerraformState state;
    state.bytes = "{\"plain\":1}";
    state.nonce = "n";
    for (std::uint64_t i = 0; i < 30; ++i) {
        CHECK(states->save("k", i, state).value() == i + 1);
    }
    CHECK(states->save("k", 29, state).error().code == ErrorCode::kConflict);
    CHECK(states->save("k", 31, state).error().code == ErrorCode::kConflict);
    CHECK(states->load("k").value()->revision == 30);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(world / "states/k")) {
        files.push_back(entry.path());
        CHECK(read(entry.path()).find("plain") == std::string::npos);
        CHECK((entry.status().permissions() & fs::perms(077)) == fs::perms::none);
    }
    CHECK(files.size() == 20);
    std::sort(files.begin(), files.end());
    auto bytes = read(files.back());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write(files.back(), bytes);
    CHECK(states->load("k").error().code == ErrorCode::kCorrupt);
    fs::copy_file(files.front(), files.back(), fs::copy_options::overwrite_existing);
    CHECK_MESSAGE(states->load("k").error().code == ErrorCode::kCorrupt,
                  "an older revision under a newer name");
}

TEST_CASE("a missing tool is named, with what to do") {
    World world;
    TerraformOptions options;
    options.tool_dirs = {world / "module"};
    const auto missing = find_terraform(options, "1.11.3");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == ErrorCode::kMissingTool);
    CHECK(missing.error().message.find("terraform 1.11.3") != std::string::npos);
    CHECK(missing.error().hint.find("--simulate") != std::string::npos);
}

TEST_CASE("the pinned version or a later patch of its minor is taken, another only when allowed") {
    World world;
    const auto fake = [&](const std::string& dir, const std::string& version) {
        fs::create_directories(world / dir);
        const auto path = world / (dir + "/terraform");
        write(path, "#!/bin/sh\necho '{\"terraform_version\":\"" + version + "\"}'\n");
        fs::permissions(path, fs::perms::owner_all);
    };
    fake("old", "1.9.8");
    fake("new", "1.11.4");
    TerraformOptions options;
    options.tool_dirs = {world / "old", world / "new"};
    CHECK(find_terraform(options, "1.11.4").value().note.empty());
    const auto later = find_terraform(options, "1.11.3").value();
    CHECK(later.version == "1.11.4");
    CHECK(later.note.find("1.11.3") != std::string::npos);
    CHECK_FALSE(find_terraform(options, "1.11.5").has_value());
    CHECK_FALSE(find_terraform(options, "1.10.0").has_value());
    CHECK_FALSE(find_terraform(options, "latest").has_value());
    CHECK(find_terraform(options, "").has_value());
    options.allow_other_version = true;
    CHECK(find_terraform(options, "1.10.0").has_value());
}
