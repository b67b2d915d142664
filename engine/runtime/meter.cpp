#include "engine/runtime/meter.hpp"

#include <algorithm>
#include <bit>

namespace slipway {

void Latencies::add(std::uint64_t us) {
    ++count;
    total_us += us;
    max_us = std::max(max_us, us);
    ++by_size[std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(us)), by_size.size() - 1)];
}

std::uint64_t Latencies::at_most_us(double share) const {
    const double wanted = share * static_cast<double>(count);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < by_size.size(); ++i) {
        seen += by_size[i];
        if (seen != 0 && static_cast<double>(seen) >= wanted) {
            return i + 1 == by_size.size() ? max_us : std::min(std::uint64_t{1} << i, max_us);
        }
    }
    return max_us;
}

namespace runtime {

std::uint64_t Meter::since(Steady::time_point begun) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begun).count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0));
}

void Meter::happened(const EventBody& event) {
    ++events_[event.index()];
    names_[event.index()] = event_name(event);
}

void Meter::place_after(TimeMs asked_ms, TimeMs now_ms) {
    place_.add(static_cast<std::uint64_t>(std::max<TimeMs>(now_ms - asked_ms, 0)) * 1000U);
}

void Meter::admitted(const std::vector<core::AdmissionEvent>& events, std::size_t first, TimeMs now_ms) {
    for (std::size_t i = first; i < events.size(); ++i) {
        if (const auto* queued = std::get_if<core::TicketQueued>(&events[i])) {
            const auto* next =
                i + 1 < events.size() ? std::get_if<core::TicketGranted>(&events[i + 1]) : nullptr;
            if (next != nullptr && next->key == queued->key) {
                place_after(now_ms, now_ms);  // nobody was in the way
                ++i;
            } else {
                asked_.emplace(queued->key, now_ms);
            }
        } else if (const auto* granted = std::get_if<core::TicketGranted>(&events[i])) {
            const auto asked = asked_.find(granted->key);
            place_after(asked != asked_.end() ? asked->second : opened_ms_, now_ms);
            asked_.erase(granted->key);
        } else if (const auto* returned = std::get_if<core::TicketReturned>(&events[i])) {
            asked_.erase(returned->key);
        }
    }
}

void Meter::fill(const core::AdmissionState& admission, EngineMetrics& metrics) const {
    metrics.attempts_live = admission.holders.size();
    metrics.tickets_waiting = admission.queue.size();
    if (!admission.queue.empty()) {
        const auto asked = asked_.find(admission.queue.begin()->second);
        metrics.oldest_ticket_ms =
            std::max<DurationMs>(metrics.at_ms - (asked != asked_.end() ? asked->second : opened_ms_), 0);
    }
    metrics.inputs = inputs_;
    for (std::size_t i = 0; i < events_.size(); ++i) {
        if (events_[i] != 0) {
            metrics.events.emplace(names_[i], events_[i]);
        }
    }
    metrics.tick = tick_;
    metrics.commit = commit_;
    metrics.place = place_;
    metrics.ticks = commit_.count;
}

}  // namespace runtime
}  // namespace slipway
