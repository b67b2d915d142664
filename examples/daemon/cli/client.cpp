#include "client.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "arguments.hpp"
#include "http.hpp"
#include "json_view.hpp"

namespace cli {

using slipway::ErrorCode;
using slipway::Result;

namespace {

Result<json::value> call(const Session& session, const std::string& method, const std::string& target,
                         const std::string& body) {
    SLIPWAY_TRY(const auto answer,
                host::http_call(session.socket, method, target, body, session.who, 120'000));
    boost::system::error_code code;
    json::value value = json::parse(answer.body, code);
    if (code) {
        return slipway::environment_error(ErrorCode::kInternal, "the daemon's answer is not JSON");
    }
    if (answer.status >= 400) {
        return host::error_of(value);
    }
    return value;
}

}  // namespace

Result<json::value> Session::get(const std::string& target) const {
    return call(*this, "GET", target, "");
}

Result<json::value> Session::send(const std::string& method, const std::string& target,
                                  const json::object& body) const {
    return call(*this, method, target, json::serialize(body));
}

Result<json::array> Session::history(const std::string& run) const {
    json::array all;
    for (std::int64_t from = 1; from > 0;) {
        SLIPWAY_TRY(const auto page,
                    get("/v1/runs/" + host::url_encode(run) + "/history?from=" + std::to_string(from)));
        for (const auto& event : list(page, "events")) {
            all.push_back(event);
        }
        from = number(page, "next");
    }
    return all;
}

Result<json::array> Session::runs(const std::string& query) const {
    json::array all;
    for (std::string after;;) {
        SLIPWAY_TRY(const auto page,
                    get("/v1/runs?" + query + (after.empty() ? "" : "&after=" + host::url_encode(after))));
        for (const auto& run : list(page, "runs")) {
            all.push_back(run);
        }
        after = text(page, "after");
        if (after.empty()) {
            return all;
        }
    }
}

namespace {

bool json_errors = false;

}  // namespace

void errors_as_json(bool on) {
    json_errors = on;
}

std::string for_terminal(std::string_view text) {
    std::string out;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        out += slipway::printable(text.substr(0, end)) + "\n";
        text.remove_prefix(end + 1);
    }
    return out + slipway::printable(text);
}

int fail(const slipway::Error& error) {
    if (json_errors) {
        print_json(host::to_json(error));
    }
    std::fprintf(stderr, "slipway: %s\n", for_terminal(error.message).c_str());
    if (!error.hint.empty()) {
        std::fprintf(stderr, "  next: %s\n", for_terminal(error.hint).c_str());
    }
    return error.error_class == slipway::ErrorClass::kEnvironment ? host::kNotAsked : host::kFailed;
}

int fail_arguments(const slipway::Error& error) {
    (void)fail(error);
    return host::kNotAsked;
}

int print_json(const json::value& value) {
    std::printf("%s\n", json::serialize(value).c_str());
    return 0;
}

int finish(const Session& session, const Result<json::value>& answer,
           const std::function<void(const json::value&)>& print) {
    if (!answer) {
        return fail(answer.error());
    }
    if (session.as_json) {
        return print_json(*answer);
    }
    print(*answer);
    return 0;
}

Result<json::object> pairs(const std::vector<std::string>& list, const char* what) {
    json::object out;
    for (const auto& one : list) {
        const auto equals = one.find('=');
        if (equals == std::string::npos || equals == 0) {
            return slipway::usage_error(ErrorCode::kInvalidArgument,
                                        std::string(what) + " wants NAME=VALUE, not \"" + one + "\"");
        }
        out[one.substr(0, equals)] = one.substr(equals + 1);
    }
    return out;
}

Result<void> read_pairs(const std::string& file, json::object& into) {
    std::ifstream opened;
    if (file != "-") {
        opened.open(file);
        if (!opened) {
            return slipway::usage_error(ErrorCode::kNotFound, "cannot read " + file,
                                        "a file of NAME=VALUE lines, or - for standard input");
        }
    }
    std::istream& lines = file == "-" ? std::cin : opened;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const auto equals = line.find('=');
        if (equals == std::string::npos || equals == 0) {
            return slipway::usage_error(ErrorCode::kInvalidArgument,
                                        file + ":" + std::to_string(number) + ": a line must be NAME=VALUE",
                                        "lines that begin with # are comments");
        }
        into[line.substr(0, equals)] = line.substr(equals + 1);
    }
    return {};
}

const json::value& member(const json::value& object, std::string_view key) {
    static const json::value kNothing;
    if (!object.is_object()) {
        return kNothing;
    }
    const auto* value = object.as_object().if_contains(key);
    return value == nullptr ? kNothing : *value;
}

std::string text(const json::value& object, std::string_view key) {
    const auto& value = member(object, key);
    return value.is_string() ? std::string(value.as_string()) : std::string();
}

std::int64_t number(const json::value& object, std::string_view key) {
    const auto& value = member(object, key);
    if (value.is_int64()) {
        return value.as_int64();
    }
    return value.is_uint64() ? static_cast<std::int64_t>(value.as_uint64()) : 0;
}

const json::array& list(const json::value& object, std::string_view key) {
    static const json::array kNone;
    const auto& value = member(object, key);
    return value.is_array() ? value.as_array() : kNone;
}

}  // namespace cli
