// Durable steps per second, with raw RocksDB in the same run (one writer; each synced write holds as many
// steps, and as many bytes for each, as a tick of the engine does); a chain, a fan, reopening with parked
// runs, and the memory of one. Engine and raw take turns, so that both meet the same disk and the same load.
// Raw is measured in two shapes: a record for each step, which is what a program would keep that stores its
// steps in RocksDB by itself (the goals are set against it), and one record for all, which is the bare speed
// of the log.
//   engine_bench [PARKED RUNS, 100000; 0: the rates alone] [RUNS IN FLIGHT: that rate alone]
#include <malloc.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "slipway/engine.hpp"

namespace {

using namespace slipway;
using SteadyClock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr int kTurns = 2;
constexpr std::size_t kOutputBytes = 128;  // of a step: with them it takes about 200 bytes in the journal

/// Of this process, all threads.
double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double seconds_since(SteadyClock::time_point begun) {
    return std::chrono::duration<double>(SteadyClock::now() - begun).count();
}

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "engine_bench: %s\n", why.c_str());
    std::exit(1);
}

template <class T>
T must(Result<T> result) {
    if (!result) {
        give_up(result.error().message);
    }
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

struct Directory {
    Directory() : path(fs::temp_directory_path() / ("slipway-bench-" + std::to_string(::getpid()))) {
        fs::remove_all(path);
        fs::create_directories(path);
    }
    ~Directory() { fs::remove_all(path); }
    std::string sub(const std::string& name) const { return (path / name).string(); }
    fs::path path;
};

std::string numbered(char letter, std::size_t number) {
    std::string name(1, letter);
    return name.append(std::to_string(number));
}

enum class RawShape : std::uint8_t { kRecordPerStep, kRecordPerWrite };

void fill(rocksdb::WriteBatch& batch, RawShape shape, std::size_t write, std::size_t in_flight,
          const std::string& value) {
    batch.Clear();
    if (shape == RawShape::kRecordPerWrite) {
        batch.Put(numbered('t', write), value);
        return;
    }
    for (std::size_t i = 0; i < in_flight; ++i) {
        batch.Put(numbered('r', i) + numbered('s', write), value);
    }
}

/// Steps per second when `in_flight` steps of `step_bytes` each share one synced write.
double raw_rate(const std::string& directory, RawShape shape, std::size_t in_flight, double step_bytes) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    if (!rocksdb::DB::Open(options, directory, &opened).ok()) {
        give_up("cannot open " + directory);
    }
    const std::unique_ptr<rocksdb::DB> db(opened);
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const auto steps_a_value = static_cast<double>(shape == RawShape::kRecordPerStep ? 1 : in_flight);
    const std::string value(static_cast<std::size_t>(step_bytes * steps_a_value), 'r');
    rocksdb::WriteBatch batch;
    const auto begun = SteadyClock::now();
    std::size_t writes = 0;
    while (seconds_since(begun) < 2.0) {
        fill(batch, shape, writes, in_flight, value);
        if (!db->Write(synced, &batch).ok()) {
            give_up("raw write failed");
        }
        ++writes;
    }
    return static_cast<double>(writes * in_flight) / seconds_since(begun);
}

/// Succeeds at once; steps of the kind "latch" wait until all of them are there.
class NoOp final : public Executor {
public:
    explicit NoOp(std::string kind) : kind_(std::move(kind)) {}
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = kind_;
        return traits;
    }
    void start(std::shared_ptr<AttemptContext> context) override {
        if (kind_ == "noop") {
            context->finish(Succeeded{{std::string(kOutputBytes, 'o'), false}});
            return;
        }
        const std::lock_guard lock(mutex_);
        held_.push_back(std::move(context));
        there_.notify_all();
    }
    void reconcile(std::shared_ptr<AttemptContext> context, std::vector<Evidence>) override {
        context->reconciled(NotStarted{});
    }
    /// Lets go of `count` of them, once so many are there.
    void release(std::size_t count) {
        std::vector<std::shared_ptr<AttemptContext>> held;
        {
            std::unique_lock lock(mutex_);
            there_.wait(lock, [&] { return held_.size() >= count; });
            held.swap(held_);
        }
        for (const auto& context : held) {
            context->finish(Succeeded{});
        }
    }
    void wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        there_.wait(lock, [&] { return held_.size() >= count; });
    }

