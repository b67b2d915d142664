// A sensitive input travels from the customer to Terraform and to a script, and stands nowhere in clear on
// its way.
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "kit.hpp"

using namespace end_to_end;

TEST_SUITE_BEGIN("secrets");

namespace {

namespace fs = std::filesystem;

constexpr const char* kCanary = "kanarienvogel-8f3Qz71LxWv0";

std::vector<std::string> files_with(const std::string& folder, const std::string& wanted) {
    std::vector<std::string> found;
    std::error_code code;
    for (const auto& entry : fs::recursive_directory_iterator(folder, code)) {
        if (entry.is_regular_file(code) &&
            read_all(entry.path().string()).find(wanted) != std::string::npos) {
            found.push_back(entry.path().string());
        }
    }
    return found;
}

/// Looks at the arguments (and, where asked, the environment) of every process on the machine, again and
/// again.
class Watchman {
public:
    explicit Watchman(bool environments) : thread_([this, environments] { watch(environments); }) {}
    ~Watchman() { (void)end(); }
    std::string end() {
        over_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
        return found_;
    }

private:
    void watch(bool environments) {
        while (!over_) {
            std::error_code code;
            for (const auto& entry : fs::directory_iterator("/proc", code)) {
                if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos) {
                    continue;
                }
                for (const char* part : {"cmdline", "environ"}) {
                    if (part[0] == 'e' && !environments) {
                        continue;
                    }
                    const std::string content = read_all((entry.path() / part).string());
                    if (content.find(kCanary) != std::string::npos) {
                        found_ = entry.path().string() + "/" + part + ": " + content;
                    }
                }
            }
            ::usleep(20'000);
        }
    }

    std::string found_;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

std::string joined(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& one : list) {
        out += one + "\n";
    }
    return out;
}

void live_through(const std::vector<std::string>& options) {
    const Home home;
    write_small_app(home.path() + "/small");
    Daemon daemon(home.path() + "/data", options);
    daemon.start();
    Watchman arguments(true);
    // Through the command line, as people do it: the secret comes in on standard input.
    const std::vector<std::string> slipway{environment("SLIPWAY_CLI"), "--socket", daemon.socket()};
    REQUIRE(run_program({slipway[0], slipway[1], slipway[2], "sync", home.path() + "/small"}).code == 0);
    const auto created = run_program({slipway[0], slipway[1], slipway[2], "create", "acme", "--app", "small",
                                      "--inputs", "-", "--input", "witness=" + home.path() + "/witness"},
                                     "token=" + std::string(kCanary) + "\n");
    REQUIRE_MESSAGE(created.code == 0, created.output);
    daemon.send("POST", "/v1/installs/acme/runs",
                {{"workflow", "provision"}, {"approve_all", true}, {"run", "up"}});
    CHECK(text(daemon.wait_final("up", 120), "status") == "succeeded");
    CHECK(arguments.end() == "");
    // The script's own environment may hold it; its arguments and what it leaves may not.
    Watchman script(false);
    daemon.send("POST", "/v1/installs/acme/runs",
                {{"workflow", "action_run"}, {"action", "speak"}, {"run", "speak"}});
    CHECK(text(daemon.wait_final("speak", 60), "status") == "succeeded");
    CHECK(script.end() == "");
    for (const char* target :
         {"/v1/runs/up", "/v1/runs/up/history", "/v1/runs/speak", "/v1/runs/speak/history", "/v1/installs",
          "/v1/installs/acme", "/v1/installs/acme/state", "/v1/installs/acme/history"}) {
        CHECK_MESSAGE(daemon.call("GET", target).body.find(kCanary) == std::string::npos, target);
    }
    CHECK(joined(files_with(home.path(), kCanary)) == "");
    CHECK(daemon.stop() == 0);
    CHECK(joined(files_with(home.path(), kCanary)) == "");
}

}  // namespace

TEST_CASE("a sensitive input is nowhere in clear: simulated") {
    live_through({"--simulate"});
}

TEST_CASE("a sensitive input is nowhere in clear: real Terraform and a real script") {
    if (!has_terraform()) {
        std::printf("SLIPWAY-SKIPPED-PART: terraform\n");
        return;
    }
    live_through({});
}

TEST_SUITE_END();
