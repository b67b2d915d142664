// Which steps of a workflow may be called by each other's names without changing it.
#pragma once

#include <cstdint>
#include <vector>

#include "slipway/workflow.hpp"

namespace search {

using namespace slipway;

/// Step `i` is called `name[i]`.
using Renaming = std::vector<StepIndex>;

/// All renamings that give the same workflow again, the identity first.
std::vector<Renaming> symmetries(const Workflow& workflow);

/// The same as a group: renamings are numbers, and so are their products. At most four steps, so at most 24.
class SymmetryGroup {
public:
    explicit SymmetryGroup(const Workflow& workflow);

    std::size_t size() const { return all_.size(); }
    const Renaming& at(std::size_t number) const { return all_[number]; }
    std::uint8_t inverse(std::size_t number) const { return inverse_[number]; }
    /// First `first`, then `second`.
    std::uint8_t then(std::size_t first, std::size_t second) const {
        return product_[first * all_.size() + second];
    }

private:
    std::uint8_t number_of(const Renaming& renaming) const;

    std::vector<Renaming> all_;
    std::vector<std::uint8_t> inverse_;
    std::vector<std::uint8_t> product_;
};

}  // namespace search
