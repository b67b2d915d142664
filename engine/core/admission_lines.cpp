#include "engine/core/admission_lines.hpp"

namespace slipway::core {

LinesPtr::LinesPtr() = default;
LinesPtr::~LinesPtr() = default;
LinesPtr::LinesPtr(const LinesPtr&) {}
LinesPtr& LinesPtr::operator=(const LinesPtr& other) {
    if (this != &other) {
        lines_.reset();
    }
    return *this;
}
LinesPtr::LinesPtr(LinesPtr&&) noexcept = default;
LinesPtr& LinesPtr::operator=(LinesPtr&&) noexcept = default;

Lines& LinesPtr::make() {
    lines_ = std::make_unique<Lines>();
    return *lines_;
}

void LinesPtr::reset() {
    lines_.reset();
}

void Line::add(const std::string& tenant, std::uint32_t amount, const Rank& rank) {
    const auto [found, fresh] = tenants_.try_emplace(tenant);
    if (fresh) {
        found->second.turn = ++last_turn_;
        turns_.emplace(last_turn_, found);
    }
    found->second.by_need[{amount, rank.fresh}].insert(rank);
    ++amounts_[amount];
    ++count_;
    started_ += rank.fresh ? 0 : 1;
    if (ages_.size() > 2 * count_ + 64) {  // mostly of those that have left
        std::set<std::uint64_t> here;
        for (const auto& [name, one] : tenants_) {
            for (const auto& [need, ranks] : one.by_need) {
                for (const Rank& r : ranks) {
                    here.insert(r.number);
                }
            }
        }
        ages_.assign(here.begin(), here.end());
    } else {
        ages_.push_back(rank.number);
    }
}

void Line::remove(const std::string& tenant, std::uint32_t amount, const Rank& rank) {
    const auto found = tenants_.find(tenant);
    auto& by_need = found->second.by_need;
    const auto ranks = by_need.find({amount, rank.fresh});
    ranks->second.erase(rank);
    --count_;
    started_ -= rank.fresh ? 0 : 1;
    if (--amounts_[amount] == 0) {
        amounts_.erase(amount);
    }
    if (!ranks->second.empty()) {
        return;
    }
    by_need.erase(ranks);
    if (by_need.empty()) {
        turns_.erase(found->second.turn);
        tenants_.erase(found);
    }
}

std::optional<std::uint64_t> Line::next(std::uint64_t room, std::uint64_t room_of_started) const {
    const std::uint64_t most = started_ == 0 ? room : room_of_started;
    if (amounts_.empty() || amounts_.begin()->first > most) {
        return std::nullopt;
    }
    for (const auto& [turn, tenant] : turns_) {
        const Rank* best = nullptr;
        for (const auto& [need, ranks] : tenant->second.by_need) {
            const auto [amount, fresh] = need;
            const Rank& first = *ranks.begin();
            if (amount <= (fresh ? room : room_of_started) && (best == nullptr || first < *best)) {
                best = &first;
            }
        }
        if (best != nullptr) {
            return best->number;
        }
    }
    return std::nullopt;
}

void Line::had_turn(const std::string& tenant) {
    const auto found = tenants_.find(tenant);
    if (found == tenants_.end()) {
        return;
    }
    turns_.erase(found->second.turn);
    found->second.turn = ++last_turn_;
    turns_.emplace(last_turn_, found);
}

}  // namespace slipway::core
