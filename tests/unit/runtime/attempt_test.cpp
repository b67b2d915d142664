// What an attempt may do, and when: evidence, fences, exceptions, cancel, scratch, logs.
#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "engine/store/memory_image.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

namespace fs = std::filesystem;

TEST_CASE("evidence is durable when `then` runs, and stands before the outcome in the history") {
    Bench b;
    std::atomic<bool> durable{false};
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        c->record({"armed", {"1", false}}, [&, c](Result<void> recorded) {
            auto copy = make_memory_store(clone_memory_image(*b.image));
            REQUIRE(copy->open_partition(0));
            const auto records = *copy->journal(0, 0, 100);
            for (const auto& record : records) {
                for (const auto& slice : record.runs) {
                    durable = durable || slice.bytes.find("armed") != std::string::npos;
                }
            }
            CHECK(recorded.has_value());
            c->finish(Succeeded{});
        });
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    CHECK(durable.load());
    std::vector<std::string> names;
    const auto history = *b.engine->history(RunId{"r"});
    for (const auto& event : history) {
        names.emplace_back(event_name(event.body));
    }
    const auto evidence = std::find(names.begin(), names.end(), "evidence_recorded");
    const auto success = std::find(names.begin(), names.end(), "step_succeeded");
    REQUIRE(evidence != names.end());
    CHECK(evidence < success);
}

