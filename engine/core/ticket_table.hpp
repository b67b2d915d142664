// Tickets by key: constant time however many there are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "slipway/workflow.hpp"

namespace slipway::core {

/// One step's places or wish for them. A step has at most one. Places that outlive a step are those of its
/// section (`step` is then the section's number) or of its run (kNoStep).
struct TicketKey {
    RunId run;
    StepIndex step = kNoStep;
    ClaimScope scope = ClaimScope::kStep;
    friend bool operator==(const TicketKey&, const TicketKey&) = default;
    friend auto operator<=>(const TicketKey&, const TicketKey&) = default;
};

class TicketTable {
public:
    using Entry = std::pair<TicketKey, std::uint64_t>;

    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    bool contains(const TicketKey& key) const { return !empty() && slots_[find_slot(key)] != kFree; }
    /// Its number.
    std::optional<std::uint64_t> find(const TicketKey& key) const;
    /// False when the key is there already.
    bool emplace(TicketKey key, std::uint64_t number);
    /// The number that it had.
    std::optional<std::uint64_t> erase(const TicketKey& key);
    void clear();
    /// In an order that follows from how they came and went; what becomes events or bytes takes sorted().
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }
    /// All of them, by key.
    std::vector<Entry> sorted() const;

    friend bool operator==(const TicketTable& a, const TicketTable& b) {
        return a.size() == b.size() && a.sorted() == b.sorted();
    }

private:
    static constexpr std::uint32_t kFree = 0xffffffffU;

    static std::size_t hash(const TicketKey& key);
    /// Where the key is, or where it would go. Only when there are slots.
    std::size_t find_slot(const TicketKey& key) const;
    void grow();
    void close_gap(std::size_t gap);

    std::vector<Entry> entries_;
    std::vector<std::size_t> hashes_;   // of entries_
    std::vector<std::uint32_t> slots_;  // open addressing, a power of two: a place in entries_, or free
};

}  // namespace slipway::core
