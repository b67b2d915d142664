#include "engine/core/graph.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace slipway::core {

Rows<StepIndex> reversed(const Rows<StepIndex>& edges) {
    const std::size_t n = edges.start.size() - 1;
    Rows<StepIndex> out;
    out.start.assign(n + 1, 0);
    out.values.resize(edges.values.size());
    for (const StepIndex to : edges.values) {
        ++out.start[to + 1];
    }
    for (std::size_t i = 0; i < n; ++i) {
        out.start[i + 1] += out.start[i];
    }
    std::vector<std::uint32_t> at(out.start.begin(), out.start.end() - 1);
    for (std::size_t i = 0; i < n; ++i) {
        for (const StepIndex to : edges.row(i)) {
            out.values[at[to]++] = static_cast<StepIndex>(i);
        }
    }
    return out;
}

std::vector<StepIndex> topological_order(const Rows<StepIndex>& dependencies,
                                         const Rows<StepIndex>& dependents) {
    const std::size_t n = dependencies.start.size() - 1;
    std::vector<std::uint32_t> unmet(n);
    std::priority_queue<StepIndex, std::vector<StepIndex>, std::greater<>> free;
    for (std::size_t i = 0; i < n; ++i) {
        unmet[i] = static_cast<std::uint32_t>(dependencies.row(i).size());
        if (unmet[i] == 0) {
            free.push(static_cast<StepIndex>(i));
        }
    }
    std::vector<StepIndex> order;
    order.reserve(n);
    while (!free.empty()) {
        const StepIndex next = free.top();
        free.pop();
        order.push_back(next);
        for (const StepIndex dependent : dependents.row(next)) {
            if (--unmet[dependent] == 0) {
                free.push(dependent);
            }
        }
    }
    return order;
}

namespace {

enum class Mark : std::uint8_t { kNew, kOpen, kDone };

struct Frame {
    StepIndex step;
    std::size_t next;
};

/// Walks from `root` without recursion (a chain may be 200,000 long).
std::vector<StepIndex> cycle_from(StepIndex root, const Rows<StepIndex>& dependents,
                                  std::vector<Mark>& marks) {
    std::vector<Frame> path{{root, 0}};
    marks[root] = Mark::kOpen;
    while (!path.empty()) {
        Frame& top = path.back();
        const auto row = dependents.row(top.step);
        if (top.next == row.size()) {
            marks[top.step] = Mark::kDone;
            path.pop_back();
            continue;
        }
        const StepIndex next = row[top.next++];
        if (marks[next] == Mark::kOpen) {
            std::vector<StepIndex> cycle;
            const auto first =
                std::find_if(path.begin(), path.end(), [&](const Frame& f) { return f.step == next; });
            for (auto it = first; it != path.end(); ++it) {
                cycle.push_back(it->step);
            }
            cycle.push_back(next);
            return cycle;
        }
        if (marks[next] == Mark::kNew) {
            marks[next] = Mark::kOpen;
            path.push_back({next, 0});
        }
    }
    return {};
}

}  // namespace

std::vector<StepIndex> find_cycle(const Rows<StepIndex>& dependents) {
    const std::size_t n = dependents.start.size() - 1;
    std::vector<Mark> marks(n, Mark::kNew);
    for (std::size_t i = 0; i < n; ++i) {
        if (marks[i] == Mark::kNew) {
            auto cycle = cycle_from(static_cast<StepIndex>(i), dependents, marks);
            if (!cycle.empty()) {
                return cycle;
            }
        }
    }
    return {};
}

}  // namespace slipway::core
