// A host in small: registry, engine on a memory store, simulated steps. It can be stopped at any instant and
// opened again.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "slipway/engine.hpp"
#include "slipway/lifecycle/generate.hpp"
#include "slipway/lifecycle/install.hpp"
#include "slipway/steps/simulate.hpp"

namespace host_test {

using namespace slipway;             // NOLINT: tests only
using namespace slipway::lifecycle;  // NOLINT: tests only

class Host {
public:
    explicit Host(steps::SimulationScript script);
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    /// Everything as after kill -9, then open again. What was committed is there, what was in flight is
    /// reconciled.
    void restart();

    void sync(const std::string& app_folder);
    /// Inputs without a default get one that fits.
    std::string create(const std::string& name, const std::string& approval = "prompt");
    void start(const std::string& run, const std::string& install, Request request);
    /// Approves gate after gate until the run ends; with `restart_every`, the host restarts after so many
    /// approvals.
    RunStatus approve_to_the_end(const std::string& run, std::size_t restart_every = 0);

    InstallRegistry& registry() { return *registry_; }
    Engine& engine() { return *engine_; }
    std::vector<std::string> effects() const;  ///< "<step>@<round>" by order, from the witness
    std::size_t gates_answered() const { return gates_answered_; }

private:
    void open();

    std::string folder_;
    steps::SimulationScript script_;
    std::shared_ptr<const AppVersion> version_;
    std::unique_ptr<InstallRegistry> registry_;
    std::unique_ptr<Engine> engine_;
    std::size_t gates_answered_ = 0;
    std::shared_ptr<void> image_;
};

}  // namespace host_test
