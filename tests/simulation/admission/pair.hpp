// Two runs, some names and the engine's limit: the shell in a page, as durable as a tick makes it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/admission.hpp"
#include "engine/core/decide.hpp"

namespace pairs {

using namespace slipway;

enum class Attempt : std::uint8_t {
    kNone,
    kLinked,  ///< at work, and the engine will hear of it
    kAsked,   ///< of an earlier process: reconcile has been asked
};

/// What is planted to be caught.
enum class Bug : std::uint8_t {
    kNone,
    kPlaceLeaked,      ///< what a step gives back stays taken
    kSectionLeaked,    ///< what a section gives back stays taken
    kRunLeaked,        ///< what an ended run has left stays taken
    kDoubleGrant,      ///< somebody is let in although the lock is held
    kLostWakeUp,       ///< what comes back is given to nobody
    kGrantNotHeard,    ///< a place is granted, and the step never hears of it
    kTicketForgotten,  ///< a crash loses what waited
    kPlaceTwice,       ///< a crash makes an adopted attempt ask again
    kSectionTooEarly,  ///< a section's places come back with its first step
    kHoldAndWait,      ///< one of two locks is taken while the other is waited for
    kLastComeFirst,    ///< whoever waits longest goes to the end of the line
    kDeadlockUnseen,   ///< nobody looks for cycles
    kBugCount,
};
const char* bug_name(Bug bug);

struct Setting {
    std::string name;
    std::array<Workflow, 2> workflows;
    std::array<std::string, 2> tenants;
    std::uint32_t engine = 2;
    std::map<std::string, std::uint32_t> limits;
    bool operators = true;  ///< somebody may cancel, pause and skip
};

struct Pair {
    std::array<core::RunState, 2> runs;
    core::AdmissionState admission;
    std::array<std::vector<Attempt>, 2> attempts;
    std::vector<core::TicketKey> asked;  ///< in order of asking, by the oracle's own account
};

struct Ticked {
    Pair after;
    std::optional<std::string> wrong;
    bool refused = false;
};

/// One input to one run, and what it makes due, committed.
Ticked tick(const Setting& setting, const Pair& before, std::size_t run, const core::Input& input, Bug bug);
/// Both runs started.
Ticked first(const Setting& setting, Bug bug);
/// kill -9 between two ticks, and an open.
Ticked crash(const Setting& setting, const Pair& before, Bug bug);

core::Wish wish_of(const Setting& setting, const Pair& pair, std::size_t run, StepIndex step);
std::size_t run_number(const RunId& run);
core::Reaches reaches(const Setting& setting);

/// After every tick; the first thing that is off.
std::optional<std::string> check(const Setting& setting, const Pair& pair, Bug bug);
/// Two names are never waited for while one of them is held for the same ticket, turns are kept, and whoever
/// is in a deadlock stays there unless an operator acts.
std::optional<std::string> check_step(const Setting& setting, const Pair& before, const Pair& after,
                                      bool by_operator);

struct Found {
    std::uint64_t situations = 0;
    std::uint64_t edges = 0;
    std::uint64_t deadlocks = 0;  ///< situations with a deadlock in them
    std::optional<std::string> wrong;
};
Found search(const Setting& setting, Bug bug = Bug::kNone, std::size_t situations_max = 2'000'000);

}  // namespace pairs
