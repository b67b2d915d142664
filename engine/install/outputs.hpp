// Outputs as steps hand them on: {"outputs": {name: {"value", "sensitive"}}, "steps": {step: {name: {…}}}}.
#pragma once

#include <map>
#include <string>

#include "engine/install/json.hpp"
#include "slipway/lifecycle/state.hpp"

namespace slipway::lifecycle {

struct PartOutputs {
    Outputs outputs;
    std::map<std::string, Outputs> steps;

    bool sensitive() const;
};

/// Reads what outputs.save wrote, what terraform.apply puts out, and the flat values of an action.
Result<PartOutputs> read_part_outputs(const json::object& object, std::string_view what);
void write_part_outputs(json::object& object, const PartOutputs& outputs);

}  // namespace slipway::lifecycle
