#include "steps/simulate/script.hpp"

#include <boost/json.hpp>
#include <limits>

namespace slipway::steps {
namespace {

namespace json = boost::json;

constexpr DurationMs kLongestDelay = 24LL * 3600 * 1000;

Error wrong(const std::string& where, std::string_view what) {
    return authoring_error("simulation script: " + where + ": " + std::string(what));
}

Result<DurationMs> read_number(const json::value& value, const std::string& where) {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > kLongestDelay) {
        return wrong(where, "expected a whole number from 0 to 86400000");
    }
    return value.get_int64();
}

Result<std::string> read_text(const json::value& value, const std::string& where) {
    if (!value.is_string()) {
        return wrong(where, "expected a string");
    }
    return std::string(value.get_string());
}

Result<bool> read_flag(const json::value& value, const std::string& where) {
    if (!value.is_bool()) {
        return wrong(where, "expected true or false");
    }
    return value.get_bool();
}

Result<std::map<std::string, std::string>> read_outputs(const json::value& value, const std::string& where) {
    if (!value.is_object()) {
        return wrong(where, "expected an object");
    }
    std::map<std::string, std::string> outputs;
    for (const auto& member : value.get_object()) {
        outputs[std::string(member.key())] = json::serialize(member.value());
    }
    return outputs;
}

Result<void> read_class(SimulationRule& rule, const json::value& value, const std::string& where) {
    SLIPWAY_TRY(rule.failure_class, read_text(value, where));
    for (const std::string_view known : {"transient", "permanent", "timeout", "policy"}) {
        if (rule.failure_class == known) {
            return {};
        }
    }
    return wrong(where, "expected transient, permanent, timeout or policy");
}

Result<void> read_flag_member(SimulationRule& rule, std::string_view key, const json::value& value,
                              const std::string& at) {
    bool* flag = key == "fail_after_effect" ? &rule.fail_after_effect
                 : key == "in_doubt"        ? &rule.in_doubt
                 : key == "drift"           ? &rule.drift
                 : key == "nothing_to_do"   ? &rule.nothing_to_do
                                            : nullptr;
    if (flag == nullptr) {
        return wrong(at, "unknown key");
    }
    SLIPWAY_TRY(*flag, read_flag(value, at));
    return {};
}

Result<void> read_member(SimulationRule& rule, std::string_view key, const json::value& value,
                         const std::string& at) {
    if (key == "step") {
        SLIPWAY_TRY(rule.step, read_text(value, at));
    } else if (key == "kind") {
        SLIPWAY_TRY(rule.kind, read_text(value, at));
    } else if (key == "message") {
        SLIPWAY_TRY(rule.message, read_text(value, at));
    } else if (key == "failure_class") {
        SLIPWAY_CHECK(read_class(rule, value, at));
    } else if (key == "delay_ms") {
        SLIPWAY_TRY(rule.delay_ms, read_number(value, at));
    } else if (key == "fail_attempts") {
        SLIPWAY_TRY(const DurationMs number, read_number(value, at));
        rule.fail_attempts = static_cast<std::uint32_t>(number);
    } else if (key == "outputs") {
        SLIPWAY_TRY(rule.outputs, read_outputs(value, at));
    } else {
        SLIPWAY_CHECK(read_flag_member(rule, key, value, at));
    }
    return {};
}

Result<SimulationRule> read_rule(const json::value& value, const std::string& where) {
    if (!value.is_object()) {
        return wrong(where, "expected an object");
    }
    SimulationRule rule;
    for (const auto& member : value.get_object()) {
        const std::string key(member.key());
        SLIPWAY_CHECK(read_member(rule, key, member.value(), where + "." + key));
    }
    return rule;
}

bool fits(const std::string& pattern, const std::string& text) {
    if (pattern.empty() || pattern == text) {
        return true;
    }
    return pattern.back() == '*' && text.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
}

}  // namespace

Result<SimulationScript> SimulationScript::parse(std::string_view text) {
    boost::system::error_code failed;
    const json::value value = json::parse(json::string_view(text.data(), text.size()), failed);
    if (failed || !value.is_object()) {
        return authoring_error("simulation script: not a JSON object");
    }
    SimulationScript script;
    for (const auto& member : value.get_object()) {
        const std::string key(member.key());
        if (key == "delay_ms") {
            SLIPWAY_TRY(script.delay_ms, read_number(member.value(), key));
        } else if (key == "witness_file") {
            SLIPWAY_TRY(script.witness_file, read_text(member.value(), key));
        } else if (key == "rules" && member.value().is_array()) {
            std::size_t index = 0;
            for (const auto& entry : member.value().get_array()) {
                SLIPWAY_TRY(SimulationRule rule, read_rule(entry, "rules[" + std::to_string(index++) + "]"));
                script.rules.push_back(std::move(rule));
            }
        } else {
            return wrong(key, key == "rules" ? "expected an array" : "unknown key");
        }
    }
    return script;
}

namespace simulate {

SimulationRule rule_for(const SimulationScript& script, const std::string& step, const std::string& kind) {
    SimulationRule chosen;
    for (const auto& rule : script.rules) {
        if (fits(rule.step, step) && fits(rule.kind, kind)) {
            chosen = rule;
            break;
        }
    }
    if (chosen.delay_ms < 0) {
        chosen.delay_ms = script.delay_ms;
    }
    return chosen;
}

FailureClass failure_class(const std::string& name) {
    if (name == "permanent") {
        return FailureClass::kPermanent;
    }
    if (name == "timeout") {
        return FailureClass::kTimeout;
    }
    return name == "policy" ? FailureClass::kPolicy : FailureClass::kTransient;
}

}  // namespace simulate
}  // namespace slipway::steps
