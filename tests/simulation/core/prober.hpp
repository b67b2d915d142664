// Late, duplicate, unknown and refused inputs: what is not due must change nothing.
#pragma once

#include "tests/simulation/core/moves.hpp"

namespace search {

/// What rides along with every input of the search.
inline core::Moment moment_at(TimeMs now_ms) {
    return {now_ms, 12345, 2000, 1000, {}};
}

/// Feeds inputs to one scratch copy of the state, which none of them may change.
class Prober {
public:
    /// `each`: the whole state is compared after every input. Otherwise once, in finish(): what an input
    /// changed would have to be changed back by a later one to escape.
    Prober(const Workflow& w, const Situation& s, Bug bug, bool each)
        : w_(w), s_(s), bug_(bug), each_(each), scratch_(s.state) {}

    /// All that probe() promises.
    void probe_all();
    void expect_refused(const core::Input& input, const char* what);
    /// Nothing comes of the input: it is refused, or (a stale timer) decides nothing.
    void expect_nothing(const core::Input& input, const char* what) { expect_unchanged(feed(input), what); }
    /// An act on the scratch copy. Refused: it has a reason and changes nothing, and nothing is returned.
    /// What is carried out has changed scratch(): restore() it.
    std::optional<core::Decision> carry_out(const core::Input& input);
    void restore() { scratch_ = s_.state; }
    const core::RunState& scratch() const { return scratch_; }
    std::optional<std::string> wrong() const { return wrong_; }
    std::optional<std::string> finish();

private:
    core::Decision feed(const core::Input& input) {
        return core::advance(w_, scratch_, tampered(s_, w_, input, bug_), moment_at(s_.now_ms));
    }
    void expect_unchanged(const core::Decision& decision, const char* what);
    void probe_step(StepIndex i);

    const Workflow& w_;
    const Situation& s_;
    Bug bug_;
    bool each_;
    core::RunState scratch_;
    std::optional<std::string> wrong_;
};

}  // namespace search
