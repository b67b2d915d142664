#include "steps/helm/apply_attempt.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "steps/kubernetes/fault.hpp"
#include "steps/kubernetes/json.hpp"

namespace slipway::helm {
namespace {

using kubernetes::fault_point;

constexpr const char* kRun = "apply";  // the run of helm that changes the cluster
constexpr int kTries = 4;              // of finding out what became of a release

bool is_the_run(const std::string& dir) {
    return dir.ends_with(std::string("/") + kRun);
}

std::string attempt_label(const AttemptInfo& info) {
    return "f" + std::to_string(info.fence) + "-" +
           sha256(info.run.str() + "/" + info.step.str()).hex().substr(0, 16);
}

/// Unlike any earlier prefix of this attempt's folder.
std::string fresh_prefix(const char* what) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    return std::string(what) + "-" + std::to_string(now);
}

}  // namespace

Cluster ApplyAttempt::cluster_for(process::Tools& tools, const std::string& prefix) {
    return {tools,         options_, tooling_, {bundle_.release, bundle_.space, bundle_.driver},
            input_.access, prefix};
}

Result<void> ApplyAttempt::prepare() {
    SLIPWAY_TRY(input_, read_input(context_, options_, mask_));
    SLIPWAY_TRY(planned_, read_planned(context_.info().input.bytes));
    SLIPWAY_TRY(const auto blob, context_.get_blob(planned_.blob));
    if (sha256(blob.bytes).hex() != planned_.digest) {
        return usage_error(ErrorCode::kInvalidArgument, "what was stored is not what was approved");
    }
    SLIPWAY_TRY(bundle_, decode_bundle(blob.bytes));
    if (bundle_.release != input_.release || bundle_.space != input_.space || bundle_.mode != input_.mode) {
        return usage_error(ErrorCode::kInvalidArgument, "the plan is of another release, namespace or mode");
    }
    if (planned_.artifact != input_.artifact) {
        return usage_error(ErrorCode::kInvalidArgument,
                           "the plan is of another artifact: " + planned_.artifact);
    }
    SLIPWAY_TRY(tooling_, find_tools(options_));
    return {};
}

ReleaseFacts ApplyAttempt::facts(const std::vector<ReleaseRecord>& history) const {
    ReleaseFacts facts;
    facts.destroy = bundle_.mode == Mode::kDestroy;
    facts.key = key_of(context_.info());
    facts.base_revision = planned_.base_revision;
    facts.base_status = planned_.base_status;
    facts.base_had_deployed = planned_.base_had_deployed;
    for (const auto& record : history) {
        facts.revisions.push_back(facts_of(record, &bundle_));
    }
    return facts;
}

// --- the way forward -----------------------------------------------------------------------------

Result<std::optional<Outcome>> ApplyAttempt::may_begin() {
    auto cluster = cluster_for(tools_, "begin");
    SLIPWAY_TRY(const auto history, cluster.history());
    const auto verdict = decide_start(facts(history));
    switch (verdict.action) {
        case ReleaseAction::kDone:
            return std::optional<Outcome>(succeeded({verdict, {}}));
        case ReleaseAction::kRedo:
            return std::optional<Outcome>(Redo{verdict.why});
        case ReleaseAction::kRunAgain:
            break;
        default:
            return std::optional<Outcome>(Failed{
                {FailureClass::kTransient, verdict.why + " (rule " + verdict.rule + ")", {}, 0, false}});
    }
    // A revision that failed says what it left behind: none of them may go before the next success.
    const auto deployed = std::find_if(history.rbegin(), history.rend(), [](const ReleaseRecord& record) {
        return record.status == "deployed";
    });
    const auto since = static_cast<int>(deployed - history.rbegin());
    history_max_ = options_.history_max <= 0 ? 0 : std::max(options_.history_max, since + 3);
    // What an interrupted attempt of this very step changed is no surprise.
    const bool ours = !history.empty() && history.back().revision > planned_.base_revision;
    if (!ours) {
        SLIPWAY_TRY(const auto live, cluster.compare(bundle_.documents, history));
        const bool removing = bundle_.mode == Mode::kDestroy;
        if (!removing && kubernetes::digest_of(live.changes) != planned_.live_digest) {
            return std::optional<Outcome>(
                Redo{"objects in the cluster have changed since the plan was made"});
        }
        if (planned_.nothing_to_do && !removing) {
            return std::optional<Outcome>(
                succeeded({{ReleaseAction::kDone, "none", "nothing to do", planned_.base_revision}, {}}));
        }
    }
    return std::optional<Outcome>();
}

