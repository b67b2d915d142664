// What operators do, what the history tells of it, and what they are told when they ask for the wrong thing.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "kit.hpp"

using namespace end_to_end;

TEST_SUITE_BEGIN("operators");

namespace {

struct Scene {
    explicit Scene(const std::string& script = "{}")
        : daemon(home.path() + "/data", {"--simulate", "--script", home.path() + "/script.json"}) {
        copy_demo_app(home.path() + "/demo_app");
        write_all(home.path() + "/script.json", script);
        daemon.start();
        sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    }
    std::string start(const json::object& request) {
        return text(daemon.send("POST", "/v1/installs/acme/runs", request), "run");
    }
    json::value wait_for(const std::string& run, const std::string& step, const std::string& status) {
        return daemon.wait_run(
            run, [&](const json::value& now) { return text(step_of(now, step), "status") == status; }, 30);
    }
    Exit say(std::vector<std::string> words) {
        words.insert(words.begin(), {environment("SLIPWAY_CLI"), "--socket", daemon.socket(), "--as", "ana"});
        return run_program(words);
    }

    Home home;
    Daemon daemon;
};

bool has(const Exit& exit, const std::string& part) {
    return exit.output.find(part) != std::string::npos;
}

constexpr const char* kInDoubt =
    R"({"rules": [{"step": "network.apply", "fail_attempts": 1, "in_doubt": true}]})";

}  // namespace

TEST_CASE("the history shows who did what and why, in text and in JSON") {
    Scene scene(R"({"delay_ms": 500})");
    const auto run = scene.start({{"workflow", "provision"}});
    scene.wait_for(run, "sandbox.gate", "waiting");
    CHECK(scene.say({"pause", run, "--note", "lunch"}).code == 0);
    CHECK(scene.say({"resume", run, "--note", "back"}).code == 0);
    CHECK(scene.say({"--role", "lead", "approve", run, "sandbox.gate", "--note", "looks good"}).code == 0);
    CHECK(scene.say({"approve-all", run, "--note", "a demo"}).code == 0);
    CHECK(scene.say({"approve-all", run, "--off", "--note", "enough"}).code == 0);
    CHECK(scene.say({"cancel", run, "--note", "wrong day"}).code == 0);
    scene.daemon.wait_final(run, 30);
    const auto told = scene.say({"history", run});
    REQUIRE(told.code == 0);
    for (const char* part : {"note=lunch", "note=back", "note=looks good", "role=lead", "note=a demo",
                             "note=enough", "note=wrong day", "decision=approve"}) {
        CHECK_MESSAGE(has(told, part), told.output);
    }
    std::map<std::string, std::string> notes;
    const auto history = scene.daemon.get("/v1/runs/" + run + "/history");
    for (const auto& event : history.at("events").as_array()) {
        if (!text(event, "note").empty()) {
            CHECK(text(event, "by") == "ana");
            notes[text(event, "event")] = text(event, "note");
        }
    }
    CHECK(notes["run_paused"] == "lunch");
    CHECK(notes["run_resumed"] == "back");
    CHECK(notes["gate_decided"] == "looks good");
    CHECK(notes["approve_all_set"] == "enough");
    CHECK(notes["run_cancel_asked"] == "wrong day");
    const auto shown = scene.say({"show", run});
    CHECK_MESSAGE(has(shown, "cancelled"), shown.output);
    CHECK_MESSAGE(has(shown, " steps over: "), shown.output);
}

TEST_CASE("a doubt is settled by an explicit verdict alone, and as succeeded only with what others read") {
    Scene scene(kInDoubt);
    const auto run = scene.start({{"workflow", "provision"}, {"approve_all", true}});
    scene.wait_for(run, "network.apply", "in_doubt");
    const auto act = [&](const char* body) {
        return scene.daemon.call("POST", "/v1/runs/" + run + "/act", body);
    };
    for (const char* body : {R"({"act":"settle","step":"network.apply"})",
                             R"({"act":"settle","step":"network.apply","succeeded":null})",
                             R"({"act":"settle","step":"network.apply","succeeded":"true"})",
                             R"({"act":"settle","step":"network.apply","succeeded":1})"}) {
        const auto answer = act(body);
        CHECK(answer.status == 422);
        CHECK_MESSAGE(answer.body.find("succeeded") != std::string::npos, answer.body);
        CHECK(text(step_of(scene.daemon.get("/v1/runs/" + run), "network.apply"), "status") == "in_doubt");
    }
    // What others read must be said, or the next step fails on it.
    const auto silent = scene.say({"settle", run, "network.apply", "--succeeded"});
    CHECK(silent.code == 1);
    CHECK_MESSAGE(has(silent, "--output"), silent.output);
    CHECK(text(step_of(scene.daemon.get("/v1/runs/" + run), "network.apply"), "status") == "in_doubt");
    CHECK(
        scene.say({"settle", run, "network.apply", "--failed", "--note", "looked: nothing is there"}).code ==
        0);
    CHECK(scene.say({"retry", run, "network.apply", "--note", "once more"}).code == 0);
    CHECK(text(scene.daemon.wait_final(run, 60), "status") == "succeeded");
    const auto told = scene.say({"history", run});
    CHECK_MESSAGE(has(told, "verdict=failed  by=ana  note=looked: nothing is there"), told.output);
    CHECK_MESSAGE(has(told, "once more"), told.output);
}

