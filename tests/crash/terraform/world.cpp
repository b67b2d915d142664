#include "tests/crash/terraform/world.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

#include "slipway/steps/process.hpp"
#include "steps/terraform/outcome.hpp"
#include "steps/terraform/settle.hpp"
#include "steps/terraform/shop.hpp"

extern char** environ;

namespace kit {

namespace fs = std::filesystem;

bool has_terraform() {
    static const bool kFound = [] {
        const bool found = find_terraform({}, "1.11.0").has_value();
        if (!found) {
            MESSAGE("SLIPWAY-SKIPPED-PART: terraform");
            std::puts("SLIPWAY-SKIPPED-PART: terraform");
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

World::World() : supervisor(SLIPWAY_SUPERVISE_FILE) {
    std::string name = "/tmp/slipway-terraform-XXXXXX";
    root_ = ::mkdtemp(name.data());
    for (const auto* folder : {"module", "closed", "waiting", "scratch"}) {
        fs::create_directories(root_ + "/" + folder);
    }
}

World::~World() {
    std::error_code ignored;
    for (const auto* place : {"/scratch", "/states/.attempts"}) {
        for (const auto& kind : fs::directory_iterator(root_ + place, ignored)) {
            for (const auto& attempt : fs::directory_iterator(kind, ignored)) {
                terraform::fence_all(attempt.path());
            }
        }
    }
    fs::remove_all(root_, ignored);
}

void World::write_module(const std::string& text) const {
    write(root_ + "/module/main.tf", text);
}

namespace {

std::string gated(const std::string& root, const std::string& name) {
    return "touch " + root + "/waiting/" + name + "; while [ -e " + root + "/closed/" + name +
           " ]; do sleep 0.02; done; echo " + name + " >> " + root + "/effects";
}

}  // namespace

std::string World::resource(const std::string& name, const std::string& after,
                            const std::string& also) const {
    return "resource \"terraform_data\" \"" + name + "\" {\n  input = \"" + name + "\"\n" +
           (after.empty() ? "" : "  depends_on = [terraform_data." + after + "]\n") +
           "  provisioner \"local-exec\" {\n    command = \"" + gated(root_, name) + "\"\n  }\n" + also +
           "}\n";
}

std::string World::destroy_provisioner(const std::string& name) const {
    return "  provisioner \"local-exec\" {\n    when = destroy\n    command = \"" + gated(root_, name) +
           "\"\n  }\n";
}

std::string World::chain() const {
    return resource("a") + resource("b", "a") + resource("c", "b") +
           "output \"last\" {\n  value = terraform_data.c.output\n}\n";
}

void World::close_gate(const std::string& name) const {
    write(root_ + "/closed/" + name, "");
}
void World::open_gate(const std::string& name) const {
    fs::remove(root_ + "/closed/" + name);
}
bool World::reached(const std::string& name) const {
    return eventually([&] { return fs::exists(root_ + "/waiting/" + name); });
}

int World::effects(const std::string& name) const {
    std::istringstream in(read(root_ + "/effects"));
    int count = 0;
    for (std::string line; std::getline(in, line);) {
        count += line == name ? 1 : 0;
    }
    return count;
}

json::object World::input(const std::string& mode) const {
    return {{"source", root_ + "/module"},
            {"terraform_version", "1.11.0"},
            {"state_key", "acme/db"},
            {"mode", mode}};
}

Call World::call(const std::string& kind, const std::string& how, const json::object& input) {
    Call call;
    call.root = root_;
    call.kind = kind;
    call.how = how;
    call.input = json::serialize(input);
    call.fence = ++fence_;
    call.supervisor = supervisor;
    return call;
}

Verdict World::plan(const json::object& input) {
    return carry_out(call("terraform.plan", "start", input));
}

json::object World::planned(const std::string& mode) {
    const auto verdict = plan(input(mode));
    REQUIRE_MESSAGE(succeeded(verdict) != nullptr, show(verdict));
    return output(verdict);
}

json::object World::apply_input(const json::object& plan) const {
    auto whole = input(std::string(plan.at("mode").as_string()));
    whole["plan"] = plan;
    return whole;
}

Verdict World::apply(const json::object& plan) {
    last = call("terraform.apply", "start", apply_input(plan));
    return carry_out(last);
}

Verdict World::plan_and_apply(const std::string& mode) {
    return apply(planned(mode));
}

pid_t World::spawn(const Call& call, const std::string& crash_at) {
    const auto input_file = root_ + "/input-" + std::to_string(call.fence);
    write(input_file, call.input);
    std::vector<std::string> args = {
        TERRAFORM_HOST,  call.root, call.kind, call.how, std::to_string(call.fence),
        call.supervisor, input_file};
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
    REQUIRE(::posix_spawn(&pid, TERRAFORM_HOST, nullptr, nullptr, argv.data(), env.data()) == 0);
    return pid;
}

pid_t World::spawn_apply(const json::object& plan, const std::string& crash_at) {
    last = call("terraform.apply", "start", apply_input(plan));
    return spawn(last, crash_at);
}

pid_t World::hold_at(const std::string& name, const std::string& module) {
    close_gate(name);
    write_module(module);
    const auto host = spawn_apply(planned());
    REQUIRE(reached(name));
    return host;
}

json::object World::kill_at(const std::string& name, const std::string& module) {
    close_gate(name);
    write_module(module);
    auto plan = planned();
    const auto host = spawn_apply(plan);
    REQUIRE(reached(name));
    kill_all(host);
    return plan;
}

void World::prepare_held(const std::string& name) {
    close_gate(name);
    write_module(chain());
    last = call("terraform.apply", "start", apply_input(planned()));
}

void World::expect_once(const std::vector<std::string>& names) const {
    for (const auto& name : names) {
        CHECK_MESSAGE(effects(name) == 1, name);
    }
}

Verdict World::again(const std::string& how) {
    last.how = how;
    return carry_out(last);
}

void World::kill_all(pid_t host) {
    const auto inspection = process::inspect(apply_dir() + "/apply");
    REQUIRE(inspection.has_value());
    kill_and_join(host);
    ::kill(inspection->supervisor_pid, SIGKILL);
    ::kill(inspection->child_pid, SIGKILL);
    CHECK(eventually([&] {
        const auto now = process::inspect(apply_dir() + "/apply");
        return now && now->state == process::AttemptState::kCrashed;
    }));
}

std::string World::apply_dir() const {
    return root_ + "/states/.attempts/acme%2fdb/" +
           sha256(terraform::attempt_name(info_of(last))).hex().substr(0, 32);
}
std::string World::state_file() const {
    return apply_dir() + "/module/terraform.tfstate";
}

std::shared_ptr<TerraformStates> World::states() const {
    return open_terraform_states(root_ + "/states", open_file_keys(root_ + "/keys").value()).value();
}

TerraformState World::kept() const {
    return states()->load("acme/db").value().value();
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
const Failed* failure(const Verdict& verdict) {
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
json::object doubt_evidence(const Verdict& verdict) {
    const auto* doubt = in_doubt(verdict);
    return doubt == nullptr ? json::object() : json::parse(doubt->evidence.bytes).as_object();
}
std::string show(const Verdict& verdict) {
    return terraform::encode_verdict(verdict);
}

}  // namespace kit