private:
    std::string kind_;
    std::mutex mutex_;
    std::condition_variable there_;
    std::vector<std::shared_ptr<AttemptContext>> held_;
};

StepSpec step(const std::string& id, const std::string& kind, const std::vector<std::string>& after) {
    StepSpec spec;
    spec.id = StepId{id};
    spec.kind = kind;
    for (const auto& dependency : after) {
        spec.depends_on.push_back({StepId{dependency}, DependencyKind::kOrder});
    }
    return spec;
}

Workflow latched_chain(std::size_t length) {
    WorkflowSpec spec;
    spec.name = "chain";
    spec.steps.push_back(step("s0", "latch", {}));
    for (std::size_t i = 1; i <= length; ++i) {
        spec.steps.push_back(step(numbered('s', i), "noop", {numbered('s', i - 1)}));
    }
    spec.steps.push_back(step("last", "latch", {numbered('s', length)}));
    return must(Workflow::build(std::move(spec)));
}

Workflow latched_fan(std::size_t width) {
    WorkflowSpec spec;
    spec.name = "fan";
    spec.steps.push_back(step("first", "latch", {}));
    std::vector<std::string> all;
    for (std::size_t i = 0; i < width; ++i) {
        all.push_back(numbered('s', i));
        spec.steps.push_back(step(all.back(), "noop", {"first"}));
    }
    spec.steps.push_back(step("join", "latch", all));
    return must(Workflow::build(std::move(spec)));
}

Workflow parked() {
    WorkflowSpec spec;
    spec.name = "parked";
    auto gate = step("gate", "gate", {});
    gate.type = StepType::kGate;
    spec.steps = {gate, step("after", "noop", {"gate"})};
    return must(Workflow::build(std::move(spec)));
}

struct Host {
    std::shared_ptr<NoOp> latch = std::make_shared<NoOp>("latch");
    std::unique_ptr<Engine> engine;
    double bytes = 0;  // written in the time that was measured
    double cpu = 0;    // used in it

    explicit Host(const std::string& directory) {
        RocksDbStoreOptions where;
        where.directory = directory;
        EngineOptions options;
        options.store = must(open_rocksdb_store(where));
        options.executors = {latch, std::make_shared<NoOp>("noop")};
        options.live_attempts_max = 1'000'000;
        engine = must(Engine::open(std::move(options)));
    }

