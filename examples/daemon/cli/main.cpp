// slipway: the command line of the demo daemon.
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "arguments.hpp"
#include "commands.hpp"

namespace {

std::string user_name() {
    const passwd* entry = ::getpwuid(::getuid());
    return entry == nullptr ? "uid:" + std::to_string(::getuid()) : entry->pw_name;
}

std::string default_socket() {
    const char* socket = std::getenv("SLIPWAY_SOCKET");
    return socket == nullptr ? "./slipway-data/slipwayd.sock" : socket;
}

int run(int argc, char** argv) {
    CLI::App app{"slipway: packaged apps into customers' accounts, durably", "slipway"};
    app.require_subcommand(1);
    app.fallthrough();
    cli::Session session;
    session.socket = default_socket();
    session.who.name = user_name();
    app.add_option("--socket", session.socket, "the daemon's socket (or SLIPWAY_SOCKET)");
    app.add_option("--as", session.who.name, "in whose name");
    app.add_option("--role", session.who.roles, "roles to act in");
    app.add_flag("--json", session.as_json, "answers and errors as JSON");
    std::function<int()> chosen;
    const cli::Commands commands{app, session, chosen};
    cli::add_local_commands(commands);
    cli::add_schema_command(commands);
    cli::add_sync_command(commands);
    cli::add_install_commands(commands);
    cli::add_version_commands(commands);
    cli::add_run_commands(commands);
    cli::add_act_commands(commands);
    cli::add_terraform_commands(commands);
    cli::add_build_command(commands);
    cli::add_standing_commands(commands);
    cli::add_store_commands(commands);
    cli::add_key_commands(commands);
    if (const auto over = host::parse_arguments(app, argc, argv, std::cout, std::cerr)) {
        return *over;
    }
    cli::errors_as_json(session.as_json);
    return chosen ? chosen() : host::kNotAsked;
}

}  // namespace

int main(int argc, char** argv) {
    return host::run_guarded(
        "slipway", [&] { return run(argc, argv); }, std::cerr);
}
