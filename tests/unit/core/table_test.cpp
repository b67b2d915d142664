// The 144 pairs of statuses against a table written out here, independent of the core's own.
#include <fstream>
#include <sstream>

#include "tests/unit/core/driver.hpp"

using namespace slipway;

namespace {

// Every pair that is allowed, by name; all others are not.
const std::map<std::string, std::string> kAllowed{
    {"pending", "pending ready skipped cancelled"},
    {"ready", "pending ready running waiting failed skipped cancelled"},
    {"running", "ready backing_off waiting succeeded failed cancelled in_doubt"},
    {"backing_off", "pending ready failed skipped cancelled"},
    {"waiting", "pending ready succeeded failed skipped cancelled"},
    {"succeeded", "pending undoing"},
    {"failed", "pending ready succeeded skipped undoing undone"},
    {"skipped", "pending"},
    {"cancelled", "pending"},
    {"in_doubt", "succeeded failed undone"},
    {"undoing", "failed in_doubt undone"},
    {"undone", ""},
};

bool allowed(StepStatus from, StepStatus to) {
    std::istringstream words(kAllowed.at(std::string(to_string(from))));
    for (std::string word; words >> word;) {
        if (word == to_string(to)) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("the transition table: all 144 pairs") {
    int pairs = 0;
    for (std::uint8_t from = 1; from <= kStepStatusCount; ++from) {
        for (std::uint8_t to = 1; to <= kStepStatusCount; ++to) {
            const auto f = static_cast<StepStatus>(from);
            const auto t = static_cast<StepStatus>(to);
            CAPTURE(to_string(f));
            CAPTURE(to_string(t));
            CHECK(core::can_follow(f, t) == allowed(f, t));
            ++pairs;
        }
    }
    CHECK(pairs == 144);
}

TEST_CASE("numbers that are no status follow nothing") {
    CHECK_FALSE(core::can_follow(static_cast<StepStatus>(0), StepStatus::kReady));
    CHECK_FALSE(core::can_follow(StepStatus::kReady, static_cast<StepStatus>(13)));
}

TEST_CASE("what DESIGN.md prints is the table that the engine uses") {
    std::ifstream file("engine/DESIGN.md");
    REQUIRE_MESSAGE(file, "tests run in the folder of the project");
    std::stringstream text;
    text << file.rdbuf();
    CHECK(text.str().find(core::transition_table_markdown()) != std::string::npos);
}
