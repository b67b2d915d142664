// The commands, grouped as `slipway --help` shows them. Each adds itself to the app; what was asked for runs
// after parsing.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

#include "client.hpp"

namespace cli {

struct Commands {
    CLI::App& app;
    Session& session;
    std::function<int()>& chosen;
};

void add_local_commands(Commands commands);     ///< validate, plan: no daemon needed
void add_schema_command(Commands commands);     ///< schema: no daemon needed
void add_sync_command(Commands commands);       ///< sync
void add_install_commands(Commands commands);   ///< apps, create, installs, set, state, start, forget
void add_version_commands(Commands commands);   ///< compare
void add_run_commands(Commands commands);       ///< list, show, watch, explain, diff, history, logs
void add_act_commands(Commands commands);       ///< approve, deny, retry, …
void add_build_command(Commands commands);      ///< build: no daemon needed
void add_standing_commands(Commands commands);  ///< builds, collect
void add_store_commands(Commands commands);     ///< store check, store repair: no daemon needed
void add_backup_commands(CLI::App& store, Commands commands);  ///< store backup, store restore
void add_key_commands(Commands commands);                      ///< keys rotate, keys status
void add_terraform_commands(Commands commands);  ///< terraform release, terraform forget-repairs

/// A line for each change of a run until it is over. 0: it succeeded; 1: it ended otherwise; 3: it waits for
/// somebody, with `until_waiting`.
/// `quiet`: prints nothing, the exit code tells it.
int watch_run(const Session& session, const std::string& run, bool until_waiting, bool quiet = false);

struct BuildOfDaemon {
    std::string app;
    std::string version;  ///< the beginning of its digest; empty: the newest
    std::vector<std::string> components;
    std::string push_to;
    bool rebuild = false;
    bool explain = false;
    bool wait = true;
};
/// Builds a version that the daemon has synced. 0: all of it is built; 1: something is not.
int build_synced(const Session& session, const BuildOfDaemon& wanted);
/// What the daemon says of a build that it was asked for.
void print_builds(const json::value& answer);
/// Follows the run that such an answer names, if there is one. As build_synced().
int wait_for_build(const Session& session, const json::value& answer, bool wait);

}  // namespace cli
