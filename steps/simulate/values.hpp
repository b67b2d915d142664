// Made-up values: what a plan shows, what an apply puts out. Always the same for the same input.
#pragma once

#include <map>
#include <string>

#include "steps/simulate/world.hpp"

namespace slipway::steps::simulate {

/// Digest of what an input asks for: everything in it but the plan and what serves the simulation.
std::string desired_of(const json::object& input);

/// A value for a dotted path; names that look like lists get lists.
json::value made_up(const std::string& seed, const std::string& path);

/// All `expected_outputs` of the input and the script's, nested. `scripted`: values as JSON text by dotted
/// path.
json::object outputs_of(const json::object& input, const std::string& seed,
                        const std::map<std::string, std::string>& scripted);

/// The plan that leads from `present` (a digest, or empty) to what the input asks for.
json::object plan_of(const json::object& input, const std::string& present, bool drift, bool nothing_to_do);

std::string text_of(const json::object& object, std::string_view key);

}  // namespace slipway::steps::simulate