Result<void> ApplyAttempt::apply() {
    SLIPWAY_TRY(const auto folder, tools_.folder());
    auto cluster = cluster_for(tools_, "unused");
    const auto& info = context_.info();
    std::vector<std::string> args;
    const auto slack = options_.cluster.request_limit_ms + options_.cluster.stop_grace_ms;
    auto limit = bundle_.timeout_ms * 3 + slack;  // hooks, objects and the wait have a time-out each
    if (info.deadline_ms > 0) {
        limit = std::clamp<DurationMs>(info.deadline_ms - context_.now_ms(), 1000, limit);
    }
    if (bundle_.mode == Mode::kDestroy) {
        args = {"uninstall",   bundle_.release, "--namespace",
                bundle_.space, "--timeout",     std::to_string(bundle_.timeout_ms / 1000) + "s"};
    } else {
        if (!tools_.adopting()) {
            SLIPWAY_CHECK(write_chart(bundle_, folder + "/chart"));
        }
        args = upgrade_args(bundle_, folder + "/chart");
        const auto until = (context_.now_ms() + limit + options_.cluster.stop_grace_ms) / 1000 + 60;
        args.insert(args.end(),
                    {"--history-max", std::to_string(history_max_), "--labels",
                     std::string(kKeyLabel) + "=" + key_of(info) + "," + kAttemptLabel + "=" +
                         attempt_label(info) + "," + kOpLabel + "=" + planned_.digest.substr(0, 40) + "," +
                         kUntilLabel + "=" + std::to_string(until) +
                         (input_.owner.empty() ? "" : std::string(",") + kOwnerLabel + "=" + input_.owner)});
    }
    if (bundle_.wait) {
        args.emplace_back("--wait");
    }
    if (bundle_.wait && bundle_.wait_for_jobs && bundle_.mode != Mode::kDestroy) {
        args.emplace_back("--wait-for-jobs");
    }
    auto run = cluster.helm_run(kRun, std::move(args), folder);
    if (bundle_.mode != Mode::kDestroy) {
        hand_over_values(bundle_.values, run);
    }
    run.time_limit_ms = limit;
    fault_point("helm.prepared");
    auto ended = tools_.run(run);
    fault_point("helm.ended");
    std::error_code code;
    if (ended || ended.error().code != ErrorCode::kStopped || tools_.cancelled()) {
        std::filesystem::remove_all(folder + "/chart", code);  // it holds what Secrets hold
    }
    return ended ? Result<void>() : ended.error();
}

Result<Outcome> ApplyAttempt::run() {
    SLIPWAY_CHECK(prepare());
    if (!tools_.adopting()) {
        auto outcome = may_begin();
        if (!outcome) {
            return outcome.error();
        }
        if (*outcome) {
            return std::move(**outcome);
        }
    }
    const auto ended = apply();
    if (!ended && ended.error().code == ErrorCode::kStopped && !tools_.cancelled()) {
        return ended.error();  // this host is stopping: helm lives on
    }
    return conclude(ended ? std::nullopt : std::optional<Error>(ended.error()));
}

// --- what became of it ---------------------------------------------------------------------------

Result<ReleaseVerdict> ApplyAttempt::decide(Cluster& cluster, std::vector<ReleaseRecord>& history) {
    SLIPWAY_TRY(history, cluster.history());
    auto known = facts(history);
    auto verdict = decide_release(known);
    if (verdict.action == ReleaseAction::kCheckObjects) {
        SLIPWAY_TRY(const auto live, cluster.compare(bundle_.documents, {history.back()}));
        known.objects_match =
            std::all_of(live.changes.begin(), live.changes.end(), [](const kubernetes::ObjectChange& change) {
                return change.action == kubernetes::ObjectAction::kNone;
            });
        verdict = decide_release(known);
    }
    return verdict;
}

Result<ApplyAttempt::Concluded> ApplyAttempt::settle(Cluster& cluster) {
    std::vector<ReleaseRecord> history;
    Concluded out;
    SLIPWAY_TRY(out.verdict, decide(cluster, history));
    if (out.verdict.action == ReleaseAction::kMarkFailed) {
        SLIPWAY_CHECK(cluster.mark(history.back(), "failed",
                                   std::string(kMarkText) + " (" + history.back().status + ")"));
        fault_point("helm.marked");
    } else if (out.verdict.action == ReleaseAction::kMarkDeployed) {
        SLIPWAY_CHECK(cluster.mark(history.back(), "deployed", "completed, found by slipway"));
        fault_point("helm.marked");
        out.verdict.action = ReleaseAction::kDone;
    }
    if (out.verdict.action == ReleaseAction::kDone) {
        if (bundle_.mode == Mode::kDestroy) {
            ReleaseRecord gone;
            gone.manifest = bundle_.known;
            history = {std::move(gone)};
        }
        SLIPWAY_TRY(out.pruned, cluster.prune(bundle_.documents, history));
        fault_point("helm.pruned");
    }
    return out;
}

Outcome ApplyAttempt::succeeded(const Concluded& concluded) const {
    json::object outputs;
    if (bundle_.mode != Mode::kDestroy) {
        outputs = {{"release", bundle_.release}, {"namespace", bundle_.space}};
    }
    const json::object output{{"mode", std::string(to_string(bundle_.mode))},
                              {"release", bundle_.release},
                              {"namespace", bundle_.space},
                              {"revision", concluded.verdict.revision},
                              {"rule", concluded.verdict.rule},
                              {"digest", planned_.digest},
                              {"resources", bundle_.documents.size()},
                              {"pruned", kubernetes::texts(concluded.pruned)},
                              {"outputs", std::move(outputs)}};
    return Succeeded{{json::serialize(output), false}};
}

