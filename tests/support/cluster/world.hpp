// A cluster for tests (the stand-in), a folder, charts, and hosts that can be killed.
#pragma once

#include <doctest/doctest.h>
#include <sys/types.h>

#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/api_server/api_server.hpp"
#include "tests/support/cluster/context.hpp"

namespace slipway::test {

/// Folder with helm and kubectl: $SLIPWAY_TOOLS, else out/tools/bin or PATH; empty, with the line that counts
/// as a part left out, where there is none.
std::string cluster_tools();

class ClusterWorld {
public:
    ClusterWorld();
    ~ClusterWorld();
    ClusterWorld(const ClusterWorld&) = delete;
    ClusterWorld& operator=(const ClusterWorld&) = delete;

    std::string operator/(const std::string& name) const { return root_ + "/" + name; }
    ApiServer server;

    // --- charts: "chart" is the folder of the one that tests write
    void write_chart(const std::vector<std::pair<std::string, std::string>>& templates,
                     const std::string& values = "{}\n") const;
    json::object helm_input(const std::string& mode = "apply") const;

    // --- steps
    Call call(const std::string& kind, const std::string& how, const json::object& input);
    Verdict plan(const std::string& kind, const json::object& input);
    /// Its output; fails the test when the plan did not succeed.
    json::object planned(const std::string& kind, const json::object& input);
    /// Starts an apply of `plan` in this process; a new round.
    Verdict apply(const json::object& input, const json::object& plan);
    Verdict plan_and_apply(const json::object& input);
    /// A host of its own for it; the attempt is `last`.
    pid_t spawn_apply(const json::object& input, const json::object& plan, const std::string& crash_at = {});
    /// In this process, of the attempt in `last`.
    Verdict again(const std::string& how);
    /// Follows the attempt in `last` to its end as an engine would: reconcile, then attach or the next
    /// attempt of the same round, at most `attempts` of them.
    Verdict go_on(int attempts = 3);

    /// Folder of the run with the effect, of `last`; it exists once the run was prepared.
    std::string run_dir(const std::string& run = "apply") const;
    /// SIGKILL to the host, the supervisor and the tool.
    void kill_all(pid_t host, const std::string& run = "apply") const;
    /// The same with every run of the attempt, whichever is live.
    void kill_everything(pid_t host) const;

    Call last;

private:
    pid_t spawn(const Call& call, const std::string& crash_at);
    std::string root_;
    std::uint64_t fence_ = 0;
    int round_ = 0;
    json::object last_input_;
};

bool eventually(const std::function<bool()>& condition, int timeout_ms = 20'000);
int join(pid_t pid);
void kill_and_join(pid_t pid);

const Succeeded* succeeded(const Verdict& verdict);
const Failed* failure_in(const Verdict& verdict);
const InDoubt* in_doubt(const Verdict& verdict);
const Redo* redo(const Verdict& verdict);
json::object output(const Verdict& verdict);
std::string show(const Verdict& verdict);

}  // namespace slipway::test

#define SKIP_WITHOUT_CLUSTER_TOOLS()              \
    if (slipway::test::cluster_tools().empty()) { \
        return;                                   \
    }
