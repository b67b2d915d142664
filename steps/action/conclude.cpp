// What became of a script, from what its attempt directory says.
#include <boost/json.hpp>
#include <system_error>

#include "steps/action/flight.hpp"
#include "steps/action/line_log.hpp"
#include "steps/action/outputs.hpp"

namespace slipway::action {
namespace {

namespace json = boost::json;

constexpr int kRestartsMax = 3;

bool mentions(const json::value& value, const std::vector<std::string>& secrets) {
    const std::string text = json::serialize(value);
    for (const auto& secret : secrets) {
        const std::string quoted = json::serialize(json::value(secret));
        if (!secret.empty() && text.find(quoted.substr(1, quoted.size() - 2)) != std::string::npos) {
            return true;
        }
    }
    return false;
}

// An output that repeats a secret is one itself.
json::object marked(const json::object& outputs, const std::vector<std::string>& secrets, bool& any) {
    json::object out;
    for (const auto& member : outputs) {
        const bool is_secret = mentions(member.value(), secrets);
        any = any || is_secret;
        out[member.key()] = {{"value", member.value()}, {"sensitive", is_secret}};
    }
    return out;
}

std::string ending_text(const process::ExitRecord& exit) {
    if (exit.signal != 0) {
        return "was ended by signal " + std::to_string(exit.signal);
    }
    return "ended with exit code " + std::to_string(exit.rc);
}

}  // namespace

StepFailure Flight::failure(FailureClass failure_class, const std::string& message) const {
    StepFailure out;
    out.failure_class = failure_class;
    out.message = redactor_->redact(message);
    out.detail = tail_of_stderr();
    return out;
}

std::string Flight::tail_of_stderr() const {
    constexpr std::uint64_t kBytes = 2048;
    if (armed_.run_dir.empty()) {
        return {};
    }
    const auto inspection = process::inspect(armed_.run_dir);
    if (!inspection || !inspection->exit) {
        return {};
    }
    // Cut after the secrets are out: a piece of one would not be recognised.
    const std::uint64_t size = inspection->exit->err_bytes - inspection->exit->err_dropped;
    const std::uint64_t from = size > 16 * kBytes ? size - 16 * kBytes : 0;
    const auto text = process::read_output(armed_.run_dir, process::OutputStream::kStderr, from, 17 * kBytes);
    std::string out = text ? redactor_->redact(*text) : std::string();
    if (out.size() > kBytes) {
        out.erase(0, out.size() - kBytes);
        out.erase(0, out.find('\n') == std::string::npos ? 0 : out.find('\n') + 1);
    }
    return printable(out);
}

Outcome Flight::doubt(const std::string& why) const {
    json::object evidence;
    evidence["rule"] = "B3";
    evidence["script"] =
        armed_.index < input_.scripts.size() ? input_.scripts[armed_.index].name : std::string();
    evidence["index"] = static_cast<std::int64_t>(armed_.index);
    evidence["run_dir"] = armed_.run_dir;
    evidence["why"] = why;
    return InDoubt{why, {json::serialize(evidence), false}};
}

void Flight::conclude(Result<process::Inspection> inspection) {
    if (!inspection) {
        return settle({Next::kEnd, doubt(inspection.error().message)});
    }
    switch (inspection->state) {
        case process::AttemptState::kExited:
            if (inspection->exit->reason == "terminated") {
                return conclude_interruption("step " + input_.scripts[armed_.index].name +
                                             " was ended by a shutdown of the machine");
            }
            return settle(judge(*inspection->exit));
        case process::AttemptState::kCrashed:
            return conclude_crash();
        case process::AttemptState::kRunning:
        case process::AttemptState::kPrepared:
            return settle({Next::kAlive, {}});
        case process::AttemptState::kNeverStarted:
            break;
    }
    const auto fenced = process::fence(armed_.run_dir);
    if (!fenced || !fenced->proven_dead) {
        return settle({Next::kEnd, doubt("it cannot be made sure that the script does not start")});
    }
    settle({Next::kAgain, {}});
}

Flight::Conclusion Flight::judge(const process::ExitRecord& exit) {
    const std::string who = "step " + input_.scripts[armed_.index].name + " ";
    if (!exit.started) {
        return {Next::kEnd, Failed{failure(FailureClass::kPermanent,
                                           who + "could not be executed: " +
                                               std::generic_category().message(exit.exec_errno))}};
    }
    if (!exit.all_dead) {
        return {Next::kEnd,
                doubt(who + ending_text(exit) + ", and a process that it started survived SIGKILL")};
    }
    if (exit.timed_out) {
        return {Next::kEnd,
                Failed{failure(FailureClass::kTimeout, who + "exceeded the time limit of the action")}};
    }
    if (exit.reason == "cancelled" || exit.reason == "killed") {
        return {Next::kEnd,
                Failed{failure(FailureClass::kCancelled, who + "was cancelled and " + ending_text(exit))}};
    }
    if (!exit.succeeded()) {
        // Repeating it is the author's decision: a script that is safe to repeat may fail in passing.
        const auto failure_class =
            input_.retry == Retry::kSafe ? FailureClass::kTransient : FailureClass::kPermanent;
        return {Next::kEnd, Failed{failure(failure_class, who + ending_text(exit))}};
    }
    auto text = read_outputs_file(workspace_.outputs_file(armed_.index));
    if (text) {
        if (const auto parsed = parse_outputs(*text, Ending::kOrderly); !parsed) {
            text = parsed.error();
        }
    }
    if (!text) {
        return {Next::kEnd,
                Failed{failure(FailureClass::kPermanent, who + "has bad outputs: " + text.error().message)}};
    }
    return {Next::kNextScript, {}};
}

void Flight::conclude_crash() {
    const auto fenced = process::fence(armed_.run_dir);
    const std::string what = "step " + input_.scripts[armed_.index].name + " was interrupted by a crash";
    if (!fenced) {
        return settle({Next::kEnd, doubt(what + "; " + fenced.error().message)});
    }
    context_->log(LogLevel::kWarning, what + "; " + fenced->detail);
    if (!fenced->proven_dead) {
        return settle({Next::kEnd, doubt(what + " and may still be running: " + fenced->detail)});
    }
    conclude_interruption(what);
}

void Flight::conclude_interruption(const std::string& what) {
    switch (input_.retry) {
        case Retry::kSafe:
            return settle({Next::kWholeAgain, {}});
        case Retry::kCheck:
            return run_check();
        case Retry::kNever:
            break;
    }
    settle({Next::kEnd, doubt(what + "; it may not be repeated without a person's word (retry = never)")});
}

void Flight::run_check() {
    const ActionOptions& options = shop_->options();
    const Script check{"check", {}, input_.check, {}, {}, {}};
    Places places = workspace_.places(0);
    places.outputs_file = "/dev/null";
    process::ProcessRequest request;
    auto ready = workspace_.lay_out_check(
        input_.check, build_environment(options, context_->info(), input_, check, action_values_, places),
        request);
    request.attempt_dir = workspace_.free_run_dir("check");
    request.time_limit_ms = options.check_timeout_ms;
    request.grace_ms = options.grace_ms;
    request.no_new_privs = options.no_new_privs;
    request.allow_cgroup = options.allow_cgroup;
    request.allow_pid_namespace = options.allow_pid_namespace;
    request.supervisor_path = options.supervisor_path;
    if (!ready) {
        return settle({Next::kEnd, doubt("the check cannot run: " + ready.error().message)});
    }
    auto prepared = process::prepare(request);
    if (!prepared || !prepared->go()) {
        return settle({Next::kEnd, doubt("the check cannot run")});
    }
    watch(
        request.attempt_dir, [](Flight& f, auto inspection) { f.conclude_check(std::move(inspection)); },
        true);
}

void Flight::conclude_check(Result<process::Inspection> inspection) {
    const bool ran = inspection && inspection->state == process::AttemptState::kExited &&
                     inspection->exit->started && inspection->exit->reason == "exited" &&
                     inspection->exit->all_dead;
    const int rc = ran ? inspection->exit->rc : -1;
    if (rc == 0) {
        context_->log(LogLevel::kInfo, "the check says that the action has had its effect");
        return settle({Next::kEnd, success(armed_.index + 1, true)});
    }
    // 126 and up: it did not get as far as checking anything.
    if (rc > 0 && rc < 126) {
        context_->log(LogLevel::kInfo, "the check says that the action has not had its effect");
        return settle({Next::kWholeAgain, {}});
    }
    settle({Next::kEnd, doubt("the check gave no answer")});
}

Outcome Flight::success(std::size_t scripts, bool killed) {
    json::object flat;
    json::object by_script;
    bool sensitive = false;
    for (std::size_t i = 0; i < scripts; ++i) {
        const auto text = read_outputs_file(workspace_.outputs_file(i));
        const bool torn = killed && i + 1 == scripts;
        auto parsed = text ? parse_outputs(*text, torn ? Ending::kKilled : Ending::kOrderly) : text.error();
        if (!parsed) {
            return Failed{
                failure(FailureClass::kPermanent,
                        "step " + input_.scripts[i].name + " has bad outputs: " + parsed.error().message)};
        }
        json::object values = marked(*parsed, secrets_, sensitive);
        for (const auto& member : values) {
            flat[member.key()] = member.value();
        }
        by_script[input_.scripts[i].name] = std::move(values);
    }
    json::object output;
    output["outputs"] = std::move(flat);
    output["steps"] = std::move(by_script);
    return Succeeded{{json::serialize(output), sensitive}};
}

void Flight::settle(Conclusion conclusion) {
    if (mode_ == Mode::kReconcile) {
        return tell_reconciled(std::move(conclusion));
    }
    const std::size_t next = armed_.index + 1;
    switch (conclusion.next) {
        case Next::kNextScript:
            return next < input_.scripts.size() ? run_script(next) : finish(success(next, false));
        case Next::kAgain:
            if (++restarts_ > kRestartsMax) {
                return finish(Failed{
                    failure(FailureClass::kTransient, "the supervisor does not get a script to start")});
            }
            return run_script(armed_.index);
        case Next::kWholeAgain:
            return finish(
                Failed{failure(FailureClass::kCrashed, "the script was interrupted and may be repeated")});
        case Next::kAlive:
            return watch(
                armed_.run_dir, [](Flight& f, auto inspection) { f.conclude(std::move(inspection)); }, true);
        case Next::kEnd:
            return finish(std::move(conclusion.outcome));
    }
}

void Flight::tell_reconciled(Conclusion conclusion) {
    const bool is_last = armed_.index + 1 == input_.scripts.size();
    switch (conclusion.next) {
        case Next::kNextScript:
            // The rest of the action belongs to the same attempt, which attach() goes on with.
            if (is_last) {
                return context_->reconciled(Finished{success(armed_.index + 1, false)});
            }
            return context_->reconciled(StillRunning{});
        case Next::kAgain:
            return armed_.index == 0 ? context_->reconciled(NotStarted{})
                                     : context_->reconciled(StillRunning{});
        case Next::kWholeAgain:
            return context_->reconciled(NotStarted{});
        case Next::kAlive:
            return context_->reconciled(StillRunning{});
        case Next::kEnd:
            break;
    }
    if (auto* unknown = std::get_if<InDoubt>(&conclusion.outcome)) {
        return context_->reconciled(std::move(*unknown));
    }
    context_->reconciled(Finished{std::move(conclusion.outcome)});
}

}  // namespace slipway::action
