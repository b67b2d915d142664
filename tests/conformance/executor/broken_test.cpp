// A kit that cannot fail proves nothing: each of these steps breaks one promise, as steps do in practice, and
// is failed for that and for nothing else.
#include <doctest/doctest.h>

#include "tests/conformance/executor/careful.hpp"

namespace slipway::testing {
namespace {

using Names = std::vector<std::string>;

std::string reason_of(const ConformanceReport& report, const std::string& rule) {
    for (const auto& one : report.rules) {
        if (one.rule == rule) {
            return one.reason;
        }
    }
    return {};
}

TEST_CASE(
    "a step that does everything right passes every rule, and nothing is left out but what it has not") {
    const auto report = report_of<Careful>();
    INFO(report.text());
    CHECK(report.passed());
    CHECK(report.rules.size() == executor_rules().size());
    for (const auto& one : report.rules) {
        if (one.standing == RuleStanding::kNotApplicable) {
            CHECK(one.rule == "garbage_answer");
        }
        CHECK_FALSE(one.reason.empty());
    }
    CHECK(report.text().find("  pass  crash_mid_effect     host alone: not started") != std::string::npos);
}

// It keeps its own books ("done") instead of looking: a crash between the effect and the entry.
class Forgetful final : public Careful {
public:
    using Careful::Careful;
    Verdict check(AttemptContext&, const std::vector<Evidence>& evidence) override {
        if (!evidence.empty() && evidence.back().kind == "done") {
            return Finished{Succeeded{{"done", false}}};
        }
        return NotStarted{};
    }
    Result<bool> is_there(AttemptContext&) override { return false; }
    void after_effect(AttemptContext& context) override { (void)context.record_and_wait({"done", {}}); }
};

TEST_CASE("broken: repeats its effect after a crash") {
    const auto report = report_of<Forgetful>();
    INFO(report.text());
    CHECK(report.failed() == Names{"crash_before_report"});
    CHECK(reason_of(report, "crash_before_report")
              .find("before record 2 (done): the effect happened 2 times") != std::string::npos);
}

// It ends for force only.
class Stubborn final : public Careful {
public:
    using Careful::Careful;
    void cancel(const AttemptInfo&, CancelMode mode) override { forced_ = mode == CancelMode::kForce; }

private:
    bool gives_up(AttemptContext& context) override {
        (void)context.cancelled();
        return forced_;
    }
    std::atomic<bool> forced_{false};
};

TEST_CASE("broken: does not end when it is cancelled politely") {
    const auto report = report_of<Stubborn>();
    INFO(report.text());
    CHECK(report.failed() == Names{"cancel"});
    CHECK(reason_of(report, "deadline").find("by force") != std::string::npos);
}

// It has lost its witness and takes silence for consent.
class Credulous final : public Careful {
public:
    using Careful::Careful;
    Verdict witness_lost() override { return Finished{Succeeded{{"done", false}}}; }
};

TEST_CASE("broken: has forgotten its witness and claims success") {
    const auto report = report_of<Credulous>();
    INFO(report.text());
    CHECK(report.failed() == Names{"missing_witness"});
    CHECK(reason_of(report, "missing_witness").find("the effect never happened") != std::string::npos);
}

class Talkative final : public Careful {
public:
    using Careful::Careful;
    Payload with_secret(const std::string& secret) override { return {"token " + secret, false}; }
};

TEST_CASE("broken: lets a secret out") {
    const auto report = report_of<Talkative>();
    INFO(report.text());
    CHECK(report.failed() == Names{"secrets"});
    CHECK(reason_of(report, "secrets") == "the output holds the secret and is not marked sensitive");
}

// Its fence is stale, and it goes on.
class Deaf final : public Careful {
public:
    using Careful::Careful;
    Outcome run(AttemptContext& context) override {
        if (context.info().input.bytes != "do it") {
            return Careful::run(context);
        }
        (void)context.record_and_wait({"armed", {"{\"it\":1}", false}});
        if (const auto there = is_there(context); there && *there) {
            return Succeeded{{"done", false}};
        }
        if (!world_->act(key(context), [&] { return gives_up(context); })) {
            return failure(FailureClass::kCancelled, "cancelled");
        }
        return Succeeded{{"done", false}};
    }
};

TEST_CASE("broken: acts though its record was refused") {
    const auto report = report_of<Deaf>({.only = {"runs", "late_act", "crash_before_effect", "cancel"}});
    INFO(report.text());
    CHECK(report.failed() == Names{"late_act"});
}

// Its recovery throws: the engine would call it a doubt where the witness knew better.
class Clumsy final : public Careful {
public:
    using Careful::Careful;
    Verdict check(AttemptContext&, const std::vector<Evidence>&) override {
        throw std::runtime_error("oops");
    }
};

TEST_CASE("broken: throws while it recovers") {
    const auto report = report_of<Clumsy>();
    INFO(report.text());
    CHECK(report.failed() == Names{"exceptions"});
}

class Mute final : public Executor {
public:
    explicit Mute(const std::shared_ptr<FakeWorld>&) {}
    ExecutorTraits traits() const override { return {}; }
    void start(std::shared_ptr<AttemptContext>) override {}
    void reconcile(std::shared_ptr<AttemptContext>, std::vector<Evidence>) override {}
};

TEST_CASE("broken: never says anything") {
    const auto report = report_of<Mute>({.only = {"runs", "crash_before_start"}});
    INFO(report.text());
    CHECK(report.failed() == Names{"runs", "crash_before_start"});
}

}  // namespace
}  // namespace slipway::testing
