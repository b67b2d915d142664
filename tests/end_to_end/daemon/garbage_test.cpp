// Whatever is sent: an error that names the place, the daemon alive, nothing changed.
#include <doctest/doctest.h>

#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "kit.hpp"

using namespace end_to_end;

TEST_SUITE_BEGIN("garbage");

namespace {

struct Wrong {
    const char* method;
    std::string target;
    std::string body;
    const char* names;  ///< what the error's message has to hold
};

std::vector<Wrong> wrong_requests(const std::string& run) {
    const std::string long_id(5000, 'x');
    const std::string base = "/v1/runs/" + run;
    return {
        {"GET", "/", "", "nothing at GET"},
        {"GET", "/v1", "", "nothing at GET"},
        {"GET", "/v2/runs", "", "/v2/runs"},
        {"POST", "/v1/health", "{}", "/v1/health"},
        {"DELETE", "/v1/apps", "", "/v1/apps"},
        {"GET", "/v1/runs/a/b/c/d/e", "", "/v1/runs/a/b/c/d/e"},
        {"GET", base + "/gates", "", "gates"},
        {"GET", "/v1/runs/%zz", "", "target"},
        {"GET", "/v1/runs/%", "", "target"},
        {"GET", "/v1/runs/%00", "", "no run"},
        {"GET", "/v1/runs/..%2F..%2Fetc%2Fpasswd", "", "no run"},
        {"GET", "/v1/runs/" + long_id, "", "no run"},
        {"GET", "/v1/installs/" + long_id, "", "no install"},
        {"GET", "/v1/installs/%ff%fe", "", "UTF-8"},
        {"GET", "/v1/runs?nonsense=1", "", "nonsense"},
        {"GET", base + "?step=1&nonsense=1", "", "nonsense"},
        {"GET", base + "/history?from=minus", "", "from"},
        {"GET", base + "/history?from=99999999999999999999999", "", "from"},
        {"GET", base + "/history?from=-1", "", "from"},
        {"GET", base + "/watch?wait_ms=1e9", "", "wait_ms"},
        {"GET", base + "/logs?step=sandbox.plan&offset=", "", "offset"},
        {"GET", base + "/logs?step=..%2F..%2Fkeys", "", "no step"},
        {"GET", base + "/explain?step=nobody", "", "nobody"},
        {"GET", base + "/gates/nobody", "", "nobody"},
        {"GET", base + "/gates/preflight", "", "preflight"},
        {"POST", "/v1/installs", "{", "JSON"},
        {"POST", "/v1/installs", "[1,2]", "object"},
        {"POST", "/v1/installs", "\"text\"", "object"},
        {"POST", "/v1/installs", std::string(200'000, '['), "JSON"},
        {"POST", "/v1/installs", R"({"name": 7})", "name"},
        {"POST", "/v1/installs", R"({"name": "x", "app": "demo_app", "inputs": [1]})", "inputs"},
        {"POST", "/v1/installs", R"({"name": "x", "app": "demo_app", "inputs": {"domain": 3}})",
         "inputs.domain"},
        {"POST", "/v1/installs", R"({"name": "x", "app": "nobody"})", "nobody"},
        {"POST", "/v1/installs", R"({"name": "x", "app": "demo_app", "version": "zz"})", "zz"},
        {"POST", "/v1/installs", R"({"name": "x", "app": "demo_app", "surprise": 1})", "surprise"},
        {"POST", "/v1/installs", R"({"name": "x", "app": "demo_app", "inputs": {"domian": "a"}})", "domian"},
        {"POST", "/v1/installs", R"({"name": "../x", "app": "demo_app", "inputs": {"admin_password": "a"}})",
         "name"},
        {"POST", "/v1/installs", "{\"name\": \"\xff\xfe\", \"app\": \"demo_app\"}", "JSON"},
        {"POST", "/v1/apps/sync", "{}", "path"},
        {"POST", "/v1/apps/sync", R"({"path": "/nowhere/at/all"})", "/nowhere/at/all"},
        {"POST", "/v1/apps/sync", R"({"path": ["a"]})", "path"},
        {"PATCH", "/v1/installs/acme/inputs", R"({"inputs": {"nobody": "1"}})", "nobody"},
        {"PATCH", "/v1/installs/acme/inputs", R"({"inputs": {"replicas": "many"}})", "replicas"},
        {"PATCH", "/v1/installs/acme/version", R"({"version": "ffffff"})", "ffffff"},
        {"POST", "/v1/installs/acme/runs", R"({"workflow": "provison"})", "provison"},
        {"POST", "/v1/installs/acme/runs", R"({"workflow": "provision", "run": "a b"})", "run"},
        {"POST", "/v1/installs/acme/runs", R"({"workflow": "provision", "changed_inputs": "x"})",
         "changed_inputs"},
        {"POST", "/v1/installs/acme/runs", R"({"workflow": "deploy_one", "component": "nobody"})", "nobody"},
        {"POST", "/v1/installs/acme/runs", R"({"workflow": "action_run", "action": "nobody"})", "nobody"},
        {"GET", "/v1/installs/acme/terraform?part=web", "", "simulates"},
        {"POST", "/v1/installs/acme/terraform", R"({"act": "burn", "part": "web"})", "burn"},
        {"POST", "/v1/installs/acme/terraform", R"({"act": "release", "part": 3})", "part"},
        {"DELETE", "/v1/installs/acme/terraform", "", "nothing at"},
        {"POST", "/v1/installs/acme/approve_all", R"({"on": "yes"})", "on"},
        {"POST", "/v1/installs/nobody/runs", R"({"workflow": "provision"})", "nobody"},
        {"DELETE", "/v1/installs/nobody", "", "nobody"},
        {"POST", base + "/act", "", "act"},
        {"POST", base + "/act", R"({"act": "explode"})", "explode"},
        {"POST", base + "/act", R"({"act": 1})", "act"},
        {"POST", base + "/act", R"({"act": "retry", "step": "nobody"})", "nobody"},
        {"POST", base + "/act", R"({"act": "retry", "step": "sandbox.plan"})", "sandbox.plan"},
        {"POST", base + "/act", R"({"act": "settle", "step": "sandbox.gate", "succeeded": "yes"})",
         "succeeded"},
        {"POST", base + "/act", R"({"act": "settle", "step": "sandbox.apply", "succeeded": true})",
         "sandbox.apply"},
        {"POST", base + "/act",
         R"({"act": "answer", "step": "sandbox.gate", "decision": "maybe", "round": 1})", "maybe"},
        {"POST", base + "/act", R"({"act": "answer", "step": "sandbox.gate", "decision": "approve"})",
         "round"},
        {"POST", base + "/act",
         R"({"act": "answer", "step": "sandbox.gate", "decision": "approve", "round": -1})", "round"},
        {"POST", base + "/act",
         R"({"act": "answer", "step": "sandbox.gate", "decision": "approve", "round": 9e99})", "round"},
        {"POST", base + "/act",
         R"({"act": "answer", "step": "sandbox.gate", "decision": "approve", "round": 1, "shown": "zz"})",
         "sandbox.gate"},
        {"POST", base + "/act",
         R"({"act": "answer", "step": "sandbox.gate", "decision": "approve", "round": 7, "shown": ""})",
         "round"},
        {"POST", base + "/act", R"({"act": "settle", "step": "sandbox.gate"})", "succeeded"},
        {"POST", base + "/act", R"({"act": "release"})", "not quarantined"},
        {"POST", base + "/act", R"({"act": "release", "step": "sandbox.plan"})", "step"},
        {"POST", base + "/act", R"({"act": "pause", "note": 1})", "note"},
        {"POST", "/v1/runs/nobody/act", R"({"act": "cancel"})", "nobody"},
        {"POST", "/v1/runs/nobody/act", R"({"act": "release"})", "nobody"},
    };
}

/// The routes beside runs and installs, parameters that a route does not take, and options that a workflow
/// does not.
std::vector<Wrong> more_wrong_requests(const std::string& run) {
    const std::string base = "/v1/runs/" + run;
    return {
        {"POST", "/v1/apps/compare", R"({"app": "nobody"})", "nobody"},
        {"POST", "/v1/apps/compare", R"({"app": "demo_app", "surprise": 1})", "surprise"},
        {"POST", "/v1/apps/compare", R"({"app": 1})", "app"},
        {"POST", "/v1/apps/nobody/build", "{}", "nobody"},
        {"POST", "/v1/apps/demo_app/build", R"({"version": 3})", "version"},
        {"POST", "/v1/apps/demo_app/build", R"({"version": "ffffff"})", "ffffff"},
        {"POST", "/v1/apps/demo_app/build", R"({"surprise": 1})", "surprise"},
        {"POST", "/v1/artifacts/collect", R"({"keep_versions": "x"})", "keep_versions"},
        {"POST", "/v1/artifacts/collect", R"({"surprise": 1})", "surprise"},
        {"POST", "/v1/store/backup", R"({"directory": 7})", "directory"},
        {"POST", "/v1/store/backup", "{}", "directory"},
        {"GET", "/v1/store/nothing", "", "/v1/store/nothing"},
        {"POST", "/v1/installs/acme/preview", R"({"workflow": "provison"})", "provision"},
        {"POST", "/v1/installs/nobody/preview", R"({"workflow": "provision"})", "nobody"},
        {"POST", "/v1/installs/acme/runs", R"({"workflow": "provision", "component": "web"})", "component"},
        {"POST", "/v1/installs/acme/runs", R"({"workflow": "provision", "action": "health"})", "action"},
        {"POST", "/v1/installs/acme/runs", R"({"workflow": "deploy_one"})", "--component"},
        {"POST", "/v1/installs/acme/approve_all", R"({"note": 1})", "note"},
        {"POST", "/v1/installs/acme/approve_all", R"({"surprise": 1})", "surprise"},
        {"DELETE", "/v1/installs/acme", "", run.c_str()},
        {"GET", "/v1/installs/nobody/readme", "", "nobody"},
        {"GET", "/v1/installs/nobody/builds", "", "nobody"},
        {"GET", "/v1/health?x=1", "", "\"x\""},
        {"GET", "/v1/apps?x=1", "", "\"x\""},
        {"GET", "/v1/installs?x=1", "", "\"x\""},
        {"GET", "/v1/installs/acme?x=1", "", "\"x\""},
        {"GET", base + "?offset=5", "", "offset"},
        {"GET", base + "/explain?stop=a", "", "stop"},
        {"GET", base + "/gates/sandbox.gate?x=1", "", "\"x\""},
        {"GET", "/v1/runs?unfinished=banana", "", "banana"},
        {"GET", base + "/history?from=1&from=2", "", "twice"},
    };
}

std::string state_of(Daemon& daemon, const std::string& run) {
    json::value view = daemon.get("/v1/runs/" + run);
    view.as_object().erase("tick");
    const json::value installs = daemon.get("/v1/installs");
    return json::serialize(view) + json::serialize(installs) +
           json::serialize(daemon.get("/v1/installs/acme/history"));
}

}  // namespace

TEST_CASE("garbage to every route is an error that names the place, and changes nothing") {
    const Home home;
    copy_demo_app(home.path() + "/demo_app");
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    sync_and_create(daemon, home.path() + "/demo_app", "demo_app", "acme", {{"admin_password", "x"}});
    const std::string run = "acme-provision-1";
    daemon.send("POST", "/v1/installs/acme/runs", {{"workflow", "provision"}});
    daemon.wait_run(
        run, [](const json::value& now) { return number(now, "gates_open") == 1; }, 30);
    const auto before = state_of(daemon, run);
    auto all = wrong_requests(run);
    const auto more = more_wrong_requests(run);
    all.insert(all.end(), more.begin(), more.end());
    for (const auto& wrong : all) {
        CAPTURE(wrong.method);
        CAPTURE(wrong.target.substr(0, 100));
        CAPTURE(wrong.body.substr(0, 200));
        const auto answer = daemon.call(wrong.method, wrong.target, wrong.body);
        CHECK(answer.status >= 400);
        CHECK(answer.status < 500);
        boost::system::error_code code;
        const json::value parsed = json::parse(answer.body, code);
        REQUIRE_MESSAGE(!code, answer.body);
        const auto& error = parsed.at("error");
        CHECK(!text(error, "code").empty());
        const std::string said = text(error, "message") + " " + text(error, "hint");
        CHECK_MESSAGE(said.find(wrong.names) != std::string::npos, said.substr(0, 400));
    }
    CHECK(state_of(daemon, run) == before);
}

TEST_CASE("bytes that are no HTTP are answered or dropped, and the daemon stays") {
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    const std::vector<std::string> inputs{
        "",
        "\r\n\r\n",
        "GET",
        "GET / HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01",
        std::string(100'000, 'A'),
        "GET / HTTP/1.1\r\n" + std::string(100'000, 'h') + ": 1\r\n\r\n",
        "POST /v1/installs HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        "POST /v1/installs HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "POST /v1/installs HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET http://elsewhere/v1/health HTTP/1.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\n\r\n"};
    for (const auto& bytes : inputs) {
        CAPTURE(bytes.substr(0, 60));
        const auto answer = daemon.raw(bytes);
        CHECK((answer.empty() || answer.find("HTTP/1.1 4") == 0));
        CHECK(daemon.alive());
    }
    std::srand(7);
    for (int i = 0; i < 200; ++i) {
        std::string bytes(static_cast<std::size_t>(std::rand() % 300), '\0');
        for (auto& c : bytes) {
            c = static_cast<char>(std::rand());
        }
        (void)daemon.raw(bytes);
    }
    CHECK(daemon.get("/v1/health").at("ok").as_bool());
    CHECK(daemon.stop() == 0);
}

TEST_CASE("callers that say nothing do not hold the daemon up when it stops") {
    const Home home;
    Daemon daemon(home.path() + "/data", {"--simulate"});
    daemon.start();
    const std::vector<int> silent{daemon.connect(), daemon.connect()};
    REQUIRE(::write(silent[1], "POST /v1", 8) == 8);
    CHECK(daemon.get("/v1/health").at("ok").as_bool());
    const auto begun = std::chrono::steady_clock::now();
    CHECK(daemon.stop() == 0);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(8));
    for (const int one : silent) {
        ::close(one);
    }
}

TEST_SUITE_END();
