// Slipway's views as JSON, as the daemon answers them and the command line reads them.
#pragma once

#include <boost/json/value.hpp>

#include "activity.hpp"
#include "slipway/engine.hpp"
#include "slipway/lifecycle/install.hpp"

namespace host {

namespace json = boost::json;

/// A payload: its JSON when it parses, its text otherwise, {"sensitive": true} when it is hidden.
json::value to_json(const slipway::Payload& payload);
json::object to_json(const slipway::Error& error);
json::object to_json(const slipway::StepFailure& failure);
/// What is known of a step: kind and data of each.
json::array evidence_of(const slipway::StepView& step);
json::object to_json(const slipway::RunSummary& summary);
json::object to_json(const slipway::RunView& view,
                     const std::map<slipway::StepId, slipway::Progress>& progress);
json::object to_json(const slipway::RunExplanation& explanation);
json::object to_json(const slipway::StepExplanation& explanation);
json::object to_json(const slipway::Event& event, const slipway::Workflow& workflow);
json::object to_json(const slipway::lifecycle::Install& install);
json::object to_json(const slipway::lifecycle::InstallState& state);
json::object to_json(const slipway::Diagnostic& diagnostic);
json::object to_json(const std::string& backup, const slipway::BackupReport& report);

/// The HTTP status that fits an error.
unsigned http_status(const slipway::Error& error);

/// Reads what to_json(Error) wrote.
slipway::Error error_of(const json::value& answer);

}  // namespace host
