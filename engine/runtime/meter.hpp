// What the engine counts of itself; cheap enough to be always on.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <string_view>

#include "engine/core/admission.hpp"
#include "slipway/event.hpp"
#include "slipway/metrics.hpp"

namespace slipway::runtime {

/// Of the engine's thread.
class Meter {
public:
    using Steady = std::chrono::steady_clock;

    void opened(TimeMs at_ms) { opened_ms_ = at_ms; }
    void took_in(std::size_t inputs) { inputs_ += inputs; }
    void committed(Steady::time_point begun) { commit_.add(since(begun)); }
    void ticked(Steady::time_point begun) { tick_.add(since(begun)); }
    void happened(const EventBody& event);
    /// What admission has decided, from `first` on.
    void admitted(const std::vector<core::AdmissionEvent>& events, std::size_t first, TimeMs now_ms);
    void fill(const core::AdmissionState& admission, EngineMetrics& metrics) const;

private:
    static std::uint64_t since(Steady::time_point begun);
    void place_after(TimeMs asked_ms, TimeMs now_ms);

    TimeMs opened_ms_ = 0;
    std::uint64_t inputs_ = 0;
    Latencies tick_;
    Latencies commit_;
    Latencies place_;
    std::array<std::uint64_t, std::variant_size_v<EventBody>> events_{};
    std::array<std::string_view, std::variant_size_v<EventBody>> names_{};
    std::map<core::TicketKey, TimeMs> asked_;  // those that wait
};

}  // namespace slipway::runtime
