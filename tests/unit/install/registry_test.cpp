#include <sys/stat.h>

#include "tests/unit/install/registry_fixture.hpp"

using namespace registry_test;  // NOLINT: tests only

TEST_CASE("an install and its state are there again after a restart") {
    Fixture f;
    const Digest version = f.sync();
    const Install made = f.create();
    CHECK(made.id == "ins1");
    CHECK(made.version == version);
    REQUIRE(
        f.registry->report("ins1", f.report("component.database", PartStatus::kDeploying, "r0")).has_value());
    REQUIRE(f.registry->report("ins1", f.report("component.database", PartStatus::kActive)).has_value());
    REQUIRE(f.registry->report("ins1", f.report("sandbox", PartStatus::kActive)).has_value());
    REQUIRE(f.registry->report("ins1", f.report("action.health", PartStatus::kActive)).has_value());
    const auto before = f.registry->state_json("acme", false);
    f.open();
    const auto after = f.registry->state_json("acme", false);
    REQUIRE(after.has_value());
    CHECK(after->json == before->json);
    CHECK(after->json.find("adm1n-l0gin") != std::string::npos);
    const auto state = f.registry->state("ins1");
    CHECK(state->version == 5);
    CHECK(state->components.at("database").status == PartStatus::kActive);
    CHECK(state->actions.at("health").status == "finished");
    const auto history = f.registry->history("ins1");
    REQUIRE(history->size() == 5);
    CHECK((*history)[0].what == "created");
    CHECK((*history)[0].by == "ana");
    CHECK((*history)[2].what == "active");
    CHECK((*history)[2].run == RunId{"r1"});
}

TEST_CASE("which artifact is deployed is kept over a restart, and gone once it is removed") {
    Fixture f;
    f.sync();
    f.create();
    auto report = f.report("component.database", PartStatus::kActive);
    report.artifact = sha256("artifact");
    REQUIRE(f.registry->report("ins1", report).has_value());
    f.open();
    CHECK(f.registry->state("ins1")->components.at("database").artifact == sha256("artifact"));
    REQUIRE(
        f.registry->report("ins1", f.report("component.database", PartStatus::kRemoved, "r2")).has_value());
    f.open();
    CHECK(f.registry->state("ins1")->components.at("database").artifact.is_zero());
}

TEST_CASE("the same report again changes nothing, also after a restart") {
    Fixture f;
    f.sync();
    f.create();
    auto report = f.report("component.database", PartStatus::kActive);
    REQUIRE(f.registry->report("ins1", report).has_value());
    report.outputs = {{"address", {"\"other\"", false}}};
    REQUIRE(f.registry->report("ins1", report).has_value());
    f.open();
    REQUIRE(f.registry->report("ins1", report).has_value());
    const auto state = f.registry->state("ins1");
    CHECK(state->version == 2);
    CHECK(state->components.at("database").outputs.at("address").json == "\"db:1\"");
    report.round = 2;
    REQUIRE(f.registry->report("ins1", report).has_value());
    CHECK(f.registry->state("ins1")->components.at("database").outputs.at("address").json == "\"other\"");
}

TEST_CASE("no sensitive value rests in clear, and masked state shows none") {
    Fixture f;
    f.sync();
    f.create();
    REQUIRE(f.registry->report("ins1", f.report("component.database", PartStatus::kActive)).has_value());
    REQUIRE(f.registry->update_inputs("ins1", {{"admin_password", "an0ther-secret"}}, "ana").has_value());
    const std::string all = f.everything();
    for (const std::string secret : {"tops3cret", "adm1n-l0gin", "an0ther-secret"}) {
        CHECK(all.find(secret) == std::string::npos);
        CHECK(f.registry->state_json("ins1", true)->json.find(secret) == std::string::npos);
    }
    CHECK(f.registry->state_json("ins1", false)->json.find("an0ther-secret") != std::string::npos);
    const auto sensitive = f.registry->state_json("ins1", true)->sensitive;
    CHECK(sensitive == std::vector<std::string>{"components.database.outputs.login",
                                                "inputs.inputs.admin_password",
                                                "install.inputs.admin_password"});
}

TEST_CASE("without a key sensitive values are refused, and sealed ones do not open") {
    Fixture f;
    f.sync();
    f.create();
    f.registry.reset();
    auto without = f.try_open(false);
    REQUIRE_FALSE(without.has_value());
    CHECK(without.error().code == ErrorCode::kKey);
    CHECK(without.error().message.find("ins1.jsonl:1") != std::string::npos);
    std::filesystem::remove(f.journal("ins1"));
    without = f.try_open(false);
    REQUIRE(without.has_value());
    NewInstall request;
    request.name = "beta";
    request.app = "demo_app";
    request.inputs = {{"admin_password", "x"}};
    CHECK((*without)->create_install(request, "ana").error().code == ErrorCode::kKey);
    CHECK((*without)->list().empty());
}

