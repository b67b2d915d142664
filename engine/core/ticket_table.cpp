#include "engine/core/ticket_table.hpp"

#include <algorithm>

namespace slipway::core {
namespace {

constexpr std::size_t kSlotsMin = 16;

}  // namespace

std::size_t TicketTable::hash(const TicketKey& key) {
    const std::size_t text = std::hash<RunId>{}(key.run);
    return (text ^ key.step ^ static_cast<std::size_t>(key.scope) << 32U) * 0x9e3779b97f4a7c15ULL;
}

std::size_t TicketTable::find_slot(const TicketKey& key) const {
    const std::size_t wanted = hash(key);
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = (wanted >> 32U) & mask;
    while (slots_[slot] != kFree &&
           (hashes_[slots_[slot]] != wanted || entries_[slots_[slot]].first != key)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

std::optional<std::uint64_t> TicketTable::find(const TicketKey& key) const {
    if (empty()) {
        return std::nullopt;
    }
    const std::uint32_t at = slots_[find_slot(key)];
    return at == kFree ? std::nullopt : std::optional<std::uint64_t>(entries_[at].second);
}

bool TicketTable::emplace(TicketKey key, std::uint64_t number) {
    if (2 * (entries_.size() + 1) > slots_.size()) {
        grow();
    }
    const std::size_t slot = find_slot(key);
    if (slots_[slot] != kFree) {
        return false;
    }
    slots_[slot] = static_cast<std::uint32_t>(entries_.size());
    hashes_.push_back(hash(key));
    entries_.emplace_back(std::move(key), number);
    return true;
}

void TicketTable::grow() {
    slots_.assign(std::max(kSlotsMin, 2 * slots_.size()), kFree);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        std::size_t slot = (hashes_[i] >> 32U) & mask;
        while (slots_[slot] != kFree) {
            slot = (slot + 1) & mask;
        }
        slots_[slot] = static_cast<std::uint32_t>(i);
    }
}

// Whatever stands behind the gap only because the gap was taken moves up.
void TicketTable::close_gap(std::size_t gap) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = (gap + 1) & mask; slots_[slot] != kFree; slot = (slot + 1) & mask) {
        const std::size_t home = (hashes_[slots_[slot]] >> 32U) & mask;
        if (((slot - home) & mask) >= ((slot - gap) & mask)) {
            slots_[gap] = slots_[slot];
            gap = slot;
        }
    }
    slots_[gap] = kFree;
}

std::optional<std::uint64_t> TicketTable::erase(const TicketKey& key) {
    if (empty()) {
        return std::nullopt;
    }
    const std::size_t slot = find_slot(key);
    const std::uint32_t at = slots_[slot];
    if (at == kFree) {
        return std::nullopt;
    }
    const std::uint64_t number = entries_[at].second;
    const std::size_t last = entries_.size() - 1;
    if (at != last) {
        slots_[find_slot(entries_[last].first)] = at;
        std::swap(entries_[at], entries_[last]);
        std::swap(hashes_[at], hashes_[last]);
    }
    close_gap(slot);
    entries_.pop_back();
    hashes_.pop_back();
    return number;
}

void TicketTable::clear() {
    *this = TicketTable{};
}

std::vector<TicketTable::Entry> TicketTable::sorted() const {
    auto all = entries_;
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace slipway::core
