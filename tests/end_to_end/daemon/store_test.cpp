// `slipway store …` on what a daemon leaves behind, and `slipway terraform …` on the states it keeps.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "kit.hpp"
#include "slipway/secrets.hpp"
#include "slipway/steps/terraform.hpp"

using namespace end_to_end;

TEST_SUITE_BEGIN("store");

namespace {

Exit run_cli(std::vector<std::string> words) {
    words.insert(words.begin(), environment("SLIPWAY_CLI"));
    return run_program(words);
}

json::value parsed(const Exit& exit) {
    boost::system::error_code code;
    auto value = json::parse(exit.output, code);
    REQUIRE_MESSAGE(!code, exit.output);
    return value;
}

/// A daemon that was killed with one run done, one at a gate and one at work.
void leave_behind(Daemon& daemon, const std::string& home) {
    copy_demo_app(home + "/demo_app");
    write_all(home + "/script.json", R"({"delay_ms": 20})");
    daemon.start();
    sync_and_create(daemon, home + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    sync_and_create(daemon, home + "/demo_app", "demo_app", "bolt", {{"admin_password", "y"}});
    const auto start = [&](const std::string& install, json::object request) {
        return text(daemon.send("POST", "/v1/installs/" + install + "/runs", request), "run");
    };
    daemon.wait_final(start("acme", {{"workflow", "provision"}, {"approve_all", true}}), 60);
    const auto gated = start("bolt", {{"workflow", "provision"}});
    daemon.wait_run(
        gated, [](const json::value& run) { return number(run, "gates_open") == 1; }, 30);
    start("acme", {{"workflow", "reprovision"}, {"approve_all", true}});
    daemon.kill();
}

/// The record at the end of the journal's newest log: cut, as a disk would that lost what it had
/// acknowledged.
void lose_the_end(const std::string& store) {
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(store + "/db")) {
        if (entry.path().extension() == ".log" && entry.file_size() > 0) {
            newest = std::max(newest, entry.path().string());
        }
    }
    REQUIRE(!newest.empty());
    std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);
}

}  // namespace

TEST_CASE("a store is checked without a daemon, refused while one has it, and repaired when told so") {
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate", "--script", home.path() + "/script.json"});
    leave_behind(daemon, home.path());
    const auto sound = run_cli({"--json", "store", "check", daemon.data()});
    REQUIRE_MESSAGE(sound.code == 0, sound.output);
    const auto seen = parsed(sound);
    CHECK(seen.at("sound").as_bool());
    CHECK(number(seen, "runs") == 3);
    CHECK(number(seen, "unfinished") == 2);
    CHECK(number(seen, "unopened") == 0);
    CHECK(number(seen, "format") == 1);
    CHECK(run_cli({"store", "check", daemon.data() + "/engine"}).output.ends_with("sound\n"));
    CHECK(run_cli({"store", "repair", daemon.data()}).output.find("nothing to repair") != std::string::npos);

    daemon.start();
    for (const char* act : {"check", "repair"}) {
        const auto refused = run_cli({"store", act, daemon.data()});
        CHECK(refused.code == 2);
        CHECK_MESSAGE(refused.output.find("pid " + std::to_string(daemon.pid())) != std::string::npos,
                      refused.output);
    }
    daemon.kill();

    lose_the_end(daemon.data() + "/engine");
    const auto damaged = run_cli({"store", "check", daemon.data()});
    CHECK(damaged.code == 1);
    CHECK_MESSAGE(damaged.output.find("missing") != std::string::npos, damaged.output);
    const auto shown = run_cli({"store", "repair", daemon.data()});
    CHECK(shown.code == 1);
    CHECK(shown.output.find("--accept-loss") != std::string::npos);
    CHECK(run_cli({"store", "check", daemon.data()}).code == 1);
    const auto repaired = run_cli({"--json", "store", "repair", "--accept-loss", daemon.data()});
    REQUIRE_MESSAGE(repaired.code == 0, repaired.output);
    CHECK(parsed(repaired).at("repaired").as_bool());
    const auto after = run_cli({"--json", "store", "check", daemon.data()});
    CHECK_MESSAGE(after.code == 0, after.output);
    CHECK(!parsed(after).at("quarantined").as_array().empty());
    CHECK(!parsed(after).at("given_up").as_array().empty());
    daemon.start();
}

