#include "steps/terraform/recovery.hpp"

#include <map>

namespace slipway::terraform {
namespace {

struct Chosen {
    const StateFile* state = nullptr;
    StateSource source = StateSource::kBase;
    std::string foreign;  ///< why what was found cannot be ours
};

std::string foreign_reason(const StateFile& found, const StateFile& base, const char* name) {
    if (found.lineage != base.lineage) {
        return std::string(name) + " has another lineage than the state that the plan was made on";
    }
    if (found.serial < base.serial) {
        return std::string(name) + " is older than the state that the plan was made on";
    }
    return {};
}

Chosen choose_state(const RecoveryFacts& facts) {
    Chosen chosen{&facts.base, StateSource::kBase, {}};
    const auto consider = [&](const std::optional<StateFile>& found, StateSource source, const char* name) {
        if (!found) {
            return;
        }
        auto reason = foreign_reason(*found, facts.base, name);
        if (!reason.empty()) {
            chosen.foreign = std::move(reason);
        } else if (found->serial >= chosen.state->serial) {
            chosen.state = &*found;
            chosen.source = source;
        }
    };
    // On equal serials the later one counts: what Terraform wrote last, or could not write at all.
    consider(facts.kept, StateSource::kKept, "the kept copy");
    consider(facts.state, StateSource::kFile, "terraform.tfstate");
    consider(facts.errored, StateSource::kErrored, "errored.tfstate");
    return chosen;
}

/// It wrote down all that it knew before it ended, and that is what we have.
bool ended_gracefully(const RecoveryFacts& facts, const Chosen& chosen) {
    const bool written = (chosen.source == StateSource::kFile && !facts.errored_torn) ||
                         chosen.source == StateSource::kErrored;
    return facts.process == ProcessEnd::kExited && written;
}

/// What the journal says of one address, beside what the state says of it.
class Sorter {
public:
    Sorter(const RecoveryFacts& facts, const Chosen& chosen, Recovery& out)
        : facts_(facts), state_(*chosen.state), graceful_(ended_gracefully(facts, chosen)), out_(out) {}

    void sort() {
        std::map<std::string, std::vector<const Operation*>> by_address;
        for (const auto& operation : facts_.journal.operations) {
            by_address[operation.address].push_back(&operation);
        }
        for (const auto& [address, operations] : by_address) {
            one_address(address, operations);
        }
    }

private:
    const StateInstance* recorded(const std::string& address) const {
        const auto it = state_.instances.find(address);
        return it == state_.instances.end() ? nullptr : &it->second;
    }
    bool is_old_object(const std::string& address, const StateInstance& instance) const {
        const auto it = facts_.base.instances.find(address);
        return it != facts_.base.instances.end() && it->second.id == instance.id;
    }
    bool provisioned(const std::string& address) const { return facts_.provisioned.contains(address); }
    void doubt(const std::string& address, const char* rule) {
        if (out_.in_doubt.empty() || out_.in_doubt.back() != address) {
            out_.in_doubt.push_back(address);
        }
        if (out_.rule.empty()) {
            out_.rule = rule;
        }
    }

    void one_address(const std::string& address, const std::vector<const Operation*>& operations) {
        const Operation* made = nullptr;  // the last finished create
        bool removed =
            false;  // a finished delete, of the old object whether it came before the create or after it
        for (const auto* operation : operations) {
            if (operation->end == OperationEnd::kOpen) {
                open(address, *operation);
            } else if (operation->end == OperationEnd::kErrored) {
                errored(address, *operation);
            } else if (operation->action == "create") {
                made = operation;
            } else if (operation->action == "delete") {
                removed = true;
            }
        }
        if (made != nullptr) {
            created(address, *made);
        }
        if (removed) {
            deleted(address);
        }
    }

    void open(const std::string& address, const Operation& operation) {
        if (operation.action == "update") {
            return;  // the next plan's refresh sees which of the two it is, and doing it again does no harm
        }
        if (operation.action == "delete") {
            if (provisioned(address)) {
                doubt(address, "T14");
            }
            return;
        }
        const auto* instance = recorded(address);
        if (operation.action != "create" || instance == nullptr || is_old_object(address, *instance)) {
            return doubt(address, "T4");
        }
        if (provisioned(address)) {
            if (!instance->tainted) {
                out_.replace.push_back(address);
            }
            doubt(address, "T7");
        }
    }

    void errored(const std::string& address, const Operation& operation) {
        // A graceful end has written what is left of a failed create. Otherwise it may have been on its way
        // to the disk: the journal tells of the error first.
        if (graceful_ || operation.action != "create") {
            return;
        }
        const auto* instance = recorded(address);
        if (instance == nullptr) {
            doubt(address, "T4");
        } else if (provisioned(address) && !is_old_object(address, *instance) && !instance->tainted) {
            // Written down for the sake of another resource, before its own provisioner failed.
            out_.replace.push_back(address);
            doubt(address, "T7");
        }
    }

