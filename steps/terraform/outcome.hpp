// How an attempt ended, as text: recorded before the attempt's directory is wiped, so that a crash in between
// loses nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/executor.hpp"

namespace slipway::terraform {

inline constexpr const char* kArmedEvidence = "armed";
inline constexpr const char* kConsumedEvidence = "plan-consumed";
inline constexpr const char* kConcludedEvidence = "concluded";
/// Whether the approval holds for a new plan, and why.
inline constexpr const char* kContainmentEvidence = "containment";

std::string encode_verdict(const Verdict& verdict);
std::optional<Verdict> decode_verdict(std::string_view text);
/// Whether it holds a payload that is.
bool is_sensitive(const Verdict& verdict);

/// An error after which this process must say nothing more: it is stopping, or the attempt is not its own any
/// more.
bool is_silent(const Error& error);

/// The newest evidence of this kind.
const Evidence* find_evidence(const std::vector<Evidence>& evidence, std::string_view kind);

Failed failed(FailureClass failure_class, std::string message, std::string detail = {});
/// What an error means for the step; nothing when it is_silent().
std::optional<Outcome> outcome_of(const Error& error);

}  // namespace slipway::terraform
