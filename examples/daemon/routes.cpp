#include "routes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "json_view.hpp"
#include "log.hpp"

namespace host {

using namespace slipway;

namespace {

constexpr std::uint64_t kNumberMax = 1ULL << 53U;

/// A query parameter that is a number; anything else in its place is an error that names it.
Result<std::uint64_t> number(const HttpRequest& request, const std::string& key, std::uint64_t fallback) {
    const auto it = request.query.find(key);
    if (it == request.query.end()) {
        return fallback;
    }
    std::uint64_t value = 0;
    const std::string& digits = it->second;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || code != std::errc{} || end != digits.data() + digits.size() || value > kNumberMax) {
        return usage_error(
            ErrorCode::kInvalidArgument,
            "query parameter \"" + key + "\" is not a number from 0 to 2^53: \"" + digits + "\"");
    }
    return value;
}

Result<void> only_parameters(const HttpRequest& request, std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : request.query) {
        if (std::find(known.begin(), known.end(), std::string_view(key)) == known.end()) {
            std::string list;
            for (const auto one : known) {
                list += (list.empty() ? "known: " : ", ") + std::string(one);
            }
            return usage_error(ErrorCode::kInvalidArgument, "unknown query parameter \"" + key + "\"",
                               list.empty() ? "this route takes none" : list);
        }
    }
    return {};
}

std::string text(const HttpRequest& request, const std::string& key) {
    const auto it = request.query.find(key);
    return it == request.query.end() ? std::string() : it->second;
}

Result<json::object> body_of(const HttpRequest& request) {
    if (request.body.empty()) {
        return json::object{};
    }
    boost::system::error_code code;
    json::value value = json::parse(request.body, code);
    if (code) {
        return usage_error(ErrorCode::kInvalidArgument, "the request's body is not JSON: " + code.message());
    }
    if (!value.is_object()) {
        return usage_error(ErrorCode::kInvalidArgument, "the request's body is not a JSON object");
    }
    return std::move(value.as_object());
}

Json no_route(const HttpRequest& request) {
    std::string path;
    for (const auto& segment : request.path) {
        path += "/" + segment;
    }
    return usage_error(ErrorCode::kNotFound, "there is nothing at " + request.method + " " + path,
                       "examples/daemon/README.md lists what there is");
}

Json install_route(ControlPlane& plane, const HttpRequest& request, const json::object& body) {
    const std::string& name = request.path[2];
    const std::string what = request.path.size() > 3 ? request.path[3] : "";
    const bool get = request.method == "GET";
    if (request.path.size() > 4) {
        return no_route(request);
    }
    if (what != "terraform") {
        SLIPWAY_CHECK(only_parameters(request, {}));
    }
    if (what.empty()) {
        return get                          ? plane.install(name)
               : request.method == "DELETE" ? plane.forget(name, request.who)
                                            : no_route(request);
    }
    if (get && what == "state") {
        return plane.install_state(name);
    }
    if (get && what == "history") {
        return plane.install_history(name);
    }
    if (get && what == "builds") {
        return plane.builds(name);
    }
    if (get && what == "readme") {
        return plane.readme(name);
    }
    if (request.method == "PATCH" && what == "version") {
        return plane.set_version(name, body, request.who);
    }
    if (request.method == "PATCH" && what == "settings") {
        return plane.set_settings(name, body, request.who);
    }
    if (request.method == "PATCH" && what == "inputs") {
        return plane.update_inputs(name, body, request.who);
    }
    if (what == "terraform") {
        SLIPWAY_CHECK(only_parameters(request, {"part"}));
        return get                        ? plane.terraform(name, text(request, "part"))
               : request.method == "POST" ? plane.act_on_terraform(name, body, request.who)
                                          : no_route(request);
    }
    if (request.method == "POST" && what == "runs") {
        return plane.start_run(name, body, request.who);
    }
    if (request.method == "POST" && what == "preview") {
        return plane.preview(name, body);
    }
    if (request.method == "POST" && what == "approve_all") {
        return plane.approve_all_of_install(name, body, request.who);
    }
    return no_route(request);
}

