// A small world for Terraform tests: a module whose resources have real effects (a line each in an
// append-only file, held back by a gate as long as the test wants), kept states, and hosts that can be
// killed.
#pragma once

#include <doctest/doctest.h>
#include <sys/types.h>

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/crash/terraform/fake_context.hpp"

namespace kit {

namespace json = boost::json;
using namespace slipway;

/// False, with the line that counts as a skipped part, where there is no terraform.
bool has_terraform();

class World {
public:
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::string operator/(const std::string& name) const { return root_ + "/" + name; }

    // --- the module
    void write_module(const std::string& text) const;
    /// A resource with a provisioner that waits while its gate is closed, then has its effect.
    std::string resource(const std::string& name, const std::string& after = {},
                         const std::string& also = {}) const;
    std::string destroy_provisioner(const std::string& name) const;
    /// a <- b <- c, each with an effect.
    std::string chain() const;

    void close_gate(const std::string& name) const;
    void open_gate(const std::string& name) const;
    /// True once the provisioner stands before its closed gate.
    bool reached(const std::string& name) const;
    int effects(const std::string& name) const;
    void expect_once(const std::vector<std::string>& names) const;

    // --- steps
    json::object input(const std::string& mode = "apply") const;
    Verdict plan(const json::object& input);
    /// Its output; fails the test when the plan did not succeed.
    json::object planned(const std::string& mode = "apply");
    Call call(const std::string& kind, const std::string& how, const json::object& input);
    json::object apply_input(const json::object& plan) const;
    /// Plans and starts an apply in this process.
    Verdict apply(const json::object& plan);
    Verdict plan_and_apply(const std::string& mode = "apply");

    /// A host of its own for an apply of `plan`; the attempt is `last`.
    pid_t spawn_apply(const json::object& plan, const std::string& crash_at = {});
    pid_t spawn(const Call& call, const std::string& crash_at = {});
    /// In this process, of the attempt in `last`.
    Verdict again(const std::string& how);

    /// `module` with the gate of `name` closed, and an apply of it that has come there; its host.
    pid_t hold_at(const std::string& name, const std::string& module);
    /// The same, killed with everything; the plan that was being applied.
    json::object kill_at(const std::string& name, const std::string& module);
    /// An apply of chain() that will be held at `name`, in `last`.
    void prepare_held(const std::string& name);

    /// SIGKILL to the host, the supervisor and Terraform, but not to what Terraform started.
    void kill_all(pid_t host);
    std::string apply_dir() const;  ///< of the last apply
    std::string state_file() const;
    TerraformState kept() const;
    std::shared_ptr<TerraformStates> states() const;

    Call last;
    std::string supervisor;

private:
    std::string root_;
    std::uint64_t fence_ = 0;
};

bool eventually(const std::function<bool()>& condition, int timeout_ms = 20'000);
/// Waits for a child; its wait status.
int join(pid_t pid);
void kill_and_join(pid_t pid);

// --- verdicts
const Succeeded* succeeded(const Verdict& verdict);
const Failed* failure(const Verdict& verdict);
const InDoubt* in_doubt(const Verdict& verdict);
const Redo* redo(const Verdict& verdict);
json::object output(const Verdict& verdict);
json::object doubt_evidence(const Verdict& verdict);
std::string show(const Verdict& verdict);

}  // namespace kit

#define SKIP_WITHOUT_TERRAFORM() \
    if (!kit::has_terraform()) { \
        return;                  \
    }
