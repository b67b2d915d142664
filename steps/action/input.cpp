#include "steps/action/input.hpp"

#include <boost/json.hpp>

namespace slipway::action {
namespace {

namespace json = boost::json;

Error bad(const std::string& where, const std::string& what) {
    return authoring_error("action input: " + where + " " + what);
}

Result<std::string> text_of(const json::object& object, std::string_view key, const std::string& where) {
    const auto* v = object.if_contains(key);
    if (v == nullptr || v->is_null()) {
        return std::string();
    }
    if (!v->is_string()) {
        return bad(where + "." + std::string(key), "is not a string");
    }
    std::string text(v->get_string().data(), v->get_string().size());
    if (text.find('\0') != std::string::npos) {
        return bad(where + "." + std::string(key), "holds a NUL byte");
    }
    return text;
}

Result<EnvValue> env_value(const json::value& value, const std::string& where) {
    if (value.is_object()) {
        const json::object& object = value.get_object();
        if (object.size() != 1 || !object.contains("$secret")) {
            return bad(where, "is neither a value nor {\"$secret\": reference}");
        }
        SLIPWAY_TRY(auto reference, text_of(object, "$secret", where));
        return EnvValue{std::move(reference), true};
    }
    if (value.is_array()) {
        return bad(where, "is an array");
    }
    if (value.is_null()) {
        return EnvValue{};
    }
    std::string text = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
    if (text.find('\0') != std::string::npos) {
        return bad(where, "holds a NUL byte");
    }
    return EnvValue{std::move(text), false};
}

Result<void> read_env(const json::object& object, std::string_view key, const std::string& where,
                      bool secrets, EnvValues& out) {
    const auto* v = object.if_contains(key);
    if (v == nullptr || v->is_null()) {
        return {};
    }
    const std::string place = where + "." + std::string(key);
    if (!v->is_object()) {
        return bad(place, "is not an object");
    }
    for (const auto& member : v->get_object()) {
        const std::string name(member.key());
        if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos ||
            name == "SLIPWAY_FENCE") {
            return bad(place, "has a name that cannot be a variable: '" + name + "'");
        }
        SLIPWAY_TRY(auto value, env_value(member.value(), place + "." + name));
        value.is_secret = value.is_secret || secrets;
        out[name] = std::move(value);
    }
    return {};
}

bool stays_inside(const std::string& dir) {
    if (!dir.empty() && dir.front() == '/') {
        return false;
    }
    const std::string path = "/" + dir + "/";
    return path.find("/../") == std::string::npos;
}

Result<Script> read_script(const json::value& value, const std::string& where) {
    if (!value.is_object()) {
        return bad(where, "is not an object");
    }
    const json::object& object = value.get_object();
    Script script;
    SLIPWAY_TRY(script.name, text_of(object, "name", where));
    SLIPWAY_TRY(script.command, text_of(object, "command", where));
    SLIPWAY_TRY(script.contents, text_of(object, "inline_contents", where));
    SLIPWAY_TRY(script.source, text_of(object, "source", where));
    SLIPWAY_TRY(script.dir, text_of(object, "dir", where));
    SLIPWAY_CHECK(read_env(object, "env", where, false, script.env));
    if (script.name.empty()) {
        return bad(where + ".name", "is missing");
    }
    if (script.contents.empty() && script.command.find_first_not_of(" \t") == std::string::npos) {
        return bad(where, "has neither command nor inline_contents");
    }
    if (!script.contents.empty() && !script.command.empty()) {
        return bad(where, "has both command and inline_contents");
    }
    if (!stays_inside(script.dir)) {
        return bad(where + ".dir", "leaves its source");
    }
    if (!script.source.empty() && script.source.front() != '/') {
        return bad(where + ".source", "is not an absolute path");
    }
    return script;
}

Result<Retry> read_retry(const json::object& object) {
    SLIPWAY_TRY(const auto text, text_of(object, "retry", "input"));
    if (text.empty() || text == "never") {
        return Retry::kNever;
    }
    if (text == "safe") {
        return Retry::kSafe;
    }
    if (text == "check") {
        return Retry::kCheck;
    }
    return bad("retry", "is '" + text + "'; known are safe, check and never");
}

Result<void> read_scripts(const json::object& object, Input& input) {
    const auto* steps = object.if_contains("steps");
    if (steps == nullptr || !steps->is_array() || steps->get_array().empty()) {
        return bad("steps", "is missing or empty");
    }
    for (const auto& step : steps->get_array()) {
        const std::string where = "steps[" + std::to_string(input.scripts.size()) + "]";
        SLIPWAY_TRY(auto script, read_script(step, where));
        for (const auto& other : input.scripts) {
            if (other.name == script.name) {
                return bad(where + ".name", "is used twice: " + script.name);
            }
        }
        input.scripts.push_back(std::move(script));
    }
    return {};
}

Result<void> read_timeout(const json::object& object, Input& input) {
    const auto* timeout = object.if_contains("timeout_ms");
    if (timeout == nullptr || timeout->is_null()) {
        return {};
    }
    constexpr DurationMs kMax = 30LL * 86'400'000;
    if (!timeout->is_int64() || timeout->get_int64() < 0 || timeout->get_int64() > kMax) {
        return bad("timeout_ms", "is not a number of milliseconds up to 30 days");
    }
    input.timeout_ms = timeout->get_int64();
    return {};
}

Result<void> read_sensitive(const json::object& object, Input& input) {
    const auto* v = object.if_contains("sensitive_values");
    if (v == nullptr || v->is_null()) {
        return {};
    }
    if (!v->is_array()) {
        return bad("sensitive_values", "is not an array");
    }
    for (const auto& value : v->get_array()) {
        if (!value.is_string()) {
            return bad("sensitive_values", "holds something that is not a text");
        }
        input.sensitive_values.emplace_back(value.get_string());
    }
    return {};
}

}  // namespace

Result<Input> parse_input(std::string_view text) {
    boost::system::error_code ec;
    const json::value value = json::parse(text, ec);
    if (ec || !value.is_object()) {
        return bad("it", "is not a JSON object");
    }
    const json::object& object = value.get_object();
    Input input;
    SLIPWAY_TRY(input.name, text_of(object, "name", "input"));
    SLIPWAY_TRY(input.check, text_of(object, "check", "input"));
    SLIPWAY_TRY(input.retry, read_retry(object));
    SLIPWAY_CHECK(read_timeout(object, input));
    SLIPWAY_CHECK(read_env(object, "env", "input", false, input.env));
    SLIPWAY_CHECK(read_env(object, "secrets", "input", true, input.env));
    SLIPWAY_CHECK(read_scripts(object, input));
    SLIPWAY_CHECK(read_sensitive(object, input));
    if (input.retry == Retry::kCheck && input.check.empty()) {
        return bad("check", "is missing, which retry = check needs");
    }
    return input;
}

}  // namespace slipway::action
