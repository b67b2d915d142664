// The commands, grouped as `slipway --help` shows them. Each adds itself to the app; what was asked for runs
// after parsing.
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "client.hpp"

namespace cli {

struct Commands {
    CLI::App& app;
    Session& session;
    std::function<int()>& chosen;
};

void add_local_commands(Commands commands);      ///< validate, plan: no daemon needed
void add_schema_command(Commands commands);      ///< schema: no daemon needed
void add_install_commands(Commands commands);    ///< sync, apps, create, installs, set, state, start, forget
void add_version_commands(Commands commands);    ///< compare
void add_run_commands(Commands commands);        ///< list, show, watch, explain, diff, history, logs
void add_act_commands(Commands commands);        ///< approve, deny, retry, …
void add_build_command(Commands commands);       ///< build: no daemon needed
void add_store_commands(Commands commands);      ///< store check, store repair: no daemon needed
void add_terraform_commands(Commands commands);  ///< terraform release, terraform forget-repairs

}  // namespace cli
