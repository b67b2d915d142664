#include "tests/simulation/core/dags.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <set>

namespace search {

std::uint32_t pair_count(std::uint32_t steps) {
    return steps * (steps - 1) / 2;
}

namespace {

StepSpec make_step(const Shape& shape, std::uint32_t index) {
    StepSpec step;
    step.id = StepId{std::string(1, static_cast<char>('a' + index))};
    step.kind = "work";
    step.section = shape.one_section ? "all" : "";
    step.on_failure = shape.policy;
    step.has_undo = (shape.undoable >> index & 1U) != 0;
    step.retry.attempts_max = 2;
    step.retry.jitter_percent = 0;
    switch (shape.roles[index]) {
        case Role::kPlain:
            break;
        case Role::kWaits:
            step.labels["waits"] = "yes";
            break;
        case Role::kChildren:
            step.labels["children"] = "yes";
            step.step_timeout_ms = shape.deadlines ? 9000 : 0;
            break;
        case Role::kOnce:
            step.retry_mode = RetryMode::kNewRound;
            break;
        case Role::kGate:
            step.type = StepType::kGate;
            step.kind = "gate";
            step.gate.expires_after_ms = shape.deadlines ? 5000 : 0;
            break;
        case Role::kTimer:
            step.type = StepType::kTimer;
            step.kind = "timer";
            step.timer_delay_ms = 1000;
            break;
    }
    if (shape.deadlines && step.type == StepType::kExecutor) {
        step.attempt_timeout_ms = 4000;
    }
    return step;
}

}  // namespace

Workflow make_workflow(const Shape& shape) {
    WorkflowSpec spec;
    spec.name = describe(shape);
    spec.rounds_max = 2;
    for (std::uint32_t b = 0; b < shape.steps; ++b) {
        StepSpec step = make_step(shape, b);
        std::uint32_t bit = 0;
        for (std::uint32_t from = 0; from < shape.steps; ++from) {
            for (std::uint32_t to = from + 1; to < shape.steps; ++to, ++bit) {
                if (to == b && (shape.edges >> bit & 1U) != 0) {
                    step.depends_on.push_back(
                        {StepId{std::string(1, static_cast<char>('a' + from))}, shape.kind});
                }
            }
        }
        spec.steps.push_back(std::move(step));
    }
    auto workflow = Workflow::build(std::move(spec));
    if (!workflow) {
        std::fprintf(stderr, "the search made an invalid workflow: %s\n", workflow.error().message.c_str());
        std::abort();
    }
    return *workflow;
}

std::string describe(const Shape& shape) {
    static constexpr const char* kRoles[] = {"plain", "once", "gate", "timer", "waits", "children"};
    static constexpr const char* kPolicies[] = {"", "block", "go_on", "stop", "undo"};
    std::string text = std::to_string(shape.steps) + " steps, edges";
    std::uint32_t bit = 0;
    for (std::uint32_t from = 0; from < shape.steps; ++from) {
        for (std::uint32_t to = from + 1; to < shape.steps; ++to, ++bit) {
            if ((shape.edges >> bit & 1U) != 0) {
                text += ' ';
                text += static_cast<char>('a' + from);
                text += static_cast<char>('a' + to);
            }
        }
    }
    text += ", roles";
    for (auto role : shape.roles) {
        text += std::string(" ") + kRoles[static_cast<std::size_t>(role)];
    }
    text += std::string(", ") + kPolicies[static_cast<std::size_t>(shape.policy)];
    text += shape.kind == DependencyKind::kData ? ", data" : ", order";
    if (shape.one_section) {
        text += ", one section";
    }
    if (shape.deadlines) {
        text += ", deadlines";
    }
    if (shape.undoable != 0) {
        text += ", undo of";
        for (std::uint32_t i = 0; i < shape.steps; ++i) {
            text += (shape.undoable >> i & 1U) != 0 ? std::string(" ") + static_cast<char>('a' + i) : "";
        }
    }
    return text;
}

std::vector<std::uint32_t> edge_sets_up_to_isomorphism(std::uint32_t steps) {
    std::set<std::vector<bool>> seen;
    std::vector<std::uint32_t> result;
    for (std::uint32_t edges = 0; edges < (1U << pair_count(steps)); ++edges) {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
        std::uint32_t bit = 0;
        for (std::uint32_t from = 0; from < steps; ++from) {
            for (std::uint32_t to = from + 1; to < steps; ++to, ++bit) {
                if ((edges >> bit & 1U) != 0) {
                    pairs.emplace_back(from, to);
                }
            }
        }
        std::vector<std::uint32_t> permutation(steps);
        std::iota(permutation.begin(), permutation.end(), 0U);
        std::vector<bool> smallest;
        do {
            std::vector<bool> matrix(static_cast<std::size_t>(steps) * steps, false);
            for (const auto& [from, to] : pairs) {
                matrix[static_cast<std::size_t>(permutation[from]) * steps + permutation[to]] = true;
            }
            if (smallest.empty() || matrix < smallest) {
                smallest = matrix;
            }
        } while (std::next_permutation(permutation.begin(), permutation.end()));
        if (seen.insert(smallest).second) {
            result.push_back(edges);
        }
    }
    return result;
}

}  // namespace search
