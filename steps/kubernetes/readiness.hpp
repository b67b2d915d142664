// When an object counts as ready: by its status alone.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace slipway::kubernetes {

enum class Readiness { kReady, kWaiting, kFailed };

struct ReadyState {
    Readiness state = Readiness::kReady;
    std::string why;
};

/// Kinds without a rule: a condition Ready where there is one, else being there is enough.
ReadyState readiness_of(const boost::json::object& object);

}  // namespace slipway::kubernetes