    /// From many threads, so that they share commits.
    void start_all(const Workflow& workflow, std::size_t count) {
        std::vector<std::thread> threads;
        const std::size_t workers = std::min<std::size_t>(count, 64);
        for (std::size_t w = 0; w < workers; ++w) {
            threads.emplace_back([&, w] {
                for (std::size_t i = w; i < count; i += workers) {
                    StartRequest request;
                    request.run = RunId{numbered('r', i)};
                    request.workflow = workflow;
                    must(engine->start(request, Principal{"bench", {}}));
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }
    void wait_all(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            must(engine->wait(RunId{numbered('r', i)}, 600'000));
        }
    }
    /// From the moment at which the first steps of all runs end until all runs stand before their last step,
    /// which starts only once everything before it is durable.
    double time_all(const Workflow& workflow, std::size_t count) {
        start_all(workflow, count);
        latch->wait_for(count);
        bytes = static_cast<double>(engine->store_stats().bytes_written);
        cpu = cpu_seconds();
        const auto begun = SteadyClock::now();
        latch->release(count);
        latch->wait_for(count);
        const double elapsed = seconds_since(begun);
        cpu = cpu_seconds() - cpu;
        bytes = static_cast<double>(engine->store_stats().bytes_written) - bytes;
        latch->release(count);
        wait_all(count);
        return elapsed;
    }
};

void rate(const Directory& directory, std::size_t in_flight, std::size_t length, double goal) {
    const double steps = static_cast<double>(in_flight * length);
    double elapsed = 0;
    double bytes = 0;
    double cpu = 0;
    double raw = 0;
    double log = 0;
    for (int turn = 0; turn < kTurns; ++turn) {
        const std::string sub = std::to_string(in_flight) + '-' + std::to_string(turn);
        {
            Host host(directory.sub("engine" + sub));
            elapsed += host.time_all(latched_chain(length), in_flight) / kTurns;
            bytes = host.bytes / steps;
            cpu += host.cpu / steps / kTurns;
        }
        raw += raw_rate(directory.sub("raw" + sub), RawShape::kRecordPerStep, in_flight, bytes) / kTurns;
        log += raw_rate(directory.sub("log" + sub), RawShape::kRecordPerWrite, in_flight, bytes) / kTurns;
    }
    const double engine = steps / elapsed;
    std::printf(
        "%6zu runs in flight: %9.0f steps/s   raw %9.0f/s of %.0f bytes   %5.1f %% (goal %.0f %%)   "
        "one record for all %9.0f/s   %5.1f %%   %.1f us of processor a step\n",
        in_flight, engine, raw, bytes, 100 * engine / raw, goal, log, 100 * engine / log, cpu * 1e6);
    std::fflush(stdout);
}

void print_load() {
    double load[1] = {0};
    if (::getloadavg(load, 1) == 1) {
        std::printf("load average %.1f on %u processors\n", load[0], std::thread::hardware_concurrency());
    }
}

double resident_bytes() {
    std::ifstream in("/proc/self/statm");
    double total = 0;
    double resident = 0;
    in >> total >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void reopen(const Directory& directory, std::size_t count) {
    const auto where = directory.sub("parked");
    {
        Host host(where);
        const auto begun = SteadyClock::now();
        host.start_all(parked(), count);
        std::printf("%zu runs started and parked in %.2f s\n", count, seconds_since(begun));
        must(host.engine->stop(StopMode::kGraceful));
    }
    RocksDbStoreOptions options;
    options.directory = where;
    auto begun = SteadyClock::now();
    {
        const auto store = must(open_rocksdb_store(options));
        must(store->open_partition(0));
        must(store->close());
    }
    const double raw = seconds_since(begun);
    ::malloc_trim(0);
    const double before = resident_bytes();
    begun = SteadyClock::now();
    Host host(where);
    const double open = seconds_since(begun);
    ::malloc_trim(0);
    const double after = resident_bytes();
    std::printf("reopen with %zu parked runs: %.3f s, raw open and close %.3f s (goal: within 1 s of it)\n",
                count, open, raw);
    std::printf("memory of a parked run: %.0f bytes\n", (after - before) / static_cast<double>(count));
}

}  // namespace

int main(int argc, char** argv) {
    const Directory directory;
    const std::size_t parked_runs = argc > 1 ? static_cast<std::size_t>(std::atol(argv[1])) : 100'000;
    print_load();
    const std::size_t only = argc > 2 ? static_cast<std::size_t>(std::atol(argv[2])) : 0;
    constexpr struct {
        std::size_t in_flight, length;
        double goal;
    } kRates[] = {{1, 2000, 70}, {64, 500, 40}, {4096, 50, 15}};
    for (const auto& row : kRates) {
        if (only == 0 || only == row.in_flight) {
            rate(directory, row.in_flight, row.length, row.goal);
        }
    }
    if (parked_runs != 0) {
        {
            Host host(directory.sub("chain"));
            std::printf("chain of 1,000: %.3f s\n", host.time_all(latched_chain(1000), 1));
        }
        {
            Host host(directory.sub("fan"));
            std::printf("fan of 10,000: %.3f s\n", host.time_all(latched_fan(10'000), 1));
        }
        reopen(directory, parked_runs);
    }
    print_load();
    return 0;
}
