#include "slipway/testing/executor_conformance.hpp"

#include <algorithm>

#include "engine/testing/rules.hpp"

namespace slipway::testing {
namespace {

constexpr Rule kRules[] = {
    {"runs", "an attempt that nothing disturbs succeeds, with one report and one effect", rules::runs},
    {"crash_before_start", "crash before start: it is not called done, and the next attempt does it",
     rules::crash_before_start},
    {"crash_before_effect", "crash between start and the effect: done once in the end, or in doubt",
     rules::crash_before_effect},
    {"crash_mid_effect", "crash in the middle of the effect: taken over, done once, or in doubt",
     rules::crash_mid_effect},
    {"crash_before_report", "crash after the effect, before its report: never done again",
     rules::crash_before_report},
    {"crash_after_report", "crash after the report: nothing more happens", rules::crash_after_report},
    {"crash_in_recovery", "crash while it recovers: the same answer the next time", rules::crash_in_recovery},
    {"duplicate_start", "the same attempt started twice: the effect happens once", rules::duplicate_start},
    {"late_act", "over, or superseded: it does nothing behind a record that was refused", rules::late_act},
    {"cancel", "a polite cancel ends it within its grace, and then it is dead", rules::cancel},
    {"deadline", "when its time is up it ends, by force if need be, and then it is dead", rules::deadline},
    {"bad_input", "input that no author meant is a failure, without effect", rules::bad_input},
    {"output_limits", "what it reports is bounded, whatever its program puts out", rules::output_limits},
    {"garbage_answer", "a program or server that talks nonsense is no success", rules::garbage_answer},
    {"missing_witness", "the witness is gone: in doubt, never a guess", rules::missing_witness},
    {"damaged_evidence", "evidence that does not decode: in doubt, or the truth from elsewhere",
     rules::damaged_evidence},
    {"secrets", "no secret in what it reports, records and logs", rules::secrets},
    {"undo", "undone, the effect is gone, however often it is undone", rules::undo},
    {"exceptions", "what it throws ends the attempt at most, never its recovery", rules::exceptions},
    {"reports", "what it reports is well formed: reasons given, texts are text", rules::reports},
};

bool is_wanted(const ConformanceOptions& options, const char* name) {
    return options.only.empty() ||
           std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

const char* word_of(RuleStanding standing) {
    switch (standing) {
        case RuleStanding::kPassed:
            return "pass";
        case RuleStanding::kFailed:
            return "FAIL";
        case RuleStanding::kNotApplicable:
            break;
    }
    return "n/a";
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

}  // namespace

std::vector<Payload> ExecutorFixture::bad_inputs() {
    return {{""},
            {"{"},
            {"null"},
            {"[]"},
            {"{\"\":{}}"},
            {std::string("\x00\xff\xfe", 3)},
            {std::string(5000, '[')}};
}

bool ConformanceReport::passed() const {
    return failed().empty();
}

std::vector<std::string> ConformanceReport::failed() const {
    std::vector<std::string> names;
    for (const auto& one : rules) {
        if (one.standing == RuleStanding::kFailed) {
            names.push_back(one.rule);
        }
    }
    return names;
}

std::string ConformanceReport::text() const {
    std::string out = "conformance of \"" + kind + "\", version " + std::to_string(version) + "\n";
    for (const auto& one : rules) {
        out += "  " + padded(word_of(one.standing), 6) + padded(one.rule, 21) + one.reason + "\n";
    }
    return out;
}

std::vector<std::string> executor_rules() {
    std::vector<std::string> names;
    for (const auto& rule : kRules) {
        names.emplace_back(rule.name);
    }
    return names;
}

ConformanceReport check_executor(const std::function<std::unique_ptr<ExecutorFixture>()>& fresh,
                                 const ConformanceOptions& options) {
    Workshop shop(fresh, options);
    ConformanceReport report;
    {
        const auto traits = shop.rig()->traits();
        report.kind = traits.kind;
        report.version = traits.version;
    }
    for (const auto& rule : kRules) {
        if (!is_wanted(options, rule.name)) {
            continue;
        }
        RuleResult& result = report.rules.emplace_back();
        result.rule = rule.name;
        result.title = rule.title;
        Line line(result);
        rule.run(shop, line);
    }
    return report;
}

}  // namespace slipway::testing
