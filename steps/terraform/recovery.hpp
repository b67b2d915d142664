// How far did an apply get, and what may happen next? A pure function over what was found once nothing of the
// attempt lives. The rules and their ids: README.md in this folder.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "slipway/steps/terraform.hpp"
#include "steps/terraform/journal.hpp"
#include "steps/terraform/state_file.hpp"

namespace slipway::terraform {

enum class ProcessEnd {
    kNeverReleased,  ///< provably nothing was executed
    kRunning,
    kExited,  ///< ended by itself; `rc` holds
    kKilled,  ///< by a signal, or with its supervisor
};

struct RecoveryFacts {
    ProcessEnd process = ProcessEnd::kKilled;
    int rc = -1;
    bool proven_dead = true;
    StateFile base;  ///< what the plan was made on
    std::optional<StateFile>
        state;  ///< terraform.tfstate as it lies there; nothing when torn, empty or missing
    std::optional<StateFile> kept;     ///< the newest whole copy of it
    std::optional<StateFile> errored;  ///< errored.tfstate: a state that could not be persisted
    bool errored_torn = false;         ///< there is an errored.tfstate, and it is not whole
    Journal journal;
    std::set<std::string> provisioned;  ///< planned addresses that have provisioners
};

enum class RecoveryAction {
    kStillRunning,
    kNotStarted,  ///< the same plan may be applied
    kSucceeded,
    kFailed,   ///< it ended in an error; everything that it did is in the state
    kPartial,  ///< everything that it did is in the state or repaired by the next plan
    kInDoubt,
};

enum class StateSource { kBase, kFile, kKept, kErrored };

struct Recovery {
    RecoveryAction action = RecoveryAction::kInDoubt;
    std::string rule;
    std::string why;  ///< one sentence for people
    StateSource source = StateSource::kBase;
    std::vector<std::string> in_doubt;     ///< addresses whose effect may or may not have happened
    std::vector<std::string> replace;      ///< recorded as made, but their provisioners may not have finished
    std::vector<TerraformImport> imports;  ///< made, but recorded nowhere
};

Recovery decide_recovery(const RecoveryFacts& facts);

std::string_view to_string(RecoveryAction action);
std::string_view to_string(StateSource source);

}  // namespace slipway::terraform