Outcome ApplyAttempt::failed(const std::optional<Error>& helm_error, const ReleaseVerdict& verdict) const {
    StepFailure failure;
    failure.failure_class = FailureClass::kPermanent;
    failure.message = mask_.text(helm_error ? helm_error->message : verdict.why);
    failure.detail = "rule " + verdict.rule + ": " + verdict.why;
    if (helm_error && helm_error->code == ErrorCode::kStopped) {
        failure.failure_class = FailureClass::kCancelled;
    } else if (helm_error && helm_error->code == ErrorCode::kTimeout) {
        failure.failure_class = FailureClass::kTimeout;
    } else if (verdict.action == ReleaseAction::kRunAgain && helm_error) {
        failure.failure_class = FailureClass::kTransient;  // nothing was recorded: e.g. no connection
    }
    return Failed{std::move(failure)};
}

Payload ApplyAttempt::evidence_of(const ReleaseVerdict& verdict) const {
    const json::object evidence{{"rule", verdict.rule},         {"why", verdict.why},
                                {"release", bundle_.release},   {"namespace", bundle_.space},
                                {"revision", verdict.revision}, {"base_revision", planned_.base_revision},
                                {"digest", planned_.digest}};
    return {json::serialize(evidence), false};
}

InDoubt ApplyAttempt::lost(const Error& error) const {
    return {"what became of the release could not be found out: " + mask_.text(error.message),
            evidence_of({ReleaseAction::kInDoubt, "lost", mask_.text(error.message), 0})};
}

Result<Outcome> ApplyAttempt::conclude(const std::optional<Error>& helm_error) {
    Result<Concluded> concluded = bug_error("not tried");
    for (int i = 0; i < kTries; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(i == 0 ? 0 : 250 << i));
        auto cluster = cluster_for(after_, fresh_prefix("end"));
        concluded = settle(cluster);
        if (concluded) {
            break;
        }
        if (concluded.error().code == ErrorCode::kStopped ||
            concluded.error().code == ErrorCode::kStaleFence) {
            return concluded.error();
        }
    }
    if (!concluded) {
        return Outcome(lost(concluded.error()));
    }
    const auto& verdict = concluded->verdict;
    switch (verdict.action) {
        case ReleaseAction::kDone:
            return succeeded(*concluded);
        case ReleaseAction::kRedo:
            return Outcome(Redo{verdict.why});
        case ReleaseAction::kFailed:
        case ReleaseAction::kMarkFailed:
        case ReleaseAction::kRunAgain:
            return failed(helm_error, verdict);
        default:
            return Outcome(InDoubt{verdict.why + " (rule " + verdict.rule + ")", evidence_of(verdict)});
    }
}

Result<Verdict> ApplyAttempt::look_at_release() {
    SLIPWAY_CHECK(prepare());
    auto cluster = cluster_for(after_, fresh_prefix("look"));
    SLIPWAY_TRY(const auto concluded, settle(cluster));
    const auto& verdict = concluded.verdict;
    context_.log(LogLevel::kInfo, "recovery, rule " + verdict.rule + ": " + verdict.why);
    switch (verdict.action) {
        case ReleaseAction::kDone:
            return Verdict(Finished{succeeded(concluded)});
        case ReleaseAction::kRunAgain:
        case ReleaseAction::kMarkFailed:
            return Verdict(NotStarted{});
        case ReleaseAction::kFailed:
            return Verdict(Finished{failed(std::nullopt, verdict)});
        case ReleaseAction::kRedo:
            return Verdict(Partial{"rule " + verdict.rule + ": " + verdict.why});
        default:
            return Verdict(InDoubt{verdict.why + " (rule " + verdict.rule + ")", evidence_of(verdict)});
    }
}

Verdict ApplyAttempt::look(const std::vector<Evidence>& evidence) {
    const auto dirs = process::armed_dirs(evidence);
    const auto run = std::find_if(dirs.begin(), dirs.end(), is_the_run);
    if (run != dirs.end()) {
        const auto inspection = process::inspect(*run);
        if (inspection && inspection->state == process::AttemptState::kRunning) {
            return StillRunning{};
        }
    }
    std::error_code code;
    if (run != dirs.end() && !std::filesystem::exists(*run, code)) {
        return InDoubt{"the directory of the run is lost",
                       evidence_of({ReleaseAction::kInDoubt, "lost", "the directory of the run is lost", 0})};
    }
    for (const auto& dir : dirs) {
        const auto report = process::fence(dir);
        if (is_the_run(dir) && (!report || !report->proven_dead)) {
            const auto why = report ? report->detail : report.error().message;
            return InDoubt{"helm is not proven dead: " + why,
                           evidence_of({ReleaseAction::kInDoubt, "fence", why, 0})};
        }
    }
    if (run == dirs.end()) {
        return NotStarted{};
    }
    Result<Verdict> verdict = bug_error("not tried");
    for (int i = 0; i < kTries && !verdict; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(i == 0 ? 0 : 250 << i));
        verdict = look_at_release();
    }
    return verdict ? std::move(*verdict) : Verdict(lost(verdict.error()));
}

}  // namespace slipway::helm
