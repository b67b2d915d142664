#include "tests/simulation/engine/simulation.hpp"

#include <cstdio>

#include "engine/runtime/engine_impl.hpp"
#include "engine/store/memory_image.hpp"
#include "tests/simulation/engine/listener.hpp"
#include "tests/simulation/engine/operator.hpp"
#include "tests/simulation/engine/sim_store.hpp"
#include "tests/simulation/engine/world.hpp"

namespace slipway::simulation {
namespace {

constexpr std::uint32_t kTurns = 400;
constexpr std::uint32_t kTurnsToEnd = 20'000;

class Life {
public:
    Life(std::uint64_t seed, bool tell)
        : dice_(seed),
          faults_(Faults::of(dice_)),
          capacity_(dice_.between(1, 6)),
          tell_(tell),
          oracle_(capacity_),
          world_(dice_, faults_, oracle_, *clock_) {}

    Report live();

private:
    struct Wanted {
        StartRequest request;
        bool acknowledged = false;
    };

    void play();
    void end_all();
    void turn();
    void work();
    void pass_time(bool long_steps);
    void open();
    bool try_open();
    void crash();
    void check() const;
    void check_recovered();
    void check_end();
    void start_one();
    RunId some_run();
    void operate(const RunId& run);
    void release();
    bool is_over();
    void say(const std::string& what) const;
    void collect();
    runtime::Shell& shell() { return engine_->shell(); }

