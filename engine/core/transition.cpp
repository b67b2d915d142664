// The only transition table of a step's status, for live writes and for replay.
#include <array>
#include <string>

#include "engine/core/decide.hpp"

namespace slipway::core {
namespace {

// Rows: from, columns: to, both in the order of StepStatus. x: within a round; n: by a new round alone.
//   columns: pending ready running backing_off waiting succeeded failed skipped cancelled in_doubt undoing
//   undone
constexpr std::array<std::string_view, kStepStatusCount> kTable{
    "nx.....xx...",  // pending
    "nxx.x.xxx...",  // ready (to ready: retried once its executor is there)
    ".x.xxxx.xx..",  // running (to ready: proven never to have acted)
    "nx....xxx...",  // backing_off
    "nx...xxxx...",  // waiting
    "n.........x.",  // succeeded
    "nx...x.x..xx",  // failed (to succeeded: settled, or an undo given up; to undone: settled)
    "n...........",  // skipped
    "n...........",  // cancelled
    ".....xx....x",  // in_doubt (must be settled, also before a new round)
    "......x..x.x",  // undoing
    "............",  // undone
};

}  // namespace

bool can_follow(StepStatus from, StepStatus to) {
    const auto row = static_cast<std::size_t>(from) - 1;
    const auto column = static_cast<std::size_t>(to) - 1;
    if (row >= kStepStatusCount || column >= kStepStatusCount) {
        return false;
    }
    const char mark = kTable[row][column];
    return mark == 'x' || mark == 'n';
}

std::string transition_table_markdown() {
    std::string text = "| from \\ to |";
    std::string line = "|---|";
    for (std::size_t column = 1; column <= kStepStatusCount; ++column) {
        text += " " + std::string(to_string(static_cast<StepStatus>(column))) + " |";
        line += "---|";
    }
    text += "\n" + line + "\n";
    for (std::size_t row = 0; row < kStepStatusCount; ++row) {
        text += "| " + std::string(to_string(static_cast<StepStatus>(row + 1))) + " |";
        for (const char mark : kTable[row]) {
            text += mark == 'x' ? " x |" : (mark == 'n' ? " round |" : "  |");
        }
        text += "\n";
    }
    return text;
}

}  // namespace slipway::core
