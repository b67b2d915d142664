#include "steps/terraform/settle.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>

#include "steps/terraform/carry_over.hpp"
#include "steps/terraform/files.hpp"
#include "steps/terraform/json.hpp"
#include "steps/terraform/workdir.hpp"

namespace slipway::terraform {
namespace {

std::optional<StateFile> whole_state(const std::string& bytes) {
    auto state = read_state(bytes);
    return state ? std::optional<StateFile>(std::move(*state)) : std::nullopt;
}

struct Found {
    RecoveryFacts facts;
    std::string base_bytes;
    std::string file_bytes;
    std::string kept_bytes;
    std::string errored_bytes;

    const std::string& bytes_of(StateSource source) const {
        switch (source) {
            case StateSource::kFile:
                return file_bytes;
            case StateSource::kKept:
                return kept_bytes;
            case StateSource::kErrored:
                return errored_bytes;
            case StateSource::kBase:
                break;
        }
        return base_bytes;
    }
    const StateFile& state_of(StateSource source) const {
        switch (source) {
            case StateSource::kFile:
                return *facts.state;
            case StateSource::kKept:
                return *facts.kept;
            case StateSource::kErrored:
                return *facts.errored;
            case StateSource::kBase:
                break;
        }
        return facts.base;
    }
};

ProcessEnd end_of(const process::Inspection& inspection, bool proven_dead) {
    if (inspection.state == process::AttemptState::kExited) {
        const auto& exit = *inspection.exit;
        // Terraform ends with 0 or 1 when it has come to an end of its own; any other number is a crash of
        // it.
        const bool graceful = exit.signal == 0 && (exit.rc == 0 || exit.rc == 1);
        return !exit.started ? ProcessEnd::kNeverReleased
               : graceful    ? ProcessEnd::kExited
                             : ProcessEnd::kKilled;
    }
    // Held, and dead: nobody can let it go any more.
    const bool held = inspection.state == process::AttemptState::kPrepared && proven_dead;
    return held || inspection.state == process::AttemptState::kNeverStarted ? ProcessEnd::kNeverReleased
                                                                            : ProcessEnd::kKilled;
}

// Ends what is left, so that everything read afterwards stands still.
Result<void> look_at_process(const std::string& dir, Settled& settled, RecoveryFacts& facts) {
    // Where it never came to prepare Terraform, the name is taken from now on, so that it never will.
    SLIPWAY_CHECK(take_name(dir));
    SLIPWAY_TRY(settled.inspection, process::inspect(dir));
    if (settled.inspection.state == process::AttemptState::kRunning) {
        facts.process = ProcessEnd::kRunning;
        return {};
    }
    if (settled.inspection.state != process::AttemptState::kExited || !settled.inspection.exit->all_dead) {
        SLIPWAY_TRY(settled.fence, process::fence(dir));
        settled.proven_dead = settled.fence.proven_dead;
        // It may have been let go, or have come to its end, before the fence stood.
        SLIPWAY_TRY(settled.inspection, process::inspect(dir));
    }
    facts.proven_dead = settled.proven_dead;
    facts.process = end_of(settled.inspection, settled.proven_dead);
    facts.rc = settled.inspection.exit ? settled.inspection.exit->rc : -1;
    return {};
}

// Nothing where there is no such file. Any other error is not "nothing": what cannot be read proves nothing.
Result<std::string> read_if_there(const std::string& path, bool& there) {
    auto bytes = read_file(path);
    there = bytes.has_value();
    if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
        return std::string();
    }
    return bytes;
}

Result<void> read_states(const AttemptPaths& paths, const std::string& dir, Found& found) {
    bool there = false;
    SLIPWAY_TRY(found.file_bytes, read_if_there(paths.state(), there));
    found.facts.state = whole_state(found.file_bytes);
    SLIPWAY_TRY(found.errored_bytes, read_if_there(paths.cwd() + "/errored.tfstate", there));
    found.facts.errored = whole_state(found.errored_bytes);
    found.facts.errored_torn = there && !found.facts.errored;
    SLIPWAY_TRY(auto kept, process::newest_kept(dir, "state"));
    if (kept) {
        if (kept->empty()) {
            return environment_error(ErrorCode::kIo, "the newest kept copy of the state cannot be read");
        }
        found.kept_bytes = std::move(*kept);
        found.facts.kept = whole_state(found.kept_bytes);
    }
    return {};
}

Result<Found> look(const TerraformArmed& armed, const ArmedFacts& armed_facts, Settled& settled) {
    const AttemptPaths paths{armed.dir, armed_facts.module_path};
    Found found;
    SLIPWAY_TRY(found.base_bytes, read_file(paths.base()));
    SLIPWAY_TRY(found.facts.base, read_state(found.base_bytes));
    found.facts.provisioned = armed_facts.provisioned;
    const auto dir = paths.process("apply");
    SLIPWAY_CHECK(look_at_process(dir, settled, found.facts));
    if (found.facts.process == ProcessEnd::kRunning || found.facts.process == ProcessEnd::kNeverReleased) {
        return found;
    }
    // Whatever was let go has one: an error is not an empty journal.
    SLIPWAY_TRY(settled.journal_bytes, read_file(dir + "/stdout"));
    settled.journal = read_journal(settled.journal_bytes);
    found.facts.journal = settled.journal;
    SLIPWAY_CHECK(read_states(paths, dir, found));
    return found;
}

bool was_recreated(const Journal& journal, const std::string& address) {
    return std::any_of(journal.operations.begin(), journal.operations.end(), [&](const Operation& o) {
        return o.address == address && o.action == "create" && o.end == OperationEnd::kComplete;
    });
}

// What the next plan has to repair: what this apply left, and what it was to repair itself and did not come
// to.
void carry_repairs(const Settled& settled, TerraformState& next) {
    const bool done = settled.recovery.action == RecoveryAction::kSucceeded;
    auto replace = settled.recovery.replace;
    for (const auto& address : next.replace) {
        const bool listed = std::find(replace.begin(), replace.end(), address) != replace.end();
        if (!done && !listed && !was_recreated(settled.journal, address)) {
            replace.push_back(address);
        }
    }
    auto imports = settled.recovery.imports;
    for (const auto& item : next.imports) {
        const bool listed = std::find(imports.begin(), imports.end(), item) != imports.end();
        if (!done && !listed && !settled.state.instances.contains(item.address)) {
            imports.push_back(item);
        }
    }
    next.in_doubt = settled.recovery.in_doubt;
    next.replace = std::move(replace);
    next.imports = std::move(imports);
}

// For another attempt at the same approval: what all of them have done so far.
Result<void> carry_unfinished(const Settled& settled, const ArmedFacts& facts, TerraformState& next) {
    SLIPWAY_TRY(auto unfinished, decode_unfinished(next.unfinished));
    const bool is_over = settled.recovery.action == RecoveryAction::kSucceeded || facts.approved.empty();
    if (is_over || unfinished.approved != facts.approved) {
        unfinished = {is_over ? std::string() : facts.approved, {}, unfinished.barrier};
    }
    if (is_over) {
        next.unfinished = encode_unfinished(unfinished);
        return {};
    }
    const auto& done = settled.journal.operations;
    unfinished.operations.insert(unfinished.operations.end(), done.begin(), done.end());
    next.unfinished = encode_unfinished(unfinished);
    return {};
}

Result<void> take_over(TerraformStates& states, const ArmedFacts& facts, const TerraformArmed& armed,
                       const StateFile& base, const Settled& settled) {
    const auto& key = facts.key;
    SLIPWAY_TRY(auto kept, states.load(key));
    if (!kept) {
        return environment_error(ErrorCode::kCorrupt, "the kept state of " + key + " is gone");
    }
    if (kept->settled_by == armed.attempt && !kept->armed) {
        return {};  // done before a crash
    }
    const bool ours = kept->armed && kept->armed->attempt == armed.attempt;
    const bool touched = settled.journal.started() || settled.state.sha256 != base.sha256;
    if (!ours) {
        // Armed is saved after the evidence: a crash between them leaves nothing to take over.
        return touched ? Result<void>(usage_error(ErrorCode::kConflict,
                                                  "the kept state of " + key + " was changed meanwhile"))
                       : Result<void>();
    }
    auto next = *kept;
    if (settled.proven_dead) {
        next.armed.reset();  // and not before: what still runs may write on
    }
    if (touched) {
        // Once: a doubt is settled again when it is proven dead.
        SLIPWAY_CHECK(next.settled_by == armed.attempt ? Result<void>()
                                                       : carry_unfinished(settled, facts, next));
        carry_repairs(settled, next);
        next.bytes = settled.state_bytes;
        next.generation += next.settled_by == armed.attempt ? 0U : 1U;
        next.settled_by = armed.attempt;
    }
    if (next == *kept) {
        return {};
    }
    SLIPWAY_TRY([[maybe_unused]] auto revision, states.save(key, kept->revision, next));
    return {};
}

}  // namespace

