// The demo shop up, changed and down again through HTTP, with simulated executors.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "kit.hpp"

using namespace end_to_end;

TEST_SUITE_BEGIN("life");

namespace {

std::vector<std::string> order_of(Daemon& daemon, const std::string& run, const std::string& suffix) {
    std::vector<std::string> order;
    const auto history = daemon.get("/v1/runs/" + run + "/history");
    for (const auto& event : history.at("events").as_array()) {
        const std::string step = text(event, "step");
        if (text(event, "event") == "step_succeeded" && step.ends_with(suffix)) {
            order.push_back(step.substr(0, step.size() - suffix.size()));
        }
    }
    return order;
}

bool before(const std::vector<std::string>& order, const std::string& first, const std::string& second) {
    return std::find(order.begin(), order.end(), first) < std::find(order.begin(), order.end(), second);
}

std::string start(Daemon& daemon, const std::string& install, json::object request) {
    return text(daemon.send("POST", "/v1/installs/" + install + "/runs", request), "run");
}

}  // namespace

TEST_CASE("the demo shop goes up, changes, is asked, and comes down in reverse order") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    const auto id =
        sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});

    const auto preview = daemon.send("POST", "/v1/installs/acme/preview", {{"workflow", "provision"}});
    CHECK(preview.at("steps").as_array().size() > 20);

    std::size_t gates = 0;
    const auto up = start(daemon, "acme", {{"workflow", "provision"}});
    const auto done = daemon.approve_each(up, 60, [&](const json::value& gate) {
        ++gates;
        CHECK(gate.at("what").at("changes").as_array().size() > 0);
    });
    CHECK(text(done, "status") == "succeeded");
    CHECK(gates == 7);
    const auto built = order_of(daemon, up, ".apply");
    CHECK(built.size() == 7);
    CHECK(before(built, "sandbox", "network"));
    CHECK(before(built, "network", "database"));
    CHECK(before(built, "api", "web"));

    const auto changed =
        daemon.send("PATCH", "/v1/installs/acme/inputs", {{"inputs", json::object{{"greeting", "Hi"}}}});
    CHECK(text(daemon.approve_each(text(changed, "run"), 30), "status") == "succeeded");
    CHECK(order_of(daemon, text(changed, "run"), ".plan") == std::vector<std::string>{"web"});

    const auto asked = start(daemon, "acme", {{"workflow", "action_run"}, {"action", "health"}});
    CHECK(text(daemon.wait_final(asked, 30), "status") == "succeeded");

    const auto down = start(daemon, "acme", {{"workflow", "deprovision"}});
    CHECK(text(daemon.approve_each(down, 60), "status") == "succeeded");
    const auto removed = order_of(daemon, down, ".apply");
    CHECK(removed.size() == 7);
    CHECK(before(removed, "web", "api"));
    CHECK(before(removed, "database", "network"));
    CHECK(removed.back() == "sandbox");
    CHECK(text(daemon.get("/v1/installs/acme").at("state").at("sandbox"), "status") == "removed");
    daemon.send("DELETE", "/v1/installs/acme", {});
    CHECK(daemon.get("/v1/installs").at("installs").as_array().empty());
    CHECK(daemon.stop() == 0);
}

TEST_CASE("runs survive kill -9 and a restart, and a named start made twice starts once") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    write_all(home.path() + "/script.json", R"({"delay_ms": 30})");
    Daemon daemon(home.path() + "/data", {"--simulate", "--script", home.path() + "/script.json"});
    daemon.start();
    sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    const json::object request{{"workflow", "provision"}, {"run", "up/1"}, {"approve_all", true}};
    daemon.send("POST", "/v1/installs/acme/runs", request);
    for (int i = 0; i < 3; ++i) {
        daemon.wait_run(
            "up%2F1", [&](const json::value& run) { return number(run, "steps_done") > 3 * (i + 1); }, 30);
        daemon.kill();
        daemon.start();
        CHECK(text(daemon.send("POST", "/v1/installs/acme/runs", request), "run") == "up/1");
    }
    const auto done = daemon.wait_final("up%2F1", 60);
    CHECK(text(done, "status") == "succeeded");
    CHECK(daemon.get("/v1/runs").at("runs").as_array().size() == 1);
}

TEST_CASE("an approval is bound to the digest that was shown, and can be taken back before it is used") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    const auto run = start(daemon, "acme", {{"workflow", "provision"}});
    daemon.wait_run(
        run, [](const json::value& now) { return number(now, "gates_open") == 1; }, 30);
    const auto wrong =
        daemon.call("POST", "/v1/runs/" + run + "/act",
                    R"({"act":"answer","step":"sandbox.gate","decision":"approve","round":1,"shown":")" +
                        std::string(64, 'a') + "\"}");
    CHECK(wrong.status == 409);
    CHECK(wrong.body.find("another digest") != std::string::npos);

    // Paused, so that nothing behind the gate starts; then the command line finds by itself what was
    // approved.
    daemon.act(run, {{"act", "pause"}});
    const std::vector<std::string> slipway{environment("SLIPWAY_CLI"), "--socket", daemon.socket()};
    const auto say = [&](std::vector<std::string> words) {
        auto line = slipway;
        line.insert(line.end(), words.begin(), words.end());
        return run_program(line);
    };
    const auto approved = say({"approve", run, "sandbox.gate"});
    CHECK_MESSAGE(approved.code == 0, approved.output);
    const auto taken_back = say({"revoke", run, "sandbox.gate"});
    CHECK_MESSAGE(taken_back.code == 0, taken_back.output);
    daemon.act(run, {{"act", "resume"}});
    const auto again = daemon.wait_run(
        run,
        [](const json::value& now) {
            return number(step_of(now, "sandbox.gate"), "round") == 2 && number(now, "gates_open") == 1;
        },
        30);
    CHECK(text(step_of(again, "sandbox.apply"), "status") == "pending");
    CHECK(say({"deny", run, "sandbox.gate", "--note", "no"}).code == 0);
    CHECK(text(daemon.wait_run(
                   run, [](const json::value& now) { return text(now, "status") == "blocked"; }, 30),
               "status") == "blocked");
    CHECK(say({"explain", run}).output.find("denied") != std::string::npos);
    CHECK(say({"cancel", run}).code == 0);
    CHECK(text(daemon.wait_final(run, 30), "status") == "cancelled");
}

