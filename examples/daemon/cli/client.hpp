// The command line's line to the daemon, and how it tells people what went wrong.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>

#include "slipway/gate.hpp"
#include "slipway/result.hpp"

namespace cli {

namespace json = boost::json;

struct Session {
    std::string socket;
    slipway::Principal who;
    bool as_json = false;

    slipway::Result<json::value> get(const std::string& target) const;
    /// All events of a run, page by page.
    slipway::Result<json::array> history(const std::string& run) const;
    /// All runs that fit a query such as "unfinished=1".
    slipway::Result<json::array> runs(const std::string& query) const;
    slipway::Result<json::value> send(const std::string& method, const std::string& target,
                                      const json::object& body) const;
};

/// Prints the error and what to do next to stderr; the exit code.
int fail(const slipway::Error& error);
/// Escapes what a terminal would act on; lines stay lines.
std::string for_terminal(std::string_view text);
/// The same for arguments that make no sense; the exit code of wrong arguments.
int fail_arguments(const slipway::Error& error);
/// From here on errors are also printed to stdout, as {"error": …}, the way the daemon answers them.
void errors_as_json(bool on);
/// Prints an answer as JSON; 0.
int print_json(const json::value& value);

/// How most commands end: the error, or the answer as JSON or as `print` shows it; the exit code.
int finish(const Session& session, const slipway::Result<json::value>& answer,
           const std::function<void(const json::value&)>& print);

/// Lines NAME=VALUE of a file, or of standard input when it is "-": the place for what no argument list may
/// show.
slipway::Result<void> read_pairs(const std::string& file, json::object& into);
/// "a=b" pairs.
slipway::Result<json::object> pairs(const std::vector<std::string>& list, const char* what);

// Reading answers without ceremony: empty or 0 when a member is missing or of another type.
std::string text(const json::value& object, std::string_view key);
std::int64_t number(const json::value& object, std::string_view key);
const json::array& list(const json::value& object, std::string_view key);
const json::value& member(const json::value& object, std::string_view key);

}  // namespace cli
