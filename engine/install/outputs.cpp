#include "engine/install/outputs.hpp"

#include <algorithm>

namespace slipway::lifecycle {
namespace {

/// {"value": …, "sensitive": …, "type": …} with nothing else in it is one value with its marks.
bool is_marked(const json::object& object) {
    return object.contains("value") && std::all_of(object.begin(), object.end(), [](const auto& member) {
               return member.key() == "value" || member.key() == "sensitive" || member.key() == "type";
           });
}

Outputs read_outputs(const json::object& object) {
    Outputs outputs;
    for (const auto& member : object) {
        OutputValue& value = outputs[std::string(member.key())];
        const json::object* marked = member.value().if_object();
        if (marked != nullptr && is_marked(*marked)) {
            value.json = json::serialize(marked->at("value"));
            value.sensitive = get_bool(*marked, "sensitive");
        } else {
            value.json = json::serialize(member.value());
        }
    }
    return outputs;
}

json::object write_outputs(const Outputs& outputs) {
    json::object object;
    for (const auto& [name, value] : outputs) {
        json::object marked;
        boost::system::error_code failed;
        marked["value"] = json::parse(value.json, failed);
        marked["sensitive"] = value.sensitive;
        object[name] = std::move(marked);
    }
    return object;
}

bool any_sensitive(const Outputs& outputs) {
    return std::any_of(outputs.begin(), outputs.end(),
                       [](const auto& entry) { return entry.second.sensitive; });
}

}  // namespace

bool PartOutputs::sensitive() const {
    return any_sensitive(outputs) || std::any_of(steps.begin(), steps.end(), [](const auto& entry) {
               return any_sensitive(entry.second);
           });
}

Result<PartOutputs> read_part_outputs(const json::object& object, std::string_view what) {
    PartOutputs part;
    const json::value* outputs = object.if_contains("outputs");
    if (outputs != nullptr && !outputs->is_null()) {
        if (!outputs->is_object()) {
            return authoring_error(std::string(what) + ": 'outputs' is not an object");
        }
        part.outputs = read_outputs(outputs->get_object());
    }
    if (const json::object* steps = find_object(object, "steps")) {
        for (const auto& member : *steps) {
            if (member.value().is_object()) {
                part.steps[std::string(member.key())] = read_outputs(member.value().get_object());
            }
        }
    }
    return part;
}

void write_part_outputs(json::object& object, const PartOutputs& outputs) {
    object["outputs"] = write_outputs(outputs.outputs);
    if (!outputs.steps.empty()) {
        json::object steps;
        for (const auto& [name, values] : outputs.steps) {
            steps[name] = write_outputs(values);
        }
        object["steps"] = std::move(steps);
    }
}

}  // namespace slipway::lifecycle