TEST_CASE("the socket is private, and a second daemon in the directory is told why it may not") {
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    struct stat found {};
    REQUIRE(::stat(daemon.socket().c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0600U);
    REQUIRE(::stat(daemon.data().c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0700U);

    const auto second = run_program({environment("SLIPWAYD"), "--data", daemon.data(), "--simulate",
                                     "--socket", home.path() + "/other.sock"});
    CHECK(second.code == 1);
    CHECK_MESSAGE(second.output.find("another process") != std::string::npos, second.output);
    CHECK_MESSAGE(second.output.find(daemon.data()) != std::string::npos, second.output);
    CHECK(daemon.get("/v1/health").at("ok").as_bool());
    CHECK(daemon.stop() == 0);
    CHECK(::stat(daemon.socket().c_str(), &found) != 0);
}

TEST_CASE("two changes of one install do not run at the same time") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    const auto first = start(daemon, "acme", {{"workflow", "provision"}});
    const auto second = daemon.call("POST", "/v1/installs/acme/runs", R"({"workflow":"deprovision"})");
    CHECK(second.status == 409);
    const auto third = daemon.call("POST", "/v1/installs/acme/runs", R"({"workflow":"provision"})");
    CHECK(third.status == 409);
    CHECK(third.body.find(first) != std::string::npos);
}

TEST_CASE("a run is planned from the state that it starts from: what ended meanwhile counts") {
    const Home home;
    const std::string app = home.path() + "/small";
    write_small_app(app);
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    sync_and_create(daemon, app, "small", "acme", {{"witness", home.path() + "/witness"}});
    for (int i = 0; i < 12; ++i) {
        daemon.send("POST", "/v1/installs/acme/runs", {{"workflow", "provision"}, {"approve_all", true}});
        // Asked again and again, so that the provision ends somewhere in the middle of one request.
        std::atomic<bool> over{false};
        std::string run;
        std::string refusal;
        std::mutex mutex;
        const auto ask = [&] {
            while (!over) {
                const auto down = daemon.call("POST", "/v1/installs/acme/runs",
                                              R"({"workflow":"deprovision","approve_all":true})");
                const std::scoped_lock lock(mutex);
                if (down.status == 200) {
                    run = text(json::parse(down.body), "run");
                    over = true;
                } else if (down.body.find("unfinished run") == std::string::npos) {
                    refusal = down.body;
                    over = true;
                }
            }
        };
        std::vector<std::thread> askers;
        for (int k = 0; k < 3; ++k) {
            askers.emplace_back(ask);
        }
        for (auto& asker : askers) {
            asker.join();
        }
        REQUIRE_MESSAGE(!run.empty(), refusal);
        CHECK(text(daemon.wait_final(run, 60), "status") == "succeeded");
        const auto state = daemon.get("/v1/installs/acme");
        CHECK_MESSAGE(json::serialize(state).find("\"active\"") == std::string::npos, json::serialize(state));
    }
}

TEST_CASE("a run's name is never given again, also when retention has erased the run") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    Daemon daemon(home.path() + "/data", {"--simulate", "--finished-runs", "1"});
    daemon.start();
    sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    const auto reports_of = [&](const std::string& run) {
        const auto history = daemon.get("/v1/installs/acme/history").at("changes").as_array();
        return std::count_if(history.begin(), history.end(),
                             [&](const json::value& one) { return text(one, "run") == run; });
    };
    const auto wait_erased = [&](const std::string& run) {
        for (int i = 0; i < 100 && daemon.call("GET", "/v1/runs/" + run).status == 200; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        CHECK(daemon.call("GET", "/v1/runs/" + run).status == 404);
    };
    std::vector<std::string> runs;
    for (int i = 0; i < 3; ++i) {
        runs.push_back(start(daemon, "acme", {{"workflow", "provision"}, {"approve_all", true}}));
        CHECK(text(daemon.wait_final(runs.back(), 60), "status") == "succeeded");
        // What it reported is taken for its own, not for a repetition of an older run's.
        CHECK(reports_of(runs.back()) >= 7);
        if (i > 0) {
            wait_erased(runs[static_cast<std::size_t>(i) - 1]);
        }
        daemon.kill();
        daemon.start();
    }
    const auto last = start(daemon, "acme", {{"workflow", "action_run"}, {"action", "health"}});
    daemon.wait_final(last, 30);
    wait_erased(runs.back());
    CHECK(std::set<std::string>(runs.begin(), runs.end()).size() == runs.size());
    // A file of numbers that is lost is no reason either: the install knows them.
    REQUIRE(std::filesystem::remove(daemon.data() + "/run_numbers.json"));
    daemon.kill();
    daemon.start();
    const auto after = start(daemon, "acme", {{"workflow", "provision"}, {"approve_all", true}});
    CHECK(std::count(runs.begin(), runs.end(), after) == 0);
    daemon.wait_final(after, 60);
    const auto named =
        daemon.call("POST", "/v1/installs/acme/runs", R"({"workflow":"provision","run":")" + runs[0] + "\"}");
    CHECK(named.status == 409);
    CHECK_MESSAGE(named.body.find("erased") != std::string::npos, named.body);
}

TEST_SUITE_END();