std::string encode_facts(const ArmedFacts& facts) {
    const std::vector<std::string> provisioned(facts.provisioned.begin(), facts.provisioned.end());
    return json::serialize(json::object{{"key", facts.key},
                                        {"module_path", facts.module_path},
                                        {"destroy", facts.destroy},
                                        {"provisioned", texts(provisioned)},
                                        {"approved", facts.approved}});
}

Result<ArmedFacts> decode_facts(std::string_view text) {
    SLIPWAY_TRY(auto root, parse_object(text, "the record of an armed apply"));
    const auto provisioned = strings_of(root, "provisioned");
    return ArmedFacts{text_of(root, "key"),
                      text_of(root, "module_path"),
                      flag_of(root, "destroy"),
                      {provisioned.begin(), provisioned.end()},
                      text_of(root, "approved")};
}

bool fence_all(const std::string& root) {
    bool dead = true;
    for (const auto* command : {"init", "show-approved", "plan", "show", "apply"}) {
        const auto dir = root + "/" + command;
        if (exists(dir)) {
            const auto report = process::fence(dir);
            dead = dead && report && report->proven_dead;
        }
    }
    return dead;
}

void sweep_attempts(const std::string& dir) {
    namespace fs = std::filesystem;
    for (const auto& name : dir.empty() ? std::vector<std::string>() : names_in(dir)) {
        const auto root = dir + "/" + name;
        std::error_code error;
        const auto written = fs::last_write_time(root, error);
        if (!error && written < fs::file_time_type::clock::now() - std::chrono::hours(24) &&
            fence_all(root)) {
            discard_tree(root);
        }
    }
}

Result<Settled> settle(TerraformStates& states, const TerraformArmed& armed) {
    SLIPWAY_TRY(const auto facts, decode_facts(armed.facts));
    Settled settled;
    SLIPWAY_TRY(const auto found, look(armed, facts, settled));
    settled.recovery = decide_recovery(found.facts);
    settled.state_bytes = found.bytes_of(settled.recovery.source);
    settled.state = found.state_of(settled.recovery.source);
    if (settled.recovery.action != RecoveryAction::kStillRunning) {
        SLIPWAY_CHECK(take_over(states, facts, armed, found.facts.base, settled));
    }
    return settled;
}

}  // namespace slipway::terraform
