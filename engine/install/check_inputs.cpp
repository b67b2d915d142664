// Inputs of an install against what the app declares: every problem at once.
#include <charconv>

#include "engine/app/spelling.hpp"
#include "engine/install/json.hpp"
#include "slipway/lifecycle/install.hpp"

namespace slipway::lifecycle {
namespace {

bool is_number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

/// What is wrong with a value; empty when it fits.
std::string misfit(const Input& input, const std::string& value) {
    if (input.type == "number" && !is_number(value)) {
        return "is not a number";
    }
    if (input.type == "bool" && value != "true" && value != "false") {
        return "is neither true nor false";
    }
    const bool list = input.type == "list" && value.starts_with('[');
    if (input.type != "json" && !list) {
        return {};
    }
    const auto parsed = parse_json(value, input.name);
    if (!parsed || (list && !parsed->is_array())) {
        return list ? "is not a list" : "is not JSON";
    }
    return {};
}

void add(std::string& problems, const std::string& problem) {
    problems += (problems.empty() ? "" : "\n") + problem;
}

}  // namespace

Result<void> check_inputs(const AppConfig& config, const StringMap& inputs) {
    std::string problems;
    std::vector<std::string> names;
    for (const auto& input : config.inputs) {
        names.push_back(input.name);
        const auto given = inputs.find(input.name);
        const bool empty = given == inputs.end() || given->second.empty();
        if (empty && input.required && !input.default_value) {
            add(problems, "input '" + input.name + "' is required" +
                              (input.description.empty() ? "" : " (" + input.description + ")"));
        }
        if (empty) {
            continue;
        }
        // The value itself is not repeated: it may be a secret.
        if (const std::string wrong = misfit(input, given->second); !wrong.empty()) {
            add(problems, "input '" + input.name + "' " + wrong);
        }
    }
    for (const auto& entry : inputs) {
        if (std::find(names.begin(), names.end(), entry.first) == names.end()) {
            const std::string meant = app::did_you_mean(entry.first, names);
            add(problems, "the app has no input '" + entry.first + "'" + (meant.empty() ? "" : "; " + meant));
        }
    }
    if (problems.empty()) {
        return {};
    }
    return usage_error(ErrorCode::kInvalidArgument, problems);
}

}  // namespace slipway::lifecycle
