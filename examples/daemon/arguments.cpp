#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <ostream>

#include "slipway/lifecycle/report.hpp"

namespace host {

namespace {

std::string path_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name() : path_of(*app.get_parent()) + " " + app.get_name();
}

/// The command that was reached before something was wrong.
const CLI::App& reached(const CLI::App& app) {
    const auto below = app.get_subcommands();
    return below.empty() ? app : reached(*below.back());
}

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* one : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(one->get_name());
    }
    return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* one : app.get_options([](const CLI::Option*) { return true; })) {
        for (const auto& name : one->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    if (app.get_parent() != nullptr) {
        const auto above = options_of(*app.get_parent());
        names.insert(names.end(), above.begin(), above.end());
    }
    return names;
}

struct Words {
    std::string message;
    std::string next;
};

std::string either(const std::string& first, const std::string& otherwise) {
    return first.empty() ? otherwise : first + " " + otherwise;
}

Words words_of(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& at = reached(app);
    const std::string help = path_of(at) + " --help";
    std::string option;
    std::string word;
    for (const auto& one : app.remaining(true)) {
        if (std::string& place = one.size() > 1 && one.front() == '-' ? option : word; place.empty()) {
            place = one;
        }
    }
    if (at.get_require_subcommand_min() > 0 && option.empty()) {
        const std::string list = help + " lists the commands";
        if (word.empty()) {
            return {"a command is missing", list};
        }
        const std::string below = at.get_parent() == nullptr ? "" : path_of(at) + ": ";
        return {below + "there is no command \"" + word + "\"",
                either(slipway::lifecycle::did_you_mean(word, commands_of(at)), list)};
    }
    const std::string shows = help + " shows what it takes";
    const std::string name = option.substr(0, option.find('='));
    if (!option.empty()) {
        return {path_of(at) + ": there is no option " + name,
                either(slipway::lifecycle::did_you_mean(name, options_of(at)), shows)};
    }
    if (!word.empty()) {
        return {path_of(at) + ": one argument too many: \"" + word + "\"", shows};
    }
    return {path_of(at) + ": " + error.what(), shows};
}

std::string root_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name() : root_of(*app.get_parent());
}

}  // namespace

std::optional<int> parse_arguments(CLI::App& app, int argc, const char* const* argv, std::ostream& out,
                                   std::ostream& err) {
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::Success& wanted) {
        app.exit(wanted, out, err);
        return kDone;
    } catch (const CLI::ParseError& error) {
        const auto [message, next] = words_of(app, error);
        err << root_of(app) << ": " << message << "\n  next: " << next << "\n";
    } catch (const std::exception& error) {
        err << root_of(app) << ": " << error.what() << "\n  next: " << path_of(app) << " --help\n";
    }
    return kNotAsked;
}

int run_guarded(const char* program, const std::function<int()>& body, std::ostream& err) {
    try {
        return body();
    } catch (const std::exception& error) {
        err << program << ": this was not expected: " << error.what()
            << "\n  next: look at what it names; what was acknowledged before is kept\n";
    }
    return kNotAsked;
}

}  // namespace host
