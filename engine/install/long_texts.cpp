#include "engine/install/long_texts.hpp"

#include "engine/install/build_parts.hpp"
#include "engine/install/json.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::size_t kLongText = std::size_t{32} * 1024;

const std::size_t kStepMax = WorkflowLimits{}.input_bytes_max;

std::string at(const Place& place) {
    return place.file.empty()
               ? std::string("the app")
               : place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

class Heaviest {
public:
    void add(const Text& text) { add(text.value.size(), text.place); }
    void add(std::size_t bytes, const Place& place) {
        if (bytes > bytes_) {
            bytes_ = bytes;
            place_ = place;
        }
    }
    std::string str(const Place& otherwise) const {
        return bytes_ < kLongText ? at(otherwise)
                                  : at(place_) + ", which has " + std::to_string(bytes_) + " bytes";
    }

private:
    std::size_t bytes_ = 0;
    Place place_;
};

std::string heaviest_text(const Action& action) {
    Heaviest found;
    for (const auto& step : action.steps) {
        found.add(step.inline_contents);
        found.add(step.command.size(), step.place);
    }
    return found.str(action.place);
}

std::string heaviest_text(const Sandbox& sandbox) {
    Heaviest found;
    for (const auto& file : sandbox.var_files) {
        found.add(file);
    }
    return found.str(sandbox.place);
}

/// The part of the app that a step belongs to, with the place of what is long in it.
std::string part_of(const StepSpec& step, const AppConfig& config) {
    const auto label = [&](const char* name) {
        const auto found = step.labels.find(name);
        return found == step.labels.end() ? std::string() : found->second;
    };
    const std::string action = label("action");
    const std::string component = label("component");
    for (const auto& one : config.actions) {
        if (!action.empty() && one.name == action) {
            return "action " + action + ": " + heaviest_text(one);
        }
    }
    for (const auto& one : config.components) {
        if (!component.empty() && one.name == component) {
            return "component " + component + ": " + heaviest_text(one);
        }
    }
    return "step " + step.id.str() + ": " + heaviest_text(config.sandbox);
}

void leave_out_long_texts(json::value& value) {
    if (auto* object = value.if_object()) {
        for (auto& member : *object) {
            leave_out_long_texts(member.value());
        }
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array) {
            leave_out_long_texts(item);
        }
    } else if (value.is_string() && value.get_string().size() > kLongText) {
        value = "(left out: " + std::to_string(value.get_string().size()) + " bytes)";
    }
}

}  // namespace

std::string heaviest_text(const Component& component) {
    Heaviest found;
    found.add(component.manifest.manifest);
    for (const auto* files : {&component.terraform.var_files, &component.helm.values_files}) {
        for (const auto& file : *files) {
            found.add(file);
        }
    }
    return found.str(component.place);
}

std::string too_long_to_build(const Component& component, const BuildInput& input) {
    BuildInput told = input;
    if (told.text.size() > kBuildTextInline) {
        told.text.clear();
    }
    const std::size_t bytes = write_build_input(told).size();
    if (bytes <= kStepMax) {
        return {};
    }
    return at(component.place) + ": what goes into its build are " +
           std::to_string(input.cause.parts.size()) + " keys and files, whose names and arguments have " +
           std::to_string(bytes) + " bytes; a step carries " + std::to_string(kStepMax);
}

Result<void> fit_inputs(WorkflowSpec& spec, const AppConfig& config, bool simulate) {
    std::string refused;
    for (auto& step : spec.steps) {
        if (step.input.bytes.size() <= kStepMax) {
            continue;
        }
        if (simulate) {
            SLIPWAY_TRY(auto input, parse_json(step.input.bytes, step.id.str()));
            leave_out_long_texts(input);
            step.input.bytes = json::serialize(input);
            continue;
        }
        const std::string part = part_of(step, config);
        if (refused.find(part) == std::string::npos) {
            refused += (refused.empty() ? "" : "; ") + part;
        }
    }
    if (!refused.empty()) {
        return usage_error(
            ErrorCode::kLimit,
            "more than the " + std::to_string(kStepMax) + " bytes that a step carries: " + refused,
            "make it shorter, or move it into the component's repository");
    }
    return {};
}

}  // namespace slipway::lifecycle
