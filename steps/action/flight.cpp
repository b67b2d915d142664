#include "steps/action/flight.hpp"

#include <algorithm>
#include <exception>

#include "steps/action/line_log.hpp"

namespace slipway::action {
namespace {

constexpr DurationMs kNoTimeLeft = 1;

Result<void> resolve(const EnvValues& values, AttemptContext& context, std::vector<std::string>& secrets,
                     Environment& out) {
    for (const auto& [name, value] : values) {
        if (!value.is_secret) {
            out[name] = value.text;
            continue;
        }
        SLIPWAY_TRY(auto secret, context.secret(value.text));
        if (secret.find('\0') != std::string::npos) {
            return authoring_error("the secret for " + name + " holds a NUL byte and cannot be a variable");
        }
        secrets.push_back(secret);
        out[name] = std::move(secret);
    }
    return {};
}

}  // namespace

void Flight::later(std::function<void(Flight&)> work) {
    shop_->post([self = shared_from_this(), work = std::move(work)] {
        try {
            work(*self);
        } catch (const std::exception& e) {
            // Where it stands is not known any more; what is on the disk is looked at by the next one who
            // reconciles.
            self->settle({Next::kEnd, self->doubt(std::string("the action executor failed: ") + e.what())});
        }
    });
}

void Flight::start() {
    shop_->enter(context_->info(), shared_from_this());
    later([](Flight& f) { f.begin(); });
}

Result<void> Flight::set_up() {
    SLIPWAY_TRY(input_, parse_input(context_->info().input.bytes));
    for (const auto& script : input_.scripts) {
        SLIPWAY_CHECK(resolve(script.env, *context_, secrets_, script_values_.emplace_back()));
    }
    SLIPWAY_CHECK(resolve(input_.env, *context_, secrets_, action_values_));
    for (const auto& value : input_.sensitive_values) {
        if (value.size() >= kSecretLengthMin) {
            secrets_.push_back(value);
        }
    }
    for (const auto& secret : secrets_) {
        redactor_->add(secret);
    }
    return {};
}

void Flight::begin() {
    if (auto ready = set_up(); !ready) {
        return finish(failed_by(ready.error()));
    }
    const auto scratch = context_->scratch_dir();
    if (!scratch) {
        return finish(failed_by(scratch.error()));
    }
    armed_.fence = context_->info().fence;
    armed_.root = *scratch + "/action-" + std::to_string(armed_.fence);
    armed_.deadline_ms =
        context_->now_ms() + (input_.timeout_ms > 0 ? input_.timeout_ms : shop_->options().timeout_ms);
    workspace_ = Workspace(armed_.root);
    if (auto made = workspace_.make(); !made) {
        return finish(failed_by(made.error()));
    }
    run_script(0);
}

Result<process::ProcessRequest> Flight::request_for(std::size_t index) {
    const ActionOptions& options = shop_->options();
    process::ProcessRequest request;
    Environment values = script_values_[index];
    for (const auto& [name, value] : action_values_) {
        values[name] = value;
    }
    Environment env = build_environment(options, context_->info(), input_, input_.scripts[index], values,
                                        workspace_.places(index));
    SLIPWAY_CHECK(workspace_.lay_out(input_, index, std::move(env), request));
    request.attempt_dir = workspace_.free_run_dir("run-" + std::to_string(index));
    request.out.head_bytes = request.err.head_bytes = options.output_head_bytes;
    request.time_limit_ms = std::max(armed_.deadline_ms - context_->now_ms(), kNoTimeLeft);
    request.grace_ms = options.grace_ms;
    request.no_new_privs = options.no_new_privs;
    request.hidden = options.hidden;
    request.shown = {armed_.root};
    request.max_open_files = options.max_open_files;
    request.max_file_bytes = options.max_file_bytes;
    request.secrets = secrets_;
    request.allow_cgroup = options.allow_cgroup;
    request.allow_pid_namespace = options.allow_pid_namespace;
    request.supervisor_path = options.supervisor_path;
    return request;
}

void Flight::run_script(std::size_t index) {
    {
        const std::lock_guard lock(mutex_);
        live_dir_.clear();
        if (cancelled_) {
            index = input_.scripts.size();
        }
    }
    if (index == input_.scripts.size()) {
        return finish(cancelled_outcome());
    }
    if (context_->now_ms() >= armed_.deadline_ms) {
        return finish(
            Failed{failure(FailureClass::kTimeout,
                           "the time limit of the action ended before step " + input_.scripts[index].name)});
    }
    auto request = request_for(index);
    if (!request) {
        return finish(failed_by(request.error()));
    }
    auto prepared = process::prepare(*request);
    if (!prepared) {
        return finish(failed_by(prepared.error()));
    }
    arm(index, std::move(*prepared));
}

// The order that everything rests on: the script is held, its place is recorded, the record is durable, it is
// let go.
void Flight::arm(std::size_t index, process::Prepared prepared) {
    armed_.index = index;
    armed_.run_dir = prepared.attempt_dir();
    auto held = std::make_shared<process::Prepared>(std::move(prepared));
    context_->record(to_evidence(armed_), [self = shared_from_this(), held](Result<void> recorded) {
        if (!recorded) {
            // Not ours any more. Dropping `held` ends the script before it has begun.
            self->later([error = recorded.error()](Flight& f) { f.finish(failed_by(error)); });
            return;
        }
        self->later([held](Flight& f) { f.let_go(held); });
    });
}

bool Flight::take_cancel_target(const std::string& run_dir) {
    const std::lock_guard lock(mutex_);
    if (cancelled_) {
        return false;
    }
    live_dir_ = run_dir;
    return true;
}

void Flight::let_go(const std::shared_ptr<process::Prepared>& prepared) {
    if (!take_cancel_target(armed_.run_dir)) {
        return finish(cancelled_outcome());
    }
    context_->progress({"step " + input_.scripts[armed_.index].name, -1});
    // An error shows in the directory, which is where everything else is read from too.
    (void)prepared->go();
    watch(
        armed_.run_dir, [](Flight& f, auto inspection) { f.conclude(std::move(inspection)); }, true);
}

void Flight::watch(const std::string& run_dir, std::function<void(Flight&, Result<process::Inspection>)> then,
                   bool with_log) {
    const auto self = shared_from_this();
    const auto log = std::make_shared<LineLog>(context_, redactor_);
    process::WatchCallbacks callbacks;
    if (with_log) {
        callbacks.on_output = [log](process::OutputStream stream, std::string_view bytes) {
            log->take(stream, bytes);
        };
    }
    callbacks.on_end = [self, log, then = std::move(then)](Result<process::Inspection> inspection) {
        log->finish();
        self->later([then, inspection = std::move(inspection)](Flight& f) { then(f, inspection); });
    };
    shop_->watch(run_dir, std::move(callbacks));
}

void Flight::cancel(CancelMode mode) {
    std::string dir;
    {
        const std::lock_guard lock(mutex_);
        cancelled_ = true;
        forced_ = forced_ || mode == CancelMode::kForce;
        dir = live_dir_;
    }
    if (!dir.empty()) {
        (void)process::cancel(
            dir, mode == CancelMode::kForce ? process::StopMode::kKill : process::StopMode::kCancel);
    }
}

Outcome Flight::cancelled_outcome() const {
    return Failed{failure(FailureClass::kCancelled, "the action was cancelled")};
}

void Flight::finish(Outcome outcome) {
    // Whatever could not be carried out may be told in the words of the input.
    if (auto* failed = std::get_if<Failed>(&outcome)) {
        failed->failure.message = redactor_->redact(failed->failure.message);
        failed->failure.detail = redactor_->redact(failed->failure.detail);
    }
    shop_->leave(context_->info());
    context_->finish(std::move(outcome));
}

}  // namespace slipway::action
