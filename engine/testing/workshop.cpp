#include <algorithm>

#include "engine/testing/rules.hpp"

namespace slipway::testing {
namespace {

// At most `max` of `count`, evenly, the last one always: that is the report.
std::vector<std::size_t> chosen(std::size_t count, std::size_t max) {
    std::vector<std::size_t> out;
    const std::size_t take = std::min(count, std::max<std::size_t>(max, 1));
    for (std::size_t i = 1; i <= take; ++i) {
        out.push_back(i * count / take - 1);
    }
    return out;
}

}  // namespace

Workshop::Workshop(const std::function<std::unique_ptr<ExecutorFixture>()>& fresh,
                   const ConformanceOptions& options)
    : fresh_(fresh), options_(options) {
    tally_.limit_output = options.output_bytes_max;
    tally_.limit_text = options.text_bytes_max;
    tally_.limit_log = options.log_bytes_max;
}

std::unique_ptr<Rig> Workshop::rig() {
    return std::make_unique<Rig>(fresh_(), tally_);
}

const std::vector<std::string>& Workshop::boundaries() {
    if (!boundaries_) {
        const auto rig = this->rig();
        const auto context = rig->start(rig->fixture().input());
        (void)context->wait(rig->patience());
        boundaries_ = rig->life().passed();
    }
    return *boundaries_;
}

std::optional<std::size_t> Workshop::last_record() {
    for (std::size_t i = boundaries().size(); i-- > 0;) {
        if (!boundaries()[i].starts_with("after record")) {
            continue;
        }
        const auto rig = this->rig();
        rig->life().die_at(i);
        (void)rig->start(rig->fixture().input())->wait(rig->patience());
        rig->crash();
        if (rig->effects().value_or(0) == 0) {
            return i;
        }
    }
    return std::nullopt;
}

CrashPoint Workshop::crash_at(std::size_t boundary) {
    CrashPoint point;
    point.boundary = boundaries()[boundary];
    const auto rig = this->rig();
    rig->life().die_at(boundary);
    (void)rig->start(rig->fixture().input())->wait(rig->patience());
    rig->crash();
    const auto at_crash = rig->effects();
    point.after_effect = at_crash ? *at_crash > 0 : point.boundary == "before the report";
    rig->open();
    point.ending = rig->recover();
    point.complaint = judge(point.ending, rig->effects());
    return point;
}

const std::vector<CrashPoint>& Workshop::crashes() {
    if (!crashes_) {
        crashes_.emplace();
        for (const auto boundary : chosen(boundaries().size(), options_.crash_points_max)) {
            crashes_->push_back(crash_at(boundary));
        }
    }
    return *crashes_;
}

void Line::complain(const std::string& what) {
    if (result_.standing != RuleStanding::kFailed) {
        result_.reason.clear();
    }
    result_.standing = RuleStanding::kFailed;
    result_.reason += (result_.reason.empty() ? "" : "; ") + what;
}

void Line::note(const std::string& scenario, const Ending& ending, const std::string& complaint) {
    result_.doubts += ending.what == Ending::What::kInDoubt ? 1 : 0;
    if (!complaint.empty()) {
        complain(scenario + ": " + complaint);
    }
}

void Line::left_out(const std::string& why) {
    if (result_.standing != RuleStanding::kFailed) {
        result_.standing = RuleStanding::kNotApplicable;
        result_.reason = why;
    }
}

void Line::pass(const std::string& what) {
    if (result_.standing == RuleStanding::kFailed) {
        return;
    }
    result_.standing = RuleStanding::kPassed;
    result_.reason = what;
    if (result_.doubts > 0) {
        result_.reason += "; in doubt " + std::to_string(result_.doubts) + " of them";
    }
}

std::string judge(const Ending& ending, const std::optional<int>& effects) {
    using What = Ending::What;
    if (ending.what == What::kSilent) {
        return ending.verdict.empty() ? "nothing was heard of it"
                                      : "after \"" + ending.verdict + "\" nothing was heard";
    }
    if (!effects) {
        return {};
    }
    const std::string after = ending.verdict.empty() ? "" : " (asked, it said: " + ending.verdict + ")";
    if (*effects > 1) {
        return "the effect happened " + std::to_string(*effects) + " times" + after;
    }
    if (ending.what == What::kSucceeded && *effects == 0) {
        return "it claims success, and the effect never happened" + after;
    }
    if (ending.what == What::kFailed && *effects == 1) {
        return "it is called failed, and the effect happened: " + ending.words + after;
    }
    return {};
}

}  // namespace slipway::testing