    void created(const std::string& address, const Operation& made) {
        const auto* instance = recorded(address);
        const bool has_id = made.id_key == "id" && !made.id_value.empty();
        if (instance == nullptr) {
            if (has_id) {
                out_.imports.push_back({address, made.id_value});
            } else {
                doubt(address, "T6");
            }
        } else if (has_id ? instance->id != made.id_value : is_old_object(address, *instance)) {
            doubt(address, "T6");  // the address still holds another object
        }
    }

    // Gone, but still recorded: the next plan would run its destroy provisioners again.
    void deleted(const std::string& address) {
        const auto* instance = recorded(address);
        const bool recorded_still =
            (instance != nullptr && is_old_object(address, *instance)) || state_.deposed.contains(address);
        if (recorded_still && provisioned(address)) {
            doubt(address, "T6");
        }
    }

    const RecoveryFacts& facts_;
    const StateFile& state_;
    bool graceful_;
    Recovery& out_;
};

Recovery verdict(RecoveryAction action, std::string rule, std::string why, StateSource source) {
    Recovery out;
    out.action = action;
    out.rule = std::move(rule);
    out.why = std::move(why);
    out.source = source;
    return out;
}

Recovery not_started_yet(const RecoveryFacts& facts, const Chosen& chosen) {
    if (chosen.state->serial > facts.base.serial) {
        return verdict(RecoveryAction::kPartial, "T5", "only outputs were written before it was interrupted",
                       chosen.source);
    }
    if (facts.process == ProcessEnd::kExited) {
        return verdict(RecoveryAction::kFailed, "exit",
                       "Terraform ended in an error before it touched anything", chosen.source);
    }
    return verdict(RecoveryAction::kNotStarted, "T3", "interrupted before anything was touched",
                   StateSource::kBase);
}

Recovery interrupted(const RecoveryFacts& facts, const Chosen& chosen) {
    Recovery out;
    out.source = chosen.source;
    Sorter(facts, chosen, out).sort();
    if (!out.in_doubt.empty()) {
        out.action = RecoveryAction::kInDoubt;
        out.why = "interrupted while " + std::to_string(out.in_doubt.size()) +
                  " operation(s) were under way whose effect cannot be proved";
        return out;
    }
    const bool graceful = ended_gracefully(facts, chosen);
    out.action = graceful ? RecoveryAction::kFailed : RecoveryAction::kPartial;
    out.rule = !out.imports.empty()                     ? "T6"
               : chosen.source == StateSource::kErrored ? "T12"
               : graceful                               ? "exit"
                                                        : "T5";
    out.why = out.imports.empty() ? "everything that it finished is in the state"
                                  : "objects that are in no state will be imported by the next plan";
    return out;
}

}  // namespace

Recovery decide_recovery(const RecoveryFacts& facts) {
    if (facts.process == ProcessEnd::kRunning) {
        return verdict(RecoveryAction::kStillRunning, "T10", "Terraform and its supervisor are alive",
                       StateSource::kBase);
    }
    if (facts.process == ProcessEnd::kNeverReleased && facts.proven_dead) {
        return verdict(RecoveryAction::kNotStarted, "T2", "Terraform was never executed", StateSource::kBase);
    }
    const auto chosen = choose_state(facts);
    if (!facts.proven_dead) {
        auto out = interrupted(facts, chosen);  // for what is known of it
        out.action = RecoveryAction::kInDoubt;
        out.rule = "T11";
        out.why = "what the attempt started may still be running";
        return out;
    }
    if (!chosen.foreign.empty()) {
        return verdict(RecoveryAction::kInDoubt, "foreign", chosen.foreign, StateSource::kBase);
    }
    if (facts.journal.damaged > 0) {
        return verdict(RecoveryAction::kInDoubt, "journal", "lines of the journal are damaged",
                       chosen.source);
    }
    const bool whole = facts.state.has_value() && chosen.source == StateSource::kFile &&
                       facts.journal.ended() == facts.journal.operations.size();
    const bool rc_0 = facts.process == ProcessEnd::kExited && facts.rc == 0;
    if (whole && (rc_0 || facts.journal.applied)) {
        return verdict(RecoveryAction::kSucceeded, rc_0 ? "T9" : "T8",
                       "the plan was carried out and its state persisted", chosen.source);
    }
    if (rc_0) {
        return verdict(RecoveryAction::kInDoubt, "exit-0",
                       "Terraform reported success, but its state file is not whole", chosen.source);
    }
    return facts.journal.started() ? interrupted(facts, chosen) : not_started_yet(facts, chosen);
}

std::string_view to_string(RecoveryAction action) {
    switch (action) {
        case RecoveryAction::kStillRunning:
            return "still running";
        case RecoveryAction::kNotStarted:
            return "not started";
        case RecoveryAction::kSucceeded:
            return "succeeded";
        case RecoveryAction::kFailed:
            return "failed";
        case RecoveryAction::kPartial:
            return "partial";
        case RecoveryAction::kInDoubt:
            return "in doubt";
    }
    return "in doubt";
}

std::string_view to_string(StateSource source) {
    switch (source) {
        case StateSource::kBase:
            return "the state before the apply";
        case StateSource::kFile:
            return "terraform.tfstate";
        case StateSource::kKept:
            return "the newest kept copy";
        case StateSource::kErrored:
            return "errored.tfstate";
    }
    return {};
}

}  // namespace slipway::terraform