    Dice dice_;
    Faults faults_;
    std::uint32_t capacity_;
    bool tell_;
    bool calm_ = false;
    std::shared_ptr<SimClock> clock_ = std::make_shared<SimClock>();
    Oracle oracle_;
    World world_;
    std::shared_ptr<MemoryImage> image_ = make_memory_image();
    std::shared_ptr<SimStore> store_;
    std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
    std::unique_ptr<runtime::EngineImpl> engine_;
    std::vector<Wanted> wanted_;
    Report report_;
};

void Life::say(const std::string& what) const {
    if (tell_) {
        std::printf("%8lld  %s\n", static_cast<long long>(clock_->now_ms() - 1'700'000'000'000),
                    what.c_str());
    }
}

Report Life::live() {
    const auto runs = dice_.between(1, 5);
    for (std::uint32_t i = 0; i < runs; ++i) {
        StartRequest request;
        request.run = RunId{"r" + std::to_string(i)};
        request.workflow = some_workflow(dice_);
        request.input = {std::string(dice_.chance(100) ? 70'000 : 5, 'i'), false};
        request.approve_all = dice_.chance(200);
        wanted_.push_back({std::move(request), false});
    }
    try {
        open();
        play();
        end_all();
        check_end();
    } catch (const Violation& violation) {
        report_.broken = violation.what();
    }
    report_.runs = runs;
    report_.child_runs = oracle_.child_runs();
    report_.events = oracle_.events();
    report_.trace = oracle_.trace();
    engine_.reset();
    return report_;
}

bool Life::try_open() {
    engine_.reset();
    store_ = std::make_shared<SimStore>(image_, dice_, faults_, oracle_);
    store_->set_calm(calm_);
    EngineOptions options;
    options.store = store_;
    options.executors = world_.executors();
    options.clock = clock_;
    options.observers = {listener_};
    options.live_attempts_max = capacity_;
    options.tick_inputs_max = dice_.between(1, 16);
    options.memory_bytes_max = dice_.chance(700) ? 1 : 1U << 20U;
    options.random_seed = dice_.next() | 1U;
    engine_ = std::make_unique<runtime::EngineImpl>(std::move(options), runtime::Drive::kByHand);
    try {
        const auto opened = engine_->open();
        if (!opened && opened.error().code != ErrorCode::kIo) {
            throw Violation("G1: it does not open: " + opened.error().message);
        }
        return opened.has_value() && !shell().failed;
    } catch (const Crash&) {
        return false;
    }
}

void Life::open() {
    while (!try_open()) {
        ++report_.crashes;
        world_.crash();
        oracle_.restarted();
    }
    say("opened");
    check_recovered();
}

void Life::crash() {
    ++report_.crashes;
    report_.let_go += shell().runs_let_go;
    say("crash");
    world_.crash();
    oracle_.restarted();
    engine_.reset();
    if (dice_.chance(faults_.slice_flips)) {
        if (const auto run = flip_a_bit(*image_, dice_)) {
            say("a bit flips in " + run->str());
            oracle_.damaged(*run);
        }
    }
    clock_->advance(dice_.below(10'000));
    open();
}

void Life::check_recovered() {
    store_->set_calm(true);
    for (const auto& [run, events] : oracle_.sizes()) {
        if (oracle_.is_damaged(run)) {
            continue;
        }
        const auto view = engine_->view(run);
        if (!view) {
            throw Violation("G1: run " + run.str() + " is gone after a restart: " + view.error().message);
        }
        oracle_.recovered(run, view->seq);
    }
    store_->set_calm(calm_);
}

void Life::play() {
    for (std::uint32_t i = 0; i < kTurns; ++i) {
        turn();
    }
}

void Life::turn() {
    ++report_.turns;
    try {
        if (dice_.chance(faults_.crash_between)) {
            throw Crash{};
        }
        work();
    } catch (const Crash&) {
        crash();
    }
    check();
}

void Life::work() {
    bool any = dice_.chance(700) && world_.happen();
    auto& services = *shell().services;
    for (auto* pool : {services.pool.get(), services.loader.get(), services.housekeeper.get()}) {
        any = (dice_.chance(600) && pool->run_one()) || any;
    }
    if (dice_.chance(600)) {
        services.publisher->deliver_all();
    }
    if (dice_.chance(200)) {
        start_one();
    }
    if (dice_.chance(150)) {
        operate(some_run());
    }
    if (dice_.chance(10)) {
        collect();
    }
    any = engine_->turn(dice_.chance(300)) || any;
    if (shell().failed) {
        throw Crash{};
    }
    if (!any) {
        pass_time(calm_);
    }
}

void Life::pass_time(bool long_steps) {
    const auto now = clock_->now_ms();
    DurationMs step = dice_.between(1, long_steps ? 10'000 : 500);
    for (const auto& next : {world_.next(), shell().timers.next()}) {
        if (next && dice_.chance(700)) {
            step = std::min<DurationMs>(step, std::max<DurationMs>(*next - now, 1));
        }
    }
    if (dice_.chance(faults_.clock_jumps)) {
        step = dice_.chance(500) ? dice_.below(200'000) : -static_cast<DurationMs>(dice_.below(5'000));
    }
    clock_->advance(step);
}

void Life::start_one() {
    auto& wanted = wanted_[dice_.below(static_cast<std::uint32_t>(wanted_.size()))];
    const auto id = wanted.request.run;
    if (oracle_.is_damaged(id)) {
        return;
    }
    shell().services->inbox.post(runtime::Begin{
        core::StartRun{wanted.request, Principal{"sim", {}}}, [this, &wanted, id](Result<void> done) {
            if (done) {
                oracle_.acknowledged(id);
                wanted.acknowledged = true;
            } else if (done.error().code == ErrorCode::kConflict) {
                throw Violation("G1: run " + id.str() + ": " + done.error().message);
            }
        }});
}

/// One that has not ended, or is still to be started.
RunId Life::some_run() {
    std::vector<RunId> known;
    for (const auto& [run, events] : oracle_.sizes()) {
        if (!oracle_.has_ended(run)) {
            known.push_back(run);
        }
    }
    return known.empty() ? wanted_.front().request.run
                         : known[dice_.below(static_cast<std::uint32_t>(known.size()))];
}

void Life::operate(const RunId& run) {
    if (!oracle_.sizes().contains(run) || oracle_.has_ended(run) || oracle_.is_damaged(run)) {
        return;
    }
    const auto view = engine_->view(run);
    if (!view) {
        return;  // the disk does not give it back for now
    }
    const auto act = act_on(*view, dice_, faults_, calm_);
    if (!act) {
        return;
    }
    say("act " + std::to_string(act->index()) + " on " + run.str());
    shell().services->inbox.post(
        runtime::Deliver{run, core::Operate{*act, Principal{"sim", {}}}, [this](const Result<void>& done) {
                             if (!done) {
                                 say("  refused: " + done.error().message);
                             }
                         }});
}

void Life::collect() {
    engine_->collector().collect(std::make_shared<runtime::Reply<BlobCollection>>());
}

void Life::check() const {
    if (!listener_->wrong.empty()) {
        throw Violation(listener_->wrong);
    }
    world_.check_effects();
    auto& shell = engine_->shell();
    if (const auto wrong = core::check_invariants(shell.admission)) {
        throw Violation("G9: " + *wrong);
    }
    for (const auto& [id, run] : shell.runs.all()) {
        if (run.quarantined && !oracle_.is_damaged(id)) {
            throw Violation("G1: run " + id.str() + " was quarantined, and nothing of it is damaged");
        }
        if (run.loaded == nullptr || run.quarantined) {
            continue;
        }
        if (const auto wrong = core::check_invariants(run.loaded->plan->workflow, run.loaded->state)) {
            throw Violation("G5: " + *wrong);
        }
    }
}

void Life::release() {
    std::vector<RunId> quarantined;
    for (const auto& [id, run] : shell().runs.all()) {
        if (run.quarantined && !oracle_.has_live_children(id)) {
            quarantined.push_back(id);
        }
    }
    for (const auto& id : quarantined) {
        oracle_.given_up(id);  // the release lets others have its places
        if (const auto released = engine_->release_quarantined(id, Principal{"sim", {}}); !released) {
            throw Violation("run " + id.str() + " could not be released: " + released.error().message);
        }
    }
}

// A quarantined run keeps its places until it is given up, and that waits for its child runs: if the last of
// them ended in this turn, the next one gives it up.
bool Life::is_over() {
    const auto& all = shell().runs.all();
    bool over = std::none_of(all.begin(), all.end(), [](const auto& run) { return run.second.quarantined; });
    for (const auto& wanted : wanted_) {
        const auto& run = wanted.request.run;
        over = over && (oracle_.sizes().contains(run) || oracle_.is_damaged(run));
    }
    for (const auto& [run, events] : oracle_.sizes()) {
        over = over && (oracle_.has_ended(run) || oracle_.is_damaged(run));
    }
    return over;
}

// From now on everything is well: then every run comes to its end, or something was lost that would have
// moved it.
void Life::end_all() {
    calm_ = true;
    faults_ = Faults{};
    world_.calm_down();
    store_->set_calm(true);
    say("calm");
    for (std::uint32_t i = 0; i < kTurnsToEnd; ++i) {
        release();
        turn();
        if (is_over()) {
            return;
        }
    }
    for (const auto& [run, events] : oracle_.sizes()) {
        if (!oracle_.has_ended(run) && !oracle_.is_damaged(run)) {
            const auto why = engine_->explain(run);
            for (const auto& step : why ? why->steps : std::vector<StepExplanation>{}) {
                say(step.step.str() + " " + std::string(to_string(step.status)) + ": " + step.waits_for);
            }
            throw Violation("G5: run " + run.str() +
                            " does not end: " + (why ? why->sentence : why.error().message));
        }
    }
}

void Life::check_end() {
    report_.let_go += shell().runs_let_go;
    if (!shell().admission.holders.empty() || !shell().admission.queued.empty()) {
        throw Violation("G9: a place is held or awaited though all runs have ended");
    }
    auto reply = std::make_shared<runtime::Reply<BlobCollection>>();
    engine_->collector().collect(reply);
    for (int i = 0; i < 200; ++i) {
        work();
    }
    constexpr std::string_view kNamed = ";blob ";
    for (const auto& [run, events] : oracle_.sizes()) {
        const auto view = engine_->view(run);
        for (const auto& step : view ? view->steps : std::vector<StepView>{}) {
            const auto at = step.output.bytes.find(kNamed);
            if (at == std::string::npos || oracle_.is_damaged(run)) {
                continue;
            }
            const auto content = step.output.bytes.substr(at + kNamed.size(), 64);
            const std::lock_guard lock(image_->mutex);
            const auto& blobs = image_->contents.blobs;
            if (std::none_of(blobs.begin(), blobs.end(),
                             [&](const auto& blob) { return blob.first.hex() == content; })) {
                throw Violation("run " + run.str() + " names blob " + content + ", which was collected");
            }
        }
    }
}

}  // namespace

Report simulate(std::uint64_t seed, bool tell) {
    return Life(seed, tell).live();
}

}  // namespace slipway::simulation
