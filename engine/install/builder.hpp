// The blocks that generated workflows are made of, and how they are wired. One builder builds one workflow.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/install/draft.hpp"
#include "engine/install/step_inputs.hpp"
#include "slipway/lifecycle/generate.hpp"

namespace slipway::lifecycle {

/// Steps that belong together, seen from outside. A block without entries is empty.
struct Block {
    std::vector<StepId> entries;
    std::vector<StepId> exits;

    bool empty() const { return entries.empty(); }
};

enum class Direction { kDeploy, kDestroy };

/// Which components a workflow touches, and why each of them.
using Selection = std::map<std::string, std::string>;

class Builder {
public:
    Builder(const AppVersion& version, const Install& install, const InstallState& state,
            const Request& request, const ComponentGraph& graph, std::string workflow)
        : version_(version),
          install_(install),
          state_(state),
          request_(request),
          graph_(graph),
          workflow_(std::move(workflow)) {}

    /// Each of these comes after everything that was added before it.
    void preflight();
    void lifecycle_hooks(const std::string& trigger);
    void sandbox(Direction direction, const std::string& why);
    /// The components side by side, ordered among themselves by the graph.
    void components(const Selection& selection, Direction direction);
    void manual_action(const Action& action);

    WorkflowSpec finish();

private:
    struct ComponentBlock {
        Block block;
        StepId first;      ///< of its section
        StepId last;       ///< of its section
        StepId post_hook;  ///< the last one; may be empty
    };
    struct Change {
        std::string id;     ///< prefix of its steps, and its section
        std::string part;   ///< "sandbox" or "component.<name>"
        std::string title;  ///< "the sandbox", "component db"
        std::string why;
        ChangeKinds kinds;
        json::object input;
        std::string artifact;  ///< what it is made from; empty: nothing
        std::string resolved;  ///< said of what only the install can name
        std::vector<Reference> references;
        std::map<std::string, std::string> optional;  ///< see DraftStep
        std::uint32_t retries = 0;
        DurationMs timeout_ms = 0;
        Direction direction = Direction::kDeploy;
        StringMap labels;
    };

    void then(const Block& block);
    Block change(const Change& change);
    void add_plan_and_gate(const Change& change);
    void add_mark(const Change& change);
    void add_apply(const Change& change);
    void add_outputs(const Change& change, const StepId& of);
    json::object report_input(const Change& change, PartStatus status) const;
    std::string artifact_of(const std::string& part) const;
    void need_tools(const Component& component, Direction direction);
    static void ask_for_registry(Change& change);
    DraftStep step_of(const Change& change, const std::string& suffix, const std::string& kind) const;

    ComponentBlock component(const Component& component, const std::string& why, Direction direction);
    std::vector<std::string> nearest_before(const std::string& name, const Selection& selection,
                                            Direction direction) const;
    Block hooks(const std::string& trigger, const std::string& component);
    StepId add_action(const Action& action, const TriggerContext& trigger, const std::string& why);
    std::vector<const Action*> triggered(const std::string& trigger, const std::string& component) const;

    void link_reads();
    void link_reference(DraftStep& step, const Reference& reference);
    void link_post_hooks();

    const AppVersion& version_;
    const Install& install_;
    const InstallState& state_;
    const Request& request_;
    const ComponentGraph& graph_;
    std::string workflow_;
    Draft draft_;
    std::vector<StepId> frontier_;
    std::map<std::string, ComponentBlock> deployed_;      ///< by component
    std::map<std::string, std::vector<StepId>> actions_;  ///< outputs steps by action
    std::vector<std::pair<StepId, StepId>>
        after_hook_;  ///< (step, hook that it waits for where that is possible)
    bool sandbox_deployed_ = false;
    std::set<std::string> tools_;
};

}  // namespace slipway::lifecycle