TEST_CASE("a quarantined run is listed as such, given up in somebody's name, and its install is free again") {
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate", "--script", home.path() + "/script.json"});
    leave_behind(daemon, home.path());
    // The mark that says how far the journal goes: without it all that was touched since the last fold is in
    // doubt.
    write_all(daemon.data() + "/engine/high-water-0", "\xff\xff\xff\xff\xff\xff\xff\xff");
    const auto repaired = run_cli({"store", "repair", "--accept-loss", daemon.data()});
    REQUIRE_MESSAGE(repaired.code == 0, repaired.output);
    daemon.start();
    const std::string run = "bolt-provision-1";
    const auto aside = daemon.get("/v1/health");
    CHECK_MESSAGE(json::serialize(aside.at("quarantined")).find(run) != std::string::npos,
                  json::serialize(aside));
    const auto say = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"--socket", daemon.socket(), "--as", "ana"});
        return run_cli(std::move(words));
    };
    CHECK(say({"list"}).output.find("quarantined") != std::string::npos);
    CHECK(say({"explain", run}).output.find("slipway release " + run) != std::string::npos);
    CHECK(say({"cancel", run}).code == 1);
    const auto released = say({"release", run, "--note", "looked at it"});
    CHECK_MESSAGE(released.code == 0, released.output);
    CHECK(say({"release", run}).code == 1);
    const auto history = json::serialize(daemon.get("/v1/installs/bolt/history"));
    CHECK_MESSAGE(history.find("looked at it") != std::string::npos, history);
    CHECK(text(daemon.send("POST", "/v1/installs/bolt/runs", {{"workflow", "provision"}}), "run") ==
          "bolt-provision-2");
}

TEST_CASE("after a commit that failed the daemon says so and ends with 1, and the next start goes on") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    const auto run = text(daemon.send("POST", "/v1/installs/acme/runs", {{"workflow", "provision"}}), "run");
    daemon.wait_run(
        run, [](const json::value& now) { return number(now, "gates_open") == 1; }, 30);
    const rlimit small{3000, 3000};
    REQUIRE(::prlimit(daemon.pid(), RLIMIT_FSIZE, &small, nullptr) == 0);
    const auto refused = daemon.call("POST", "/v1/runs/" + run + "/act", R"({"act":"pause"})");
    CHECK(refused.status >= 500);
    siginfo_t ended{};
    for (int i = 0; i < 200 && ended.si_pid == 0; ++i) {
        ::usleep(50'000);
        ::waitid(P_PID, static_cast<id_t>(daemon.pid()), &ended, WEXITED | WNOHANG | WNOWAIT);
    }
    CHECK(ended.si_pid == daemon.pid());
    CHECK(daemon.stop() == 1);  // by itself, and not by a signal
    CHECK_MESSAGE(daemon.log().find("alarm store_failed") != std::string::npos, daemon.log());
    daemon.start();
    CHECK(text(daemon.get("/v1/runs/" + run), "status") == "running");
    CHECK(daemon.act(run, {{"act", "pause"}}).at("done").as_bool());
}

TEST_CASE("where there is no store, the commands say so and make none") {
    const Home home;
    for (const char* act : {"check", "repair"}) {
        const auto none = run_cli({"store", act, home.path() + "/nothing"});
        CHECK(none.code == 2);
        CHECK(none.output.find("no store in") != std::string::npos);
    }
    CHECK(!std::filesystem::exists(home.path() + "/nothing"));
    CHECK(run_cli({"store", "check"}).code != 0);
    CHECK(run_cli({"store", "mend", home.path()}).code != 0);
}

