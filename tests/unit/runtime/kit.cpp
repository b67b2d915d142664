#include "tests/unit/runtime/kit.hpp"

#include <doctest/doctest.h>

#include "engine/store/memory_image.hpp"

namespace slipway::testkit {

ExecutorTraits Scripted::traits() const {
    ExecutorTraits traits;
    traits.kind = kind_;
    traits.version = version_;
    traits.cancel_grace_ms = cancel_grace_ms;
    traits.force_grace_ms = 1000;
    traits.reconcile_timeout_ms = reconcile_timeout_ms;
    traits.resource_class = resource_class;
    return traits;
}

void Scripted::start(std::shared_ptr<AttemptContext> context) {
    {
        const std::lock_guard lock(mutex_);
        const auto& info = context->info();
        started_.push_back(info.step.str() + "/" + std::to_string(info.round) + "/" +
                           std::to_string(info.attempt));
    }
    if (on_start) {
        on_start(context);
    } else {
        context->finish(Succeeded{{"out:" + context->info().step.str(), false}});
    }
}

void Scripted::reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) {
    if (on_reconcile) {
        on_reconcile(context, evidence);
    } else {
        context->reconciled(NotStarted{});
    }
}

void Scripted::attach(std::shared_ptr<AttemptContext> context, std::vector<Evidence> evidence) {
    if (on_attach) {
        on_attach(context, evidence);
    } else {
        Executor::attach(context, evidence);
    }
}

void Scripted::cancel(const AttemptInfo& attempt, CancelMode mode) {
    if (on_cancel) {
        on_cancel(attempt, mode);
    }
}

std::vector<std::string> Scripted::started() const {
    const std::lock_guard lock(mutex_);
    return started_;
}

std::vector<std::shared_ptr<AttemptContext>> Scripted::held() const {
    const std::lock_guard lock(mutex_);
    return held_;
}

void Scripted::hold(const std::shared_ptr<AttemptContext>& context) {
    const std::lock_guard lock(mutex_);
    held_.push_back(context);
}

Result<void> SpyStore::commit(const Commit& commit) {
    if (before_commit) {
        before_commit(commit);
    }
    ++commits;
    auto result = inner_->commit(commit);
    ++returned;
    return result;
}

Result<std::optional<StoredRun>> SpyStore::load(const RunId& run) {
    if (unreadable) {
        return environment_error(ErrorCode::kIo, "the disk does not give " + run.str() + " back");
    }
    if (before_load) {
        before_load(run);
    }
    auto found = inner_->load(run);
    loads += found && *found ? 1 : 0;
    return found;
}

Result<Key> OneKey::find(std::string_view id) {
    return id == "one" ? current()
                       : Result<Key>(environment_error(ErrorCode::kKey, "no key " + std::string(id)));
}

void Recorder::on_event(const RunId& run, const Workflow& workflow, const Event& event) {
    const std::lock_guard lock(mutex_);
    ++workflows_;
    for (const auto& step : workflow.spec().steps) {
        inputs_.insert(step.input.bytes);
    }
    events_[run.str()].push_back(event.seq);
}

void Recorder::on_progress(const RunId&, const StepId&, const Progress&) {}

void Recorder::on_log(const RunId&, const StepId&, std::uint32_t, std::uint32_t, LogLevel,
                      std::string_view line) {
    const std::lock_guard lock(mutex_);
    logs_.emplace_back(line);
}

void Recorder::on_alarm(std::string_view what, const RunId&, std::string_view) {
    const std::lock_guard lock(mutex_);
    alarms_.emplace(what);
}

std::map<std::string, std::vector<EventSeq>> Recorder::events() const {
    const std::lock_guard lock(mutex_);
    return events_;
}

std::vector<std::string> Recorder::logs() const {
    const std::lock_guard lock(mutex_);
    return logs_;
}

std::set<std::string> Recorder::alarms() const {
    const std::lock_guard lock(mutex_);
    return alarms_;
}

std::size_t Recorder::workflows_seen() const {
    const std::lock_guard lock(mutex_);
    return workflows_;
}

bool Recorder::saw_input(const std::string& bytes) const {
    const std::lock_guard lock(mutex_);
    return inputs_.contains(bytes);
}

EngineOptions Bench::options() {
    EngineOptions options;
    options.store = make_memory_store(image);
    options.executors = {executor};
    options.observers = {recorder};
    options.clock = clock;
    options.random_seed = 7;
    options.pool_threads = 2;
    return options;
}

void Bench::open() {
    open(options());
}

void Bench::open(EngineOptions with) {
    auto opened = Engine::open(std::move(with));
    REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string{} : opened.error().message));
    engine = *std::move(opened);
}

void Bench::crash() {
    auto copy = clone_memory_image(*image);
    engine.reset();
    image = std::move(copy);
    open();
}

void Bench::reopen() {
    REQUIRE(engine->stop(StopMode::kGraceful));
    engine.reset();
    open();
}

void Bench::advance(DurationMs by) {
    clock->advance(by);
    // Any call makes the engine's thread look at its timers; the second one comes after what the first made
    // due.
    static_cast<void>(engine->list({}));
    static_cast<void>(engine->list({}));
}

void damage_slice(MemoryImage& image, const std::string& run) {
    for (auto& [tick, bytes] : image.contents.partitions.at(0).journal) {
        const auto at = bytes.rfind("me");  // the principal in the slice of the run's start
        if (bytes.find(run) != std::string::npos && at != std::string::npos) {
            bytes[at] = 'X';
            return;
        }
    }
    FAIL("nothing to damage");
}

Principal me() {
    return Principal{"me", {}};
}

StepSpec step(const std::string& id, const std::vector<std::string>& after) {
    StepSpec spec;
    spec.id = StepId{id};
    spec.kind = "x";
    for (const auto& dependency : after) {
        spec.depends_on.push_back({StepId{dependency}, DependencyKind::kData});
    }
    return spec;
}

WorkflowSpec chain(int length) {
    WorkflowSpec spec;
    spec.name = "chain";
    for (int i = 0; i < length; ++i) {
        spec.steps.push_back(i == 0 ? step("s0")
                                    : step("s" + std::to_string(i), {"s" + std::to_string(i - 1)}));
    }
    return spec;
}

WorkflowSpec fan(int width) {
    WorkflowSpec spec;
    spec.name = "fan";
    std::vector<std::string> all;
    for (int i = 0; i < width; ++i) {
        all.push_back("s" + std::to_string(i));
        spec.steps.push_back(step(all.back()));
    }
    spec.steps.push_back(step("join", all));
    return spec;
}

Workflow build(WorkflowSpec spec) {
    auto workflow = Workflow::build(std::move(spec));
    REQUIRE_MESSAGE(workflow.has_value(), (workflow ? std::string{} : workflow.error().message));
    return *workflow;
}

StartRequest request(const std::string& run, const Workflow& workflow, const std::string& input) {
    StartRequest request;
    request.run = RunId{run};
    request.workflow = workflow;
    request.input.bytes = input;
    return request;
}

StepView view_of(Engine& engine, const std::string& run, const std::string& step) {
    const auto view = engine.view(RunId{run});
    REQUIRE(view.has_value());
    for (const auto& s : view->steps) {
        if (s.id.str() == step) {
            return s;
        }
    }
    FAIL("no such step");
    return {};
}

}  // namespace slipway::testkit