TEST_CASE("the first report counts: a second one and evidence after it are refused") {
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        b.executor->hold(c);
        c->finish(Succeeded{{"first", false}});
        c->finish(Succeeded{{"second", false}});
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    CHECK(view_of(*b.engine, "r", "s0").output.bytes == "first");
    const auto held = b.executor->held().front();
    ErrorCode code = ErrorCode::kInternal;
    held->record({"late", {}}, [&](Result<void> r) { code = r.error().code; });
    CHECK(code == ErrorCode::kStaleFence);
    CHECK(held->record_and_wait({"late", {}}).error().code == ErrorCode::kStaleFence);
    CHECK(held->scratch_dir().error().code == ErrorCode::kStaleFence);
    held->reconciled(NotStarted{});
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("an attempt that a time-out put aside is refused by its fence") {
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) { b.executor->hold(c); };
    std::atomic<int> cancels{0};
    b.executor->on_cancel = [&](const AttemptInfo&, CancelMode) { ++cancels; };
    b.open();
    auto spec = chain(1);
    spec.steps[0].attempt_timeout_ms = 1000;
    REQUIRE(b.engine->start(request("r", build(spec)), me()));
    CHECK(view_of(*b.engine, "r", "s0").status == StepStatus::kRunning);
    const auto held = b.executor->held().front();
    b.advance(1'500);
    CHECK(cancels.load() == 1);
    CHECK(held->cancelled());
    b.advance(1'500);
    CHECK(cancels.load() == 2);
    b.advance(1'500);
    CHECK(view_of(*b.engine, "r", "s0").status == StepStatus::kInDoubt);
    held->finish(Succeeded{{"late", false}});
    CHECK(held->record_and_wait({"late", {}}).error().code == ErrorCode::kStaleFence);
    CHECK(view_of(*b.engine, "r", "s0").status == StepStatus::kInDoubt);
}

TEST_CASE("a cancelled run gives every attempt the grace of its own executor") {
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) { b.executor->hold(c); };
    b.executor->cancel_grace_ms = 600'000;
    std::atomic<int> forced{0};
    b.executor->on_cancel = [&](const AttemptInfo&, CancelMode mode) {
        forced += mode == CancelMode::kForce ? 1 : 0;
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(b.engine->act(RunId{"r"}, CancelRun{}, me()));
    b.advance(599'000);
    CHECK(forced.load() == 0);
    b.advance(2'000);
    CHECK(forced.load() == 1);
}

// One that blocks, on a pool of one thread, until the test opens it.
struct Gatekeeper final : BlockingExecutor {
    ExecutorTraits traits() const override {
        ExecutorTraits traits;
        traits.kind = "y";
        traits.cancel_grace_ms = 1000;
        traits.force_grace_ms = 1000;
        return traits;
    }
    Outcome run(AttemptContext&) override {
        ++runs;
        while (!open) {
            std::this_thread::yield();
        }
        return Succeeded{};
    }
    std::atomic<int> runs{0};
    std::atomic<bool> open{false};
};

TEST_CASE("blocking work whose attempt was cancelled or put aside while it queued does not begin") {
    for (const DurationMs later : {0, 5'000}) {
        Bench b;
        const auto keeper = std::make_shared<Gatekeeper>();
        auto options = b.options();
        options.executors = {keeper};
        options.pool_threads = 1;
        b.open(std::move(options));
        auto spec = chain(1);
        spec.steps[0].kind = "y";
        REQUIRE(b.engine->start(request("first", build(spec)), me()));
        while (keeper->runs == 0) {
            std::this_thread::yield();
        }
        REQUIRE(b.engine->start(request("queued", build(spec)), me()));
        REQUIRE(b.engine->act(RunId{"queued"}, CancelRun{}, me()));
        b.advance(later);
        b.advance(later);
        keeper->open = true;
        CHECK(*b.engine->wait(RunId{"first"}, kPatience) == RunStatus::kSucceeded);
        const auto ended = b.engine->wait(RunId{"queued"}, kPatience, true);
        CHECK((later > 0 || *ended == RunStatus::kCancelled));
        REQUIRE(b.engine->stop(StopMode::kGraceful));
        CHECK(keeper->runs.load() == 1);
    }
}

TEST_CASE("an executor's texts are redacted before they are kept") {
    ::setenv("SLIPWAY_TEST_SECRET", "hunter2-hunter2", 1);
    Bench b;
    b.executor->on_start = [](const std::shared_ptr<AttemptContext>& c) {
        const auto value = *c->secret("env:SLIPWAY_TEST_SECRET");
        StepFailure failure;
        failure.message = "login with " + value;
        failure.detail = "it said " + value;
        if (c->info().step.str() == "s0") {
            c->finish(Failed{failure});
        } else {
            c->finish(InDoubt{"asked " + value, {}});
        }
    };
    b.open();
    auto spec = fan(2);
    spec.steps[0].on_failure = FailurePolicy::kGoOn;
    REQUIRE(b.engine->start(request("r", build(spec)), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience, true));
    const auto failure = view_of(*b.engine, "r", "s0").failure;
    REQUIRE(failure.has_value());
    CHECK(failure->message.find("hunter2") == std::string::npos);
    CHECK(failure->detail.find("hunter2") == std::string::npos);
    CHECK(view_of(*b.engine, "r", "s1").doubt.find("hunter2") == std::string::npos);
}

TEST_CASE("what throws behind a record does not end the engine") {
    Bench b;
    b.executor->on_start = [](const std::shared_ptr<AttemptContext>& c) {
        c->record({"pid", {"42", false}}, [c](const Result<void>&) {
            c->finish(Succeeded{});
            throw std::runtime_error("careless");
        });
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    CHECK(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("what an executor throws ends its attempt, once") {
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        if (c->info().step.str() == "s0") {
            throw std::runtime_error("boom");
        }
        if (c->info().step.str() == "s1") {
            throw 7;
        }
        c->run_blocking([] { throw std::runtime_error("in the pool"); });
    };
    b.open();
    auto spec = fan(3);
    for (auto& s : spec.steps) {
        s.on_failure = FailurePolicy::kGoOn;
    }
    REQUIRE(b.engine->start(request("r", build(spec)), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience, true));
    CHECK(view_of(*b.engine, "r", "s0").failure->message.find("boom") != std::string::npos);
    CHECK(view_of(*b.engine, "r", "s1").status == StepStatus::kFailed);
    CHECK(view_of(*b.engine, "r", "s2").failure->message.find("in the pool") != std::string::npos);
}

TEST_CASE("the engine's own thread is never blocked by a call from a callback") {
    Bench b;
    std::vector<ErrorCode> codes;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        codes.push_back(c->record_and_wait({"x", {}}).error().code);
        codes.push_back(b.engine->view(RunId{"r"}).error().code);
        codes.push_back(b.engine->act(RunId{"r"}, PauseRun{}, me()).error().code);
        codes.push_back(b.engine->wait(RunId{"r"}, 1000).error().code);
        codes.push_back(b.engine->stop(StopMode::kImmediate).error().code);
        c->finish(Succeeded{});
    };
    b.open();
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    CHECK(codes == std::vector<ErrorCode>(5, ErrorCode::kRefused));
}

TEST_CASE("scratch: private, one for each round, gone when the step is settled, kept while in doubt") {
    const auto root = fs::temp_directory_path() / ("slipway-scratch-test-" + std::to_string(::getpid()));
    fs::remove_all(root);
    Bench b;
    std::string path;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        path = *c->scratch_dir();
        CHECK(fs::status(path).permissions() == fs::perms::owner_all);
        CHECK(*c->scratch_dir() == path);
        if (c->info().step.str() == "s1") {
            c->finish(InDoubt{"who knows", {}});
        } else {
            c->finish(Succeeded{});
        }
    };
    auto options = b.options();
    options.scratch_directory = root.string();
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", build(chain(2))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience, true));
    REQUIRE(view_of(*b.engine, "r", "s1").status == StepStatus::kInDoubt);
    CHECK(fs::exists(path));
    SettleStep settle;
    settle.step = StepId{"s1"};
    settle.succeeded = true;
    REQUIRE(b.engine->act(RunId{"r"}, settle, me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    CHECK_FALSE(fs::exists(path));
    CHECK(fs::is_empty(root));
    fs::create_directory(root / "left-behind");
    options = b.options();
    options.scratch_directory = root.string();
    b.open(std::move(options));
    CHECK_FALSE(fs::exists(root / "left-behind"));
    b.engine.reset();
    fs::remove_all(root);
}

TEST_CASE("a secret that was handed out is blotted out of every log line") {
    struct Fixed final : SecretProvider {
        Result<std::string> resolve(std::string_view) override { return std::string("hunter2-and-more"); }
    };
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        const auto secret = *c->secret("env:ANY");
        c->log(LogLevel::kInfo, "password is " + secret);
        c->finish(Succeeded{});
    };
    auto options = b.options();
    options.secrets = std::make_shared<Fixed>();
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience));
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    REQUIRE(b.recorder->logs().size() == 1);
    CHECK(b.recorder->logs()[0] == "password is [redacted]");
}

TEST_CASE("a secret in what a step puts out is sealed though the step did not say that it is sensitive") {
    ::setenv("SLIPWAY_TEST_SECRET", "hunter2-hunter2", 1);
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        const auto secret = *c->secret("secret://env/SLIPWAY_TEST_SECRET");
        c->record({"armed", {"with " + secret, false}}, [c, secret](const Result<void>& recorded) {
            CHECK(recorded);
            CHECK(c->put_blob({"blob of " + secret, false}));
            c->finish(Succeeded{{"{\"password\":\"" + secret + "\"}", false}});
        });
    };
    auto options = b.options();
    options.keys = std::make_shared<OneKey>();
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    CHECK(b.engine->reveal(RunId{"r"}, StepId{"s0"}, false)->sensitive);
    REQUIRE(b.engine->stop(StopMode::kGraceful));
    b.engine.reset();
    const auto& contents = b.image->contents;
    for (const auto& [key, block] : contents.history) {
        CHECK(block.bytes.find("hunter2") == std::string::npos);
    }
    for (const auto& [digest, bytes] : contents.blobs) {
        CHECK(bytes.find("hunter2") == std::string::npos);
    }
    CHECK(contents.runs.at(RunId{"r"}).state.find("hunter2") == std::string::npos);
}

TEST_CASE("a secret provider that throws fails the call, and its words go nowhere") {
    struct Throwing final : SecretProvider {
        Result<std::string> resolve(std::string_view) override { throw std::runtime_error("hunter2"); }
    };
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        const auto secret = c->secret("env:ANY");
        CHECK(!secret);
        c->finish(Succeeded{{secret ? "" : secret.error().message, false}});
    };
    auto options = b.options();
    options.secrets = std::make_shared<Throwing>();
    b.open(std::move(options));
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(*b.engine->wait(RunId{"r"}, kPatience) == RunStatus::kSucceeded);
    const auto said = b.engine->reveal(RunId{"r"}, StepId{"s0"}, false);
    REQUIRE(said);
    CHECK(said->bytes == "the secret provider threw an exception");
}

TEST_CASE("without a key nothing sensitive is taken") {
    Bench b;
    b.executor->on_start = [&](const std::shared_ptr<AttemptContext>& c) {
        c->record({"armed", {"s3cret", true}}, [c](Result<void> r) {
            CHECK(r.error().code == ErrorCode::kKey);
            c->finish(Succeeded{{"s3cret", true}});
        });
    };
    b.open();
    auto sensitive = request("r", build(chain(1)), "s3cret");
    sensitive.input.sensitive = true;
    CHECK(b.engine->start(sensitive, me()).error().code == ErrorCode::kKey);
    auto spec = chain(1);
    spec.steps[0].input = {"s3cret", true};
    CHECK(b.engine->start(request("r", build(spec)), me()).error().code == ErrorCode::kKey);
    REQUIRE(b.engine->start(request("r", build(chain(1))), me()));
    REQUIRE(b.engine->wait(RunId{"r"}, kPatience, true));
    CHECK(view_of(*b.engine, "r", "s0").status == StepStatus::kFailed);
}

}  // namespace
}  // namespace slipway::testkit