TEST_CASE("an armed state is released, and repairs are forgotten, in somebody's name") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    Daemon daemon(home.path() + "/data", {});
    daemon.start();
    const auto id =
        sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    const std::vector<std::string> place{"--socket", daemon.socket(), "--as", "ana"};
    const auto say = [&](std::vector<std::string> words) {
        words.insert(words.begin(), place.begin(), place.end());
        return run_cli(std::move(words));
    };
    CHECK(say({"terraform", "show", "acme", "network"}).output.find("nothing is kept") != std::string::npos);
    CHECK(say({"terraform", "show", "acme", "netwok"}).output.find("no part \"netwok\"") !=
          std::string::npos);

    daemon.stop();
    {
        const auto states = *slipway::open_terraform_states(
            daemon.data() + "/terraform", *slipway::open_file_keys(daemon.data() + "/keys"));
        slipway::TerraformState state;
        state.generation = 4;
        state.nonce = "nonce";
        state.bytes = "{}";
        state.armed = {"run/network.apply/1/1", "", home.path() + "/lost", "{}"};
        state.imports = {{"null_resource.a", "17"}};
        state.in_doubt = {"null_resource.b"};
        REQUIRE(states->save(id + "/network", 0, state).has_value());
    }
    daemon.start();
    const auto shown = say({"terraform", "show", "acme", "network"});
    CHECK(shown.output.find("armed: run/network.apply/1/1") != std::string::npos);
    const auto early = say({"terraform", "forget-repairs", "acme", "network"});
    CHECK(early.code == 1);
    CHECK(early.output.find("slipway terraform release acme network") != std::string::npos);
    const auto released = say({"terraform", "release", "acme", "network", "--note", "host is gone"});
    CHECK_MESSAGE(released.code == 0, released.output);
    CHECK(released.output.find("generation 5") != std::string::npos);
    CHECK(released.output.find("armed") == std::string::npos);
    CHECK(say({"terraform", "release", "acme", "network"}).code == 1);
    const auto forgotten = say({"--json", "terraform", "forget-repairs", "acme", "network"});
    CHECK_MESSAGE(forgotten.code == 0, forgotten.output);
    CHECK(parsed(forgotten).at("imports").as_array().empty());
    CHECK(parsed(forgotten).at("in_doubt").as_array().empty());
    CHECK(say({"terraform", "forget-repairs", "acme", "network"}).code == 1);

    daemon.kill();
    daemon.start();
    const auto changes = daemon.get("/v1/installs/acme/history").at("changes").as_array();
    REQUIRE(changes.size() == 3);
    CHECK(text(changes[1], "what") == "terraform released");
    CHECK(text(changes[1], "part") == "component.network");
    CHECK(text(changes[1], "by") == "ana");
    CHECK(text(changes[1], "note") == "host is gone");
    CHECK(text(changes[2], "what") == "terraform repairs forgotten");
}

TEST_SUITE_END();

TEST_CASE("a backup is made while runs go on, verified, and becomes a store again") {
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate"});
    copy_demo_app(home.path() + "/demo_app");
    daemon.start();
    sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    daemon.send("POST", "/v1/installs/acme/runs",
                {{"workflow", "provision"}, {"approve_all", true}, {"run", "up"}});
    const std::string saved = home.path() + "/saved";
    const std::vector<std::string> socket{"--socket", daemon.socket()};
    const auto cli = [&](std::vector<std::string> words) {
        words.insert(words.begin(), socket.begin(), socket.end());
        return run_cli(words);
    };
    const auto made = cli({"--json", "store", "backup", saved});
    REQUIRE_MESSAGE(made.code == 0, made.output);
    CHECK(text(parsed(made), "directory") == saved);
    CHECK(number(parsed(made), "files") > 0);
    CHECK(cli({"store", "backup", saved}).code != 0);  // it is there
    CHECK(cli({"store", "restore", saved, "--verify"}).code == 0);
    CHECK(text(daemon.wait_final("up", 60), "status") == "succeeded");

    const auto key = cli({"--json", "keys", "rotate", daemon.data()});
    REQUIRE_MESSAGE(key.code == 0, key.output);
    for (int i = 0; i < 200; ++i) {
        const auto now = daemon.get("/v1/store/keys");
        if (text(now, "key") == text(parsed(key), "key") && now.at("complete").as_bool()) {
            break;
        }
        ::usleep(50'000);
    }
    CHECK(text(parsed(cli({"--json", "keys", "status"})), "key") == text(parsed(key), "key"));
    CHECK(number(daemon.get("/v1/store/keys"), "unreadable") == 0);
    CHECK(daemon.stop() == 0);

    // Without a daemon: of its directory, and the earlier one back into another.
    const auto later = run_cli({"store", "backup", home.path() + "/later", "--from", daemon.data()});
    CHECK_MESSAGE(later.code == 0, later.output);
    const auto restored = run_cli({"store", "restore", saved, home.path() + "/other/engine"});
    REQUIRE_MESSAGE(restored.code == 0, restored.output);
    std::filesystem::copy_file(daemon.data() + "/keys", home.path() + "/other/keys");
    const auto sound = run_cli({"--json", "store", "check", home.path() + "/other"});
    REQUIRE_MESSAGE(sound.code == 0, sound.output);
    CHECK(number(parsed(sound), "runs") == 1);
    CHECK(run_cli({"store", "restore", saved, home.path() + "/other/engine"}).code != 0);
    std::filesystem::remove(saved + "/" +
                            std::filesystem::directory_iterator(saved)->path().filename().string());
    CHECK(run_cli({"store", "restore", saved, "--verify"}).code != 0);
    CHECK(run_cli({"keys", "rotate", home.path() + "/none"}).code != 0);
}
