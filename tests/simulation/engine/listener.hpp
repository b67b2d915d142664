// Who listens to a simulated engine.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "slipway/observer.hpp"

namespace slipway::simulation {

/// Alarms that must never be raised; and events in order.
class Listener final : public Observer {
public:
    void on_event(const RunId& run, const Workflow&, const Event& event) override {
        auto& last = seen_[run];
        if (event.seq > last + 1) {
            wrong = "an observer missed events of run " + run.str();
        }
        last = std::max(last, event.seq);
    }
    void on_alarm(std::string_view what, const RunId& run, std::string_view detail) override {
        if (what == "audit" || what == "engine_bug") {
            wrong = "G5: " + std::string(what) + " of run " + run.str() + ": " + std::string(detail);
        }
    }
    std::string wrong;

private:
    std::map<RunId, EventSeq> seen_;
};

}  // namespace slipway::simulation
