// What a simulated attempt does to the world, and what it puts out.
#pragma once

#include <cstdint>

#include "slipway/executor.hpp"
#include "slipway/steps/simulate.hpp"
#include "steps/simulate/world.hpp"

namespace slipway::steps::simulate {

enum class Behaviour : std::uint8_t { kPlan, kApply, kBring, kAction, kPreflight, kSave };

Outcome behave(Behaviour behaviour, const AttemptInfo& info, const SimulationRule& rule, World& world);

/// As JSON text; sensitive when one of its outputs says so.
Payload to_payload(const json::object& output);

}  // namespace slipway::steps::simulate