TEST_CASE("approve all of an install that has nothing to approve says so") {
    Scene scene;
    const auto told = scene.say({"approve-all", "--install", "acme"});
    CHECK(told.code == 1);
    CHECK_MESSAGE(has(told, "nothing was approved"), told.output);
    const auto as_json = scene.say({"--json", "approve-all", "--install", "acme"});
    CHECK(as_json.code == 1);
    CHECK_MESSAGE(has(as_json, "nothing was approved"), as_json.output);
    CHECK_MESSAGE(has(as_json, "\"runs\":[]"), as_json.output);
    const auto run = scene.start({{"workflow", "provision"}});
    const auto all = scene.say({"--json", "approve-all", "--install", "acme", "--note", "go"});
    CHECK(all.code == 0);
    CHECK_MESSAGE(has(all, run), all.output);
    CHECK(text(scene.daemon.wait_final(run, 60), "status") == "succeeded");
}

TEST_CASE("what is not there is answered with what is") {
    Scene scene;
    const auto run = scene.start({{"workflow", "provision"}});
    scene.wait_for(run, "sandbox.gate", "waiting");
    struct Wrong {
        std::vector<std::string> words;
        std::string says;
    };
    const std::vector<Wrong> all{{{"show", "acme-provison-1"}, "did you mean 'acme-provision-1'?"},
                                 {{"show", "zzzzzz"}, "slipway list --all"},
                                 {{"cancel", "zzzzzz"}, "slipway list --all"},
                                 {{"history", "zzzzzz"}, "slipway list --all"},
                                 {{"logs", run, "sandbox.pln"}, "did you mean 'sandbox.plan'?"},
                                 {{"explain", run, "zzzzzz"}, "slipway show " + run},
                                 {{"retry", run, "zzzzzz"}, "slipway show " + run},
                                 {{"approve", run, "sandbox.plan"}, "slipway explain " + run},
                                 {{"skip", run, "sandbox.plan"}, "next: "},
                                 {{"release", run}, "cancel or stop it"},
                                 {{"state", "acem"}, "did you mean 'acme'?"},
                                 {{"start", "zzzzzz", "provision"}, "installs: acme"},
                                 {{"start", "acme", "deploy_one"}, "--component"},
                                 {{"start", "acme", "deploy_one", "--component", "wbe"}, "'web'"},
                                 {{"start", "acme", "action_run"}, "--action"},
                                 {{"start", "acme", "provision", "--component", "web"}, "takes no component"},
                                 {{"create", "bolt", "--app", "demo_app"}, "--inputs FILE"},
                                 {{"forget", "acme"}, run}};
    for (const auto& wrong : all) {
        const auto told = scene.say(wrong.words);
        CHECK_MESSAGE(told.code == 1, told.output);
        CHECK_MESSAGE(has(told, wrong.says), told.output);
        CHECK_MESSAGE(has(told, "next: "), told.output);
    }
    const auto as_json = scene.say({"--json", "show", "zzzzzz"});
    CHECK_MESSAGE(has(as_json, "{\"error\":{\"code\":\"not_found\""), as_json.output);
}

TEST_CASE("what diff shows is what its next line approves, also when the gate shows something else by then") {
    Scene scene;
    const auto run = scene.start({{"workflow", "provision"}});
    scene.wait_for(run, "sandbox.gate", "waiting");
    const auto shown = text(scene.daemon.get("/v1/runs/" + run + "/gates/sandbox.gate"), "shown");
    const auto told = scene.say({"diff", run, "sandbox.gate"});
    CHECK_MESSAGE(has(told, "slipway approve " + run + " sandbox.gate --shown " + shown), told.output);
}

TEST_CASE("a start by a name that was used says what became of the run, and starts nothing") {
    Scene scene;
    const auto run = scene.start({{"workflow", "provision"}, {"approve_all", true}, {"run", "first"}});
    CHECK(run == "first");
    CHECK(text(scene.daemon.wait_final(run, 60), "status") == "succeeded");
    const auto told = scene.say({"start", "acme", "provision", "--run", "first"});
    CHECK(told.code == 0);
    CHECK_MESSAGE(has(told, "was started before: it is succeeded"), told.output);
}

TEST_CASE("a log of more than a page is read to its end, whatever bytes are in it, and following it ends") {
    Scene scene;
    const auto run = scene.start({{"workflow", "provision"}, {"approve_all", true}});
    scene.daemon.wait_final(run, 60);
    const std::string folder = scene.daemon.data() + "/logs/" + run;
    std::filesystem::create_directories(folder);
    std::string text_of_log = "x";
    for (int i = 0; i < 400'000; ++i) {
        text_of_log += "\xE2\x82\xAC";
    }
    write_all(folder + "/network.plan.log", text_of_log + "\xFF the end\n");
    const auto told = scene.say({"logs", run, "network.plan", "-f"});
    CHECK(told.code == 0);
    CHECK(told.output == text_of_log + "\xEF\xBF\xBD the end\n");
    // Logs of runs that retention has erased go at the next start.
    std::filesystem::create_directories(scene.daemon.data() + "/logs/erased-1");
    scene.daemon.kill();
    scene.daemon.start();
    CHECK_FALSE(std::filesystem::exists(scene.daemon.data() + "/logs/erased-1"));
    CHECK(std::filesystem::exists(folder));
}

TEST_SUITE_END();
