// Stores that earlier formats left behind, opened by today's code: everything of them is read, and every run
// goes on where it was.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/conformance/store/temporary_directory.hpp"
#include "tests/golden/store/golden_store.hpp"

namespace slipway::golden {
namespace {

namespace fs = std::filesystem;

constexpr DurationMs kPatience = 30'000;
constexpr const char* kHome = "tests/golden/store";

/// A copy that may be written to, private as a store is.
struct Copy {
    testing::TemporaryDirectory folder;
    explicit Copy(const std::string& version) {
        fs::copy(std::string(kHome) + "/" + version, folder.path(), fs::copy_options::recursive);
        fs::permissions(folder.path() + "/keys", fs::perms::owner_read | fs::perms::owner_write);
    }
};

std::string output(Engine& engine, const char* run, const char* step) {
    const auto payload = engine.reveal(RunId{run}, StepId{step}, false);
    return payload ? payload->bytes : "error: " + payload.error().message;
}

void look_at_what_ended(Engine& engine) {
    for (const auto* run : {"finished", "late"}) {
        CHECK(*engine.wait(RunId{run}, kPatience) == RunStatus::kSucceeded);
        CHECK(output(engine, run, "a") == plain_output(run));
        CHECK(output(engine, run, "b") == kSecret);
        CHECK(engine.reveal(RunId{run}, StepId{"b"}, false)->sensitive);
        CHECK(output(engine, run, "c") == large_output());
        const auto events = engine.history(RunId{run});
        REQUIRE(events);
        CHECK(events->front().seq == 1);
        CHECK(event_name(events->front().body) == "run_started");
        CHECK(event_name(events->back().body) == "run_finished");
    }
}

void move_what_waits(Engine& engine) {
    const RunId parked{"parked"};
    auto view = engine.view(parked);
    REQUIRE(view);
    CHECK(view->summary.labels.at("made") == "golden");
    const auto gate = std::find_if(view->steps.begin(), view->steps.end(),
                                   [](const StepView& step) { return step.id.str() == "gate"; });
    REQUIRE(gate != view->steps.end());
    REQUIRE(gate->gate.has_value());
    GateAnswer answer;
    answer.step = StepId{"gate"};
    answer.round = gate->gate->round;
    answer.shown = gate->gate->shown;
    CHECK(answer.shown == sha256(plain_output("parked")));
    REQUIRE(engine.act(parked, AnswerGate{answer}, Principal{"me", {}}));
    CHECK(*engine.wait(parked, kPatience) == RunStatus::kSucceeded);
    CHECK(*engine.wait(RunId{"broken"}, kPatience, true) == RunStatus::kBlocked);
    REQUIRE(engine.act(RunId{"broken"}, CancelRun{}, Principal{"me", {}}));
    CHECK(*engine.wait(RunId{"in-flight"}, kPatience) == RunStatus::kSucceeded);
}

TEST_CASE("a store of format 1 is opened, read, and every run of it goes on") {
    const Copy copy("v1");
    for (int opening = 0; opening < 2; ++opening) {
        const auto executor = std::make_shared<GoldenExecutor>(false);
        auto engine = open_golden(copy.folder.path(), executor);
        REQUIRE_MESSAGE(engine, engine.error().message);
        look_at_what_ended(**engine);
        if (opening == 0) {
            move_what_waits(**engine);
            CHECK(executor->reconciled == 1);
        }
        CHECK((*engine)->list({})->size() == 5);
        REQUIRE((*engine)->stop(StopMode::kGraceful));
    }
}

TEST_CASE("a store of format 1 is sound to those who only look, and holds no secret in clear") {
    const Copy copy("v1");
    RocksDbStoreOptions options;
    options.directory = copy.folder.path() + "/store";
    const auto check = check_rocksdb_store(options, 0);
    REQUIRE_MESSAGE(check, check.error().message);
    CHECK(check->format == 1);
    CHECK(check->damage.empty());
    CHECK(check->findings.empty());
    CHECK(check->records > 0);
    for (const auto& entry : fs::recursive_directory_iterator(copy.folder.path())) {
        if (entry.is_regular_file()) {
            std::string bytes(entry.file_size(), '\0');
            std::FILE* file = std::fopen(entry.path().c_str(), "rb");
            REQUIRE(file != nullptr);
            CHECK(std::fread(bytes.data(), 1, bytes.size(), file) == bytes.size());
            std::fclose(file);
            CHECK_MESSAGE(bytes.find("golden-secret") == std::string::npos, entry.path());
        }
    }
}

TEST_CASE("makes a golden store where SLIPWAY_MAKE_GOLDEN_STORE says") {
    const char* directory = std::getenv("SLIPWAY_MAKE_GOLDEN_STORE");
    if (directory == nullptr) {
        return;
    }
    const auto made = make_golden(directory);
    REQUIRE_MESSAGE(made, made.error().message);
    for (const auto& entry : fs::directory_iterator(std::string(directory) + "/store/db")) {
        const auto name = entry.path().filename().string();
        if (name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "LOCK") {
            fs::remove(entry.path());
        }
    }
    fs::remove(std::string(directory) + "/store/lock");
    ::_exit(0);
}

}  // namespace
}  // namespace slipway::golden
