#include <algorithm>
#include <map>

#include "engine/core/graph.hpp"
#include "engine/core/workflow_body.hpp"

namespace slipway::core {
namespace {

constexpr DurationMs kDurationMax =
    100LL * 366 * 86'400'000;  // sums of a few of these and a date do not overflow
constexpr std::size_t kNameMax = 200;
constexpr std::uint32_t kRoundsMax = 1000;
constexpr std::size_t kClaimsMax = 32;
constexpr std::uint32_t kMultiplierMax = 10'000;

Error invalid(const std::string& place, const std::string& what) {
    return usage_error(ErrorCode::kInvalidArgument, place + ": " + what);
}
Error over_limit(const std::string& place, const std::string& what) {
    return usage_error(ErrorCode::kLimit, place + ": " + what);
}

bool duration_ok(DurationMs value) {
    return value >= 0 && value <= kDurationMax;
}

template <class E>
bool enum_ok(E value, E last) {
    return static_cast<unsigned>(value) >= 1 && static_cast<unsigned>(value) <= static_cast<unsigned>(last);
}

Result<void> check_retry(const std::string& place, const RetryPolicy& retry, const WorkflowLimits& limits) {
    if (retry.attempts_max == 0 || retry.attempts_max > limits.attempts_max) {
        return over_limit(place, "retry.attempts_max is " + std::to_string(retry.attempts_max) +
                                     ", allowed are 1 to " + std::to_string(limits.attempts_max));
    }
    if (!duration_ok(retry.initial_ms) || !duration_ok(retry.delay_max_ms)) {
        return invalid(place, "a delay of the retry policy is negative or longer than 100 years");
    }
    if (retry.multiplier_percent < 100 || retry.multiplier_percent > kMultiplierMax ||
        retry.jitter_percent > 100) {
        return invalid(place,
                       "retry.multiplier_percent must be 100 to 10000 and retry.jitter_percent at most 100");
    }
    for (const FailureClass c : retry.retry_on) {
        if (!enum_ok(c, FailureClass::kPolicy)) {
            return invalid(place, "retry.retry_on names an unknown failure class");
        }
    }
    return {};
}

Result<void> check_enums(const std::string& place, const StepSpec& step) {
    if (!enum_ok(step.type, StepType::kTimer) || !enum_ok(step.retry_mode, RetryMode::kNewRound) ||
        !enum_ok(step.on_failure, FailurePolicy::kUndo) || !enum_ok(step.gate.kind, GateKind::kCallback)) {
        return invalid(place, "type, retry_mode, on_failure or gate.kind is not one of the known ones");
    }
    for (const Dependency& d : step.depends_on) {
        if (!enum_ok(d.kind, DependencyKind::kOrder)) {
            return invalid(
                place, "the kind of the dependency on \"" + d.step.str() + "\" is not one of the known ones");
        }
    }
    return {};
}

Result<void> check_kind(const std::string& place, const StepSpec& step) {
    if (step.type == StepType::kExecutor) {
        if (step.kind.empty() || step.kind.size() > kNameMax) {
            return invalid(place, "an executor step needs a kind of 1 to 200 characters");
        }
        if (step.kind == "gate" || step.kind == "timer") {
            return invalid(place, "the kind \"" + step.kind + "\" is the engine's own");
        }
        return {};
    }
    const char* own = step.type == StepType::kGate ? "gate" : "timer";
    if (!step.kind.empty() && step.kind != own) {
        return invalid(place, "a " + std::string(own) + " step must have the kind \"" + own +
                                  "\" or none, not \"" + step.kind + "\"");
    }
    return {};
}

Result<void> check_claim(const std::string& place, const StepSpec& step, const Claim& claim) {
    const std::string what = "the claim of \"" + claim.name.substr(0, kNameMax) + "\"";
    if (!is_valid_id(claim.name)) {
        return invalid(place, what + ": a name has 1 to 200 characters of A-Z a-z 0-9 . _ : / -");
    }
    if (claim.name == "engine") {
        return invalid(place, what + ": every attempt takes a place of the engine by itself");
    }
    if (claim.amount == 0) {
        return invalid(place, what + ": the amount must be at least 1");
    }
    if (!enum_ok(claim.scope, ClaimScope::kRun)) {
        return invalid(place, what + ": the scope is not one of the known ones");
    }
    if (claim.name.starts_with("class/") &&
        (claim.scope != ClaimScope::kStep || step.type != StepType::kExecutor)) {
        return invalid(place, what +
                                  ": a resource class is held while an attempt of an executor runs, and "
                                  "no longer");
    }
    return {};
}

Result<void> check_claims(const std::string& place, const StepSpec& step) {
    if (step.claims.size() > kClaimsMax) {
        return over_limit(place, std::to_string(step.claims.size()) + " claims, at most " +
                                     std::to_string(kClaimsMax) + " are allowed");
    }
    for (std::size_t i = 0; i < step.claims.size(); ++i) {
        SLIPWAY_CHECK(check_claim(place, step, step.claims[i]));
        for (std::size_t k = 0; k < i; ++k) {
            if (step.claims[k].name == step.claims[i].name) {
                return invalid(place, "it claims \"" + step.claims[i].name + "\" twice");
            }
        }
    }
    return {};
}

Result<void> check_step(const StepSpec& step, const WorkflowLimits& limits) {
    const std::string place = "step \"" + step.id.str() + "\"";
    if (!is_valid_id(step.id.str())) {
        return invalid(place, "the id must be 1 to 200 characters of A-Z a-z 0-9 . _ : / -");
    }
    SLIPWAY_CHECK(check_enums(place, step));
    SLIPWAY_CHECK(check_kind(place, step));
    SLIPWAY_CHECK(check_retry(place, step.retry, limits));
    if (!duration_ok(step.attempt_timeout_ms) || !duration_ok(step.step_timeout_ms) ||
        !duration_ok(step.gate.expires_after_ms) || !duration_ok(step.timer_delay_ms)) {
        return invalid(place, "a time is negative or longer than 100 years");
    }
    if (step.input.bytes.size() > limits.input_bytes_max) {
        return over_limit(place, "the input has " + std::to_string(step.input.bytes.size()) +
                                     " bytes, at most " + std::to_string(limits.input_bytes_max) +
                                     " are allowed");
    }
    if (step.section.size() > kNameMax) {
        return over_limit(place, "the name of the section is longer than 200 characters");
    }
    return check_claims(place, step);
}

Result<void> check_spec(const WorkflowSpec& spec, const WorkflowLimits& limits) {
    const std::string place = "workflow \"" + spec.name + "\"";
    if (spec.name.empty() || spec.name.size() > kNameMax) {
        return invalid(place, "the name must have 1 to 200 characters");
    }
    if (spec.steps.empty()) {
        return invalid(place, "there are no steps");
    }
    if (spec.steps.size() > limits.steps_max) {
        return over_limit(place, std::to_string(spec.steps.size()) + " steps, at most " +
                                     std::to_string(limits.steps_max) + " are allowed");
    }
    if (!duration_ok(spec.run_timeout_ms)) {
        return invalid(place, "run_timeout_ms is negative or longer than 100 years");
    }
    if (spec.rounds_max > kRoundsMax) {
        return over_limit(place, "rounds_max is larger than 1000");
    }
    std::size_t edges = 0;
    for (const StepSpec& step : spec.steps) {
        SLIPWAY_CHECK(check_step(step, limits));
        edges += step.depends_on.size();
    }
    if (edges > limits.edges_max) {
        return over_limit(place, std::to_string(edges) + " dependencies, at most " +
                                     std::to_string(limits.edges_max) + " are allowed");
    }
    return {};
}

Result<void> index_steps(Workflow::Body& body) {
    for (std::size_t i = 0; i < body.spec.steps.size(); ++i) {
        const std::string& id = body.spec.steps[i].id.str();
        if (!body.by_id.emplace(id, static_cast<StepIndex>(i)).second) {
            return invalid("step \"" + id + "\"", "the id is used twice");
        }
    }
    return {};
}

/// Edges named twice count once; where they differ, the data edge holds.
Result<void> link_steps(Workflow::Body& body) {
    body.dependencies.start.push_back(0);
    body.dependency_kinds.start.push_back(0);
    for (const StepSpec& step : body.spec.steps) {
        std::map<StepIndex, DependencyKind> edges;
        for (const Dependency& d : step.depends_on) {
            const auto found = body.by_id.find(d.step.str());
            if (found == body.by_id.end()) {
                return invalid("step \"" + step.id.str() + "\"",
                               "depends on \"" + d.step.str() + "\", which does not exist");
            }
            auto [edge, fresh] = edges.emplace(found->second, d.kind);
            edge->second = std::min(edge->second, d.kind);
        }
        for (const Dependency& d : step.depends_on) {  // in the order of the specification
            const auto edge = edges.find(body.by_id.find(d.step.str())->second);
            if (edge != edges.end()) {
                body.dependencies.values.push_back(edge->first);
                body.dependency_kinds.values.push_back(edge->second);
                edges.erase(edge);
            }
        }
        body.dependencies.start.push_back(static_cast<std::uint32_t>(body.dependencies.values.size()));
        body.dependency_kinds.start.push_back(static_cast<std::uint32_t>(body.dependencies.values.size()));
    }
    body.dependents = reversed(body.dependencies);
    return {};
}

Result<void> order_steps(Workflow::Body& body) {
    body.order = topological_order(body.dependencies, body.dependents);
    if (body.order.size() == body.spec.steps.size()) {
        return {};
    }
    std::string path;
    for (const StepIndex step : find_cycle(body.dependents)) {
        path += (path.empty() ? "" : " -> ") + body.spec.steps[step].id.str();
    }
    return invalid("workflow \"" + body.spec.name + "\"",
                   "the steps depend on each other in a cycle: " + path);
}

void group_sections(Workflow::Body& body) {
    std::map<std::string_view, std::uint32_t> by_name;
    std::uint32_t count = 0;
    for (const StepSpec& step : body.spec.steps) {
        if (step.section.empty()) {
            body.section_of.push_back(count++);
            continue;
        }
        const auto [found, fresh] = by_name.emplace(step.section, count);
        count += fresh ? 1 : 0;
        body.section_of.push_back(found->second);
    }
    body.sections.start.assign(count + 1, 0);
    body.sections.values.resize(body.section_of.size());
    for (const std::uint32_t section : body.section_of) {
        ++body.sections.start[section + 1];
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        body.sections.start[i + 1] += body.sections.start[i];
    }
    std::vector<std::uint32_t> at(body.sections.start.begin(), body.sections.start.end() - 1);
    for (std::size_t i = 0; i < body.section_of.size(); ++i) {
        body.sections.values[at[body.section_of[i]]++] = static_cast<StepIndex>(i);
    }
}

std::string section_name(const Workflow::Body& body, StepIndex section) {
    const StepSpec& first = body.spec.steps[body.sections.row(section)[0]];
    return first.section.empty() ? first.id.str() : first.section;
}

/// Sections are re-done as a whole, so they must be ordered as a whole: the graph of sections has no cycle
/// either.
Result<void> check_sections(const Workflow::Body& body) {
    const std::size_t count = body.sections.start.size() - 1;
    Rows<StepIndex> edges;
    edges.start.push_back(0);
    for (std::uint32_t section = 0; section < count; ++section) {
        std::vector<StepIndex> row;
        for (const StepIndex step : body.sections.row(section)) {
            for (const StepIndex dependent : body.dependents.row(step)) {
                if (body.section_of[dependent] != section) {
                    row.push_back(body.section_of[dependent]);
                }
            }
        }
        std::sort(row.begin(), row.end());
        row.erase(std::unique(row.begin(), row.end()), row.end());
        edges.values.insert(edges.values.end(), row.begin(), row.end());
        edges.start.push_back(static_cast<std::uint32_t>(edges.values.size()));
    }
    std::string path;
    for (const StepIndex section : find_cycle(edges)) {
        path += (path.empty() ? "" : " -> ") + section_name(body, section);
    }
    if (path.empty()) {
        return {};
    }
    return invalid("workflow \"" + body.spec.name + "\"",
                   "sections depend on each other in a cycle: " + path);
}

}  // namespace

Result<std::shared_ptr<Workflow::Body>> make_body(WorkflowSpec spec, const WorkflowLimits& limits) {
    SLIPWAY_CHECK(check_spec(spec, limits));
    auto body = std::make_shared<Workflow::Body>();
    body->spec = std::move(spec);
    SLIPWAY_CHECK(index_steps(*body));
    SLIPWAY_CHECK(link_steps(*body));
    SLIPWAY_CHECK(order_steps(*body));
    group_sections(*body);
    SLIPWAY_CHECK(check_sections(*body));
    for (const StepSpec& step : body->spec.steps) {
        for (const Claim& claim : step.claims) {
            body->claims_beyond_steps = body->claims_beyond_steps || claim.scope != ClaimScope::kStep;
        }
    }
    return body;
}

}  // namespace slipway::core
