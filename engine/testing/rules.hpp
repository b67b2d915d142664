// The rules: each runs its scenarios and writes its line of the report.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/testing/rig.hpp"

namespace slipway::testing {

/// A crash at one boundary of an attempt, and what came of it.
struct CrashPoint {
    std::string boundary;
    bool after_effect = false;
    Ending ending;
    std::string complaint;  ///< empty: as it should be
};

/// What all rules of one report share.
class Workshop {
public:
    Workshop(const std::function<std::unique_ptr<ExecutorFixture>()>& fresh,
             const ConformanceOptions& options);

    std::unique_ptr<Rig> rig();
    Tally& tally() { return tally_; }
    /// The boundaries of an attempt that nothing disturbs.
    const std::vector<std::string>& boundaries();
    /// One crash at each of them (made at first use).
    const std::vector<CrashPoint>& crashes();
    /// The boundary behind the last record that is made ahead of the effect; nothing: it records nothing.
    std::optional<std::size_t> last_record();

private:
    CrashPoint crash_at(std::size_t boundary);

    const std::function<std::unique_ptr<ExecutorFixture>()>& fresh_;
    const ConformanceOptions& options_;
    Tally tally_;
    std::optional<std::vector<std::string>> boundaries_;
    std::optional<std::vector<CrashPoint>> crashes_;
};

/// One line of the report while it is being written.
class Line {
public:
    explicit Line(RuleResult& result) : result_(result) {}
    void complain(const std::string& what);
    /// Notes a scenario: a complaint, or what came of it.
    void note(const std::string& scenario, const Ending& ending, const std::string& complaint);
    void left_out(const std::string& why);
    /// Passed, unless there was a complaint: `what` says what was tried.
    void pass(const std::string& what);

private:
    RuleResult& result_;
};

/// What is wrong with the end of a scenario, in which the effect should happen once at most; empty: nothing.
std::string judge(const Ending& ending, const std::optional<int>& effects);

struct Rule {
    const char* name;
    const char* title;
    void (*run)(Workshop& shop, Line& line);
};

namespace rules {
void runs(Workshop& shop, Line& line);
void crash_before_start(Workshop& shop, Line& line);
void crash_before_effect(Workshop& shop, Line& line);
void crash_mid_effect(Workshop& shop, Line& line);
void crash_before_report(Workshop& shop, Line& line);
void crash_after_report(Workshop& shop, Line& line);
void crash_in_recovery(Workshop& shop, Line& line);
void duplicate_start(Workshop& shop, Line& line);
void late_act(Workshop& shop, Line& line);
void cancel(Workshop& shop, Line& line);
void deadline(Workshop& shop, Line& line);
void bad_input(Workshop& shop, Line& line);
void output_limits(Workshop& shop, Line& line);
void garbage_answer(Workshop& shop, Line& line);
void missing_witness(Workshop& shop, Line& line);
void damaged_evidence(Workshop& shop, Line& line);
void secrets(Workshop& shop, Line& line);
void undo(Workshop& shop, Line& line);
void exceptions(Workshop& shop, Line& line);
void reports(Workshop& shop, Line& line);
}  // namespace rules

}  // namespace slipway::testing