TEST_CASE("every problem of the inputs is in one error") {
    Fixture f;
    f.sync();
    NewInstall request;
    request.name = "acme";
    request.app = "demo_app";
    request.inputs = {{"replicas", "many"}, {"greting", "hello"}};
    const auto refused = f.registry->create_install(request, "ana");
    REQUIRE_FALSE(refused.has_value());
    const std::string& text = refused.error().message;
    CHECK(text.find("input 'admin_password' is required") != std::string::npos);
    CHECK(text.find("input 'replicas' is not a number") != std::string::npos);
    CHECK(text.find("the app has no input 'greting'") != std::string::npos);
    CHECK(text.find("greeting") != std::string::npos);
    CHECK(f.registry->list().empty());
}

TEST_CASE("an update of inputs names what really changed") {
    Fixture f;
    f.sync();
    f.create();
    auto changed = f.registry->update_inputs("acme", {{"replicas", "3"}, {"greeting", "Hi"}}, "ana");
    REQUIRE(changed.has_value());
    CHECK(*changed == std::vector<std::string>{"greeting"});
    CHECK(f.registry->update_inputs("acme", {{"greeting", "Hi"}}, "ana")->empty());
    CHECK(f.registry->state("acme")->version == 2);
    CHECK_FALSE(f.registry->update_inputs("acme", {{"replicas", "x"}}, "ana").has_value());
    CHECK(f.registry->get("acme")->inputs.at("replicas") == "3");
}

TEST_CASE("names are taken once, and a second process is told who owns the folder") {
    Fixture f;
    f.sync();
    f.create();
    NewInstall request;
    request.name = "acme";
    request.app = "demo_app";
    CHECK(f.registry->create_install(request, "ana").error().code == ErrorCode::kAlreadyExists);
    request.name = "Not A Name";
    CHECK(f.registry->create_install(request, "ana").error().code == ErrorCode::kInvalidArgument);
    request.name = "other";
    request.app = "nothing";
    CHECK(f.registry->create_install(request, "ana").error().code == ErrorCode::kNotFound);
    CHECK(f.try_open(true).error().code == ErrorCode::kLocked);
    CHECK(f.registry->get("nobody").error().code == ErrorCode::kNotFound);
}

TEST_CASE("an install is forgotten only when nothing of it is left") {
    Fixture f;
    f.sync();
    f.create();
    REQUIRE(f.registry->report("ins1", f.report("sandbox", PartStatus::kDeploying)).has_value());
    const auto refused = f.registry->forget("acme", "ana");
    CHECK(refused.error().code == ErrorCode::kRefused);
    CHECK(refused.error().message.find("the sandbox") != std::string::npos);
    REQUIRE(f.registry->report("ins1", f.report("sandbox", PartStatus::kRemoved, "r2")).has_value());
    REQUIRE(f.registry->forget("acme", "ana").has_value());
    f.open();
    CHECK(f.registry->list().empty());
}

TEST_CASE("files and folders are private") {
    Fixture f;
    f.sync();
    f.create();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(f.folder.path + "/registry")) {
        struct stat found {};
        REQUIRE(::stat(entry.path().c_str(), &found) == 0);
        CAPTURE(entry.path().string());
        CHECK((found.st_mode & 0777) == (entry.is_directory() ? 0700U : 0600U));
    }
}

TEST_CASE("a version keeps the commit that it was first synced from; one from a working tree gets its own") {
    Fixture fixture;
    const auto sync = [&](const std::string& commit, bool dirty) {
        auto loaded = load_app("examples/demo_app");
        REQUIRE(loaded.has_value());
        auto synced = fixture.registry->sync_version(
            {*loaded, "examples/demo_app", {{"sandbox", {"/src", "c9", "abc"}}}, commit, dirty});
        REQUIRE(synced.has_value());
        return *synced;
    };
    CHECK(sync("one", true)->commit == "one");
    CHECK(sync("two", true)->commit == "one");
    const auto clean = sync("three", false);
    CHECK(clean->commit == "three");
    CHECK_FALSE(clean->dirty);
    CHECK(sync("four", false)->commit == "three");
    CHECK(sync("five", true)->commit == "three");
    CHECK_FALSE(sync("five", true)->dirty);
    fixture.open();
    CHECK((*fixture.registry->version(clean->app, clean->digest))->commit == "three");
}
