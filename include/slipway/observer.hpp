// Observer: the host's view of what was durably decided, and of what is going on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "slipway/event.hpp"
#include "slipway/executor.hpp"

namespace slipway {

struct EngineMetrics;

/// Called on an engine-owned publisher thread, after durability, in order per run, at least once across
/// restarts. Must not block for long. Every method has an empty default: override what you need.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void on_event(const RunId& run, const Workflow& workflow, const Event& event);
    virtual void on_progress(const RunId& run, const StepId& step, const Progress& progress);
    /// A line of a step's log; already redacted.
    virtual void on_log(const RunId& run, const StepId& step, std::uint32_t round, std::uint32_t attempt,
                        LogLevel level, std::string_view line);
    /// Something that must be looked at: "engine_bug", "quarantined", "store_failed", "missing_executor",
    /// "deadlock".
    virtual void on_alarm(std::string_view what, const RunId& run, std::string_view detail);
    /// Every EngineOptions::metrics_every_ms.
    virtual void on_metrics(const EngineMetrics& metrics);
    /// What the engine does of itself: "opened", "folded", "let_go", "erased", "collected", "stopping"; with
    /// figures by name. For logs.
    virtual void on_note(std::string_view what, const std::map<std::string, std::string>& fields);
};

}  // namespace slipway