Json run_route(ControlPlane& plane, const HttpRequest& request, const json::object& body) {
    const std::string& id = request.path[2];
    const std::string what = request.path.size() > 3 ? request.path[3] : "";
    if (request.method == "POST" && what == "act" && request.path.size() == 4) {
        SLIPWAY_CHECK(only_parameters(request, {}));
        return plane.act(id, body, request.who);
    }
    if (request.method != "GET") {
        return no_route(request);
    }
    if (what == "gates" && request.path.size() == 5) {
        SLIPWAY_CHECK(only_parameters(request, {}));
        return plane.gate(id, request.path[4]);
    }
    if (request.path.size() > 4) {
        return no_route(request);
    }
    if (what.empty()) {
        SLIPWAY_CHECK(only_parameters(request, {}));
        return plane.run(id);
    }
    if (what == "explain") {
        SLIPWAY_CHECK(only_parameters(request, {"step"}));
        return plane.explain(id, text(request, "step"));
    }
    if (what == "logs") {
        SLIPWAY_CHECK(only_parameters(request, {"step", "offset"}));
        SLIPWAY_TRY(const auto offset, number(request, "offset", 0));
        return plane.logs(id, text(request, "step"), offset);
    }
    if (what == "history") {
        SLIPWAY_CHECK(only_parameters(request, {"from"}));
        SLIPWAY_TRY(const auto from, number(request, "from", 1));
        return plane.history(id, from);
    }
    if (what == "watch") {
        SLIPWAY_CHECK(only_parameters(request, {"seen", "wait_ms"}));
        SLIPWAY_TRY(const auto seen, number(request, "seen", 0));
        SLIPWAY_TRY(const auto wait_ms, number(request, "wait_ms", 10'000));
        return plane.watch(id, seen, static_cast<DurationMs>(wait_ms));
    }
    return no_route(request);
}

Json dispatch(ControlPlane& plane, const HttpRequest& request) {
    SLIPWAY_TRY(const auto body, body_of(request));
    if (request.path.size() < 2 || request.path[0] != "v1") {
        return no_route(request);
    }
    const std::string& room = request.path[1];
    const bool get = request.method == "GET";
    const bool post = request.method == "POST";
    if (room != "installs" && room != "runs") {
        SLIPWAY_CHECK(only_parameters(request, {}));
    }
    if (request.path.size() == 2) {
        if (get && room == "health") {
            return plane.health();
        }
        if (get && room == "apps") {
            return plane.apps();
        }
        if (get && room == "installs") {
            SLIPWAY_CHECK(only_parameters(request, {}));
            return plane.installs();
        }
        if (post && room == "installs") {
            return plane.create_install(body, request.who);
        }
        if (get && room == "runs") {
            return plane.runs(request.query);
        }
        return no_route(request);
    }
    if (post && room == "apps" && request.path.size() == 3 && request.path[2] == "sync") {
        return plane.sync(body, request.who);
    }
    if (post && room == "apps" && request.path.size() == 3 && request.path[2] == "compare") {
        return plane.compare(body);
    }
    if (post && room == "apps" && request.path.size() == 4 && request.path[3] == "build") {
        return plane.build(request.path[2], body, request.who);
    }
    if (post && room == "artifacts" && request.path.size() == 3 && request.path[2] == "collect") {
        return plane.collect_artifacts(body);
    }
    if (post && room == "store" && request.path.size() == 3 && request.path[2] == "backup") {
        return plane.backup(body);
    }
    if (get && room == "store" && request.path.size() == 3 && request.path[2] == "keys") {
        return plane.reseal();
    }
    if (room == "installs") {
        return install_route(plane, request, body);
    }
    if (room == "runs") {
        return run_route(plane, request, body);
    }
    return no_route(request);
}

}  // namespace

namespace {

/// Who asked for what: the names of an act alone, never what a body holds beside them.
std::string asked(const HttpRequest& request) {
    std::string out = request.who.name + " " + request.method + " ";
    for (const auto& segment : request.path) {
        out += "/" + segment;
    }
    const auto body = body_of(request);
    for (const char* key : {"act", "decision", "step", "workflow"}) {
        const auto* value = body ? body->if_contains(key) : nullptr;
        if (value != nullptr && value->is_string()) {
            out += std::string(" ") + key + "=" + std::string(value->as_string());
        }
    }
    return out;
}

void log_answer(const HttpRequest& request, const Json& answer) {
    const bool asks = request.method == "GET";
    if (answer) {
        if (!asks) {
            log_line(LogAs::kInfo, asked(request) + ": done");
        }
        return;
    }
    const bool broken = http_status(answer.error()) >= 500;
    if (broken || !asks) {
        log_line(broken ? LogAs::kError : LogAs::kWarning,
                 asked(request) + ": " + (broken ? "failed: " : "refused: ") + answer.error().message);
    }
}

}  // namespace

HttpResponse route(ControlPlane& plane, const HttpRequest& request) {
    Json answer = dispatch(plane, request);
    log_answer(request, answer);
    if (!answer) {
        return {http_status(answer.error()), json::serialize(to_json(answer.error()))};
    }
    return {200, json::serialize(*answer)};
}

}  // namespace host
