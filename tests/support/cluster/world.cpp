#include "tests/support/cluster/world.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "slipway/steps/process.hpp"

extern char** environ;

namespace slipway::test {

namespace fs = std::filesystem;

namespace {

/// The first of `places` (separated by colons) with both programs.
std::string with_both(const std::string& places) {
    for (std::size_t from = 0; from < places.size();) {
        const auto end = std::min(places.find(':', from), places.size());
        const auto place = fs::absolute(places.substr(from, end - from)).string();
        if (::access((place + "/helm").c_str(), X_OK) == 0 &&
            ::access((place + "/kubectl").c_str(), X_OK) == 0) {
            return place;
        }
        from = end + 1;
    }
    return {};
}

}  // namespace

std::string cluster_tools() {
    static const std::string kFound = [] {
        const char* wanted = std::getenv("SLIPWAY_TOOLS");
        const char* path = std::getenv("PATH");
        auto found =
            with_both(wanted != nullptr ? std::string(wanted)
                                        : std::string("out/tools/bin:") + (path == nullptr ? "" : path));
        if (found.empty()) {
            std::puts(wanted == nullptr ? "SLIPWAY-SKIPPED-PART: helm and kubectl"
                                        : "SLIPWAY-ABSENT-PART: helm and kubectl of $SLIPWAY_TOOLS");
        }
        return found;
    }();
    return kFound;
}

bool eventually(const std::function<bool()>& condition, int timeout_ms) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

int join(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

void kill_and_join(pid_t pid) {
    ::kill(pid, SIGKILL);
    join(pid);
}

ClusterWorld::ClusterWorld() {
    std::string pattern = (fs::temp_directory_path() / "slipway-cluster-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    write_text(root_ + "/kubeconfig", server.kubeconfig());
}

ClusterWorld::~ClusterWorld() {
    std::error_code code;
    fs::remove_all(root_, code);
}

void ClusterWorld::write_chart(const std::vector<std::pair<std::string, std::string>>& templates,
                               const std::string& values) const {
    std::error_code code;
    fs::remove_all(root_ + "/chart", code);
    write_text(root_ + "/chart/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 1.0.0\n");
    write_text(root_ + "/chart/values.yaml", values);
    for (const auto& [name, text] : templates) {
        write_text(root_ + "/chart/" + (name.find('/') == name.npos ? "templates/" : "") + name, text);
    }
}

json::object ClusterWorld::helm_input(const std::string& mode) const {
    return {{"release", "web"}, {"namespace", "default"},     {"mode", mode},
            {"wait", false},    {"source", root_ + "/chart"}, {"timeout_ms", 20'000}};
}

Call ClusterWorld::call(const std::string& kind, const std::string& how, const json::object& input) {
    Call call;
    call.root = root_;
    call.kind = kind;
    call.how = how;
    call.input = json::serialize(input);
    call.fence = ++fence_;
    call.round = std::to_string(++round_);
    call.tool_dir = cluster_tools();
    return call;
}

Verdict ClusterWorld::plan(const std::string& kind, const json::object& input) {
    return carry_out(call(kind, "start", input));
}

json::object ClusterWorld::planned(const std::string& kind, const json::object& input) {
    const auto verdict = plan(kind, input);
    REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
    return output(verdict);
}

namespace {

std::string family_of(const json::object& input) {
    return input.contains("release") ? "helm" : "manifest";
}

json::object with_plan(const json::object& input, const json::object& plan) {
    auto whole = input;
    whole["plan"] = plan;
    return whole;
}

}  // namespace

Verdict ClusterWorld::apply(const json::object& input, const json::object& plan) {
    last = call(family_of(input) + ".apply", "start", with_plan(input, plan));
    return carry_out(last);
}

Verdict ClusterWorld::plan_and_apply(const json::object& input) {
    return apply(input, planned(family_of(input) + ".plan", input));
}

pid_t ClusterWorld::spawn_apply(const json::object& input, const json::object& plan,
                                const std::string& crash_at) {
    last = call(family_of(input) + ".apply", "start", with_plan(input, plan));
    return spawn(last, crash_at);
}

pid_t ClusterWorld::spawn(const Call& call, const std::string& crash_at) {
    const auto input_file = root_ + "/input-" + std::to_string(call.fence);
    write_text(input_file, call.input);
    std::vector<std::string> args = {
        CLUSTER_HOST, call.root,     call.kind, call.how, std::to_string(call.fence),
        call.round,   call.tool_dir, input_file};
    std::vector<char*> argv;
    for (auto& arg : args) {
        argv.push_back(arg.data());
    }
    argv.push_back(nullptr);
    std::string crash = "SLIPWAY_CRASH_AT=" + crash_at;
    std::vector<char*> env;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        env.push_back(*variable);
    }
    env.push_back(crash.data());
    env.push_back(nullptr);
    pid_t pid = -1;
    REQUIRE(::posix_spawn(&pid, CLUSTER_HOST, nullptr, nullptr, argv.data(), env.data()) == 0);
    return pid;
}

Verdict ClusterWorld::again(const std::string& how) {
    last.how = how;
    return carry_out(last);
}

Verdict ClusterWorld::go_on(int attempts) {
    auto verdict = again("reconcile");
    for (int i = 0; i < attempts; ++i) {
        if (std::holds_alternative<StillRunning>(verdict)) {
            return again("attach");
        }
        if (!std::holds_alternative<NotStarted>(verdict)) {
            return verdict;
        }
        last.fence = ++fence_;
        verdict = again("start");
    }
    return verdict;
}

std::string ClusterWorld::run_dir(const std::string& run) const {
    return root_ + "/scratch/" + last.kind + "-" + last.round + "/tools-" + std::to_string(last.fence) + "/" +
           run;
}

void ClusterWorld::kill_all(pid_t host, const std::string& run) const {
    const auto inspection = process::inspect(run_dir(run));
    kill_and_join(host);
    if (!inspection || inspection->state != process::AttemptState::kRunning) {
        return;
    }
    ::kill(inspection->supervisor_pid, SIGKILL);
    ::kill(inspection->child_pid, SIGKILL);
    CHECK(eventually([&] {
        const auto now = process::inspect(run_dir(run));
        return now && now->state != process::AttemptState::kRunning;
    }));
}

void ClusterWorld::kill_everything(pid_t host) const {
    kill_and_join(host);
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(fs::path(run_dir()).parent_path(), code)) {
        const auto seen = process::inspect(entry.path().string());
        if (seen && seen->state == process::AttemptState::kRunning) {
            ::kill(seen->supervisor_pid, SIGKILL);
            ::kill(seen->child_pid, SIGKILL);
            CHECK(eventually([&] {
                const auto now = process::inspect(entry.path().string());
                return now && now->state != process::AttemptState::kRunning;
            }));
        }
    }
}

namespace {

template <class T>
const T* outcome_as(const Verdict& verdict) {
    const auto* finished = std::get_if<Finished>(&verdict);
    return finished == nullptr ? nullptr : std::get_if<T>(&finished->outcome);
}

}  // namespace

const Succeeded* succeeded(const Verdict& verdict) {
    return outcome_as<Succeeded>(verdict);
}
const Failed* failure_in(const Verdict& verdict) {
    return outcome_as<Failed>(verdict);
}
const Redo* redo(const Verdict& verdict) {
    return outcome_as<Redo>(verdict);
}
const InDoubt* in_doubt(const Verdict& verdict) {
    const auto* direct = std::get_if<InDoubt>(&verdict);
    return direct != nullptr ? direct : outcome_as<InDoubt>(verdict);
}
json::object output(const Verdict& verdict) {
    const auto* done = succeeded(verdict);
    return done == nullptr ? json::object() : json::parse(done->output.bytes).as_object();
}

std::string show(const Verdict& verdict) {
    if (const auto* done = succeeded(verdict)) {
        return "succeeded " + done->output.bytes;
    }
    if (const auto* failed = failure_in(verdict)) {
        return "failed (" + std::string(to_string(failed->failure.failure_class)) + ") " +
               failed->failure.message + " | " + failed->failure.detail;
    }
    if (const auto* doubt = in_doubt(verdict)) {
        return "in doubt: " + doubt->why + " " + doubt->evidence.bytes;
    }
    if (const auto* again = redo(verdict)) {
        return "redo: " + again->why;
    }
    if (const auto* partial = std::get_if<Partial>(&verdict)) {
        return "partial: " + partial->why;
    }
    return std::holds_alternative<NotStarted>(verdict) ? "not started" : "still running";
}

}  // namespace slipway::test
