#include "tests/simulation/core/symmetry.hpp"

#include <algorithm>
#include <numeric>

namespace search {

namespace {

/// Does calling step `i` `name[i]` give the same workflow again?
bool is_symmetry(const Workflow& w, const Renaming& name) {
    for (StepIndex i = 0; i < w.size(); ++i) {
        StepSpec a = w.step(i);
        StepSpec b = w.step(name[i]);
        if (a.section.empty() != b.section.empty() || a.depends_on.size() != b.depends_on.size()) {
            return false;
        }
        a.id = b.id;
        a.depends_on = b.depends_on;
        if (!(a == b)) {
            return false;
        }
        const auto theirs = w.dependencies(name[i]);
        for (StepIndex d : w.dependencies(i)) {
            if (std::find(theirs.begin(), theirs.end(), name[d]) == theirs.end()) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

std::vector<Renaming> symmetries(const Workflow& workflow) {
    Renaming name(workflow.size());
    std::iota(name.begin(), name.end(), StepIndex{0});
    std::vector<Renaming> found;
    do {
        if (is_symmetry(workflow, name)) {
            found.push_back(name);
        }
    } while (std::next_permutation(name.begin(), name.end()));
    return found;
}

SymmetryGroup::SymmetryGroup(const Workflow& workflow) : all_(symmetries(workflow)) {
    const std::size_t steps = workflow.size();
    Renaming one(steps);
    for (const auto& first : all_) {
        for (const auto& second : all_) {
            for (std::size_t i = 0; i < steps; ++i) {
                one[i] = second[first[i]];
            }
            product_.push_back(number_of(one));
        }
        for (std::size_t i = 0; i < steps; ++i) {
            one[first[i]] = static_cast<StepIndex>(i);
        }
        inverse_.push_back(number_of(one));
    }
}

std::uint8_t SymmetryGroup::number_of(const Renaming& renaming) const {
    return static_cast<std::uint8_t>(std::find(all_.begin(), all_.end(), renaming) - all_.begin());
}

}  // namespace search
