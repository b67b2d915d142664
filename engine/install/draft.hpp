// A workflow while a generator builds it: steps in order, edges that may still grow, inputs not yet written
// out.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/install/json.hpp"
#include "slipway/lifecycle/templates.hpp"
#include "slipway/workflow.hpp"

namespace slipway::lifecycle {

/// Which steps of the run put out what a step's templates read.
struct Reads {
    std::string sandbox;                            ///< id of an outputs step; empty: the snapshot serves
    std::map<std::string, std::string> components;  ///< name -> id of an outputs step
    std::map<std::string, std::vector<std::string>> actions;  ///< name -> ids, in order
};

struct DraftStep {
    StepSpec spec;
    json::object input;                       ///< "template" of the input
    std::map<std::string, std::string> from;  ///< field of the input -> step whose output is put there
    std::map<std::string, std::string>
        optional;       ///< field -> dotted path in the state, without its root: put there if it is a text
    json::object gate;  ///< what a gate shows besides the plan
    std::vector<Reference> references;  ///< what the templates read
    std::string part;                   ///< "sandbox", a component's name, or empty; not read by itself
    Reads reads;
};

class Draft {
public:
    /// The id must be new. The reference is valid until the next add.
    DraftStep& add(DraftStep step);
    DraftStep& at(const StepId& id) { return steps_[index_.at(id.str())]; }
    bool has(const std::string& id) const { return index_.count(id) != 0; }
    std::vector<DraftStep>& steps() { return steps_; }

    /// A data edge replaces an order edge. Both steps have to be there.
    void depend(const StepId& step, const StepId& on, DependencyKind kind);
    /// The same unless it would close a cycle, also between sections; false then.
    bool depend_if_acyclic(const StepId& step, const StepId& on, DependencyKind kind);

    /// True when `from` has to come before `to`, sections taken as one.
    bool comes_before(const StepId& from, const StepId& to) const;

    /// The steps with their inputs written out.
    std::vector<StepSpec> finish();

private:
    const std::string& section_of(const DraftStep& step) const;

    std::vector<DraftStep> steps_;
    std::map<std::string, std::size_t> index_;
};

/// Makes `text` fit for a step id.
std::string id_part(std::string_view text);

}  // namespace slipway::lifecycle
