// Admission's events (one slice per tick) and its checkpoint <-> bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/admission.hpp"

namespace slipway::codec {

/// No events: no bytes.
std::string encode_admission_events(const std::vector<core::AdmissionEvent>& events);
Result<std::vector<core::AdmissionEvent>> decode_admission_events(std::string_view bytes);

std::string encode_admission(const core::AdmissionState& state);
/// No bytes: the empty state.
Result<core::AdmissionState> decode_admission(std::string_view bytes);

}  // namespace slipway::codec
