#include "steps/terraform/carry_over.hpp"

#include <boost/json.hpp>

#include "steps/terraform/change_set.hpp"
#include "steps/terraform/files.hpp"
#include "steps/terraform/outcome.hpp"
#include "steps/terraform/plan_file.hpp"

namespace slipway::terraform {
namespace {

constexpr const char* kApprovedFile = "/approved.plan";

std::string_view name_of(Containment verdict) {
    switch (verdict) {
        case Containment::kContained:
            return "contained";
        case Containment::kContainedInDoubt:
            return "contained, in doubt";
        case Containment::kNotContained:
            break;
    }
    return "not contained";
}

json::array operations_json(const std::vector<Operation>& operations) {
    json::array list;
    for (const auto& operation : operations) {
        list.push_back(json::object{{"address", operation.address},
                                    {"action", operation.action},
                                    {"end", static_cast<int>(operation.end)},
                                    {"id_key", operation.id_key},
                                    {"id_value", operation.id_value}});
    }
    return list;
}

Result<json::object> shown(Preparation& prep, const std::string& name, const std::string& file,
                           std::optional<Outcome>& failure) {
    Command command{.name = name, .args = {"-json", file}, .is_secret = true, .command = std::string("show")};
    SLIPWAY_TRY(const auto ended, prep.runner->run(command));
    failure = prep.failure_of(name, ended);
    if (failure) {
        return json::object();
    }
    SLIPWAY_TRY(const auto text, prep.runner->output(name));
    return parse_object(text, "terraform show -json");
}

// The journal of an earlier attempt counts only where it belongs to the same approval.
Result<Journal> journal_of(const Planned& approved, const TerraformState& state) {
    SLIPWAY_TRY(auto unfinished, decode_unfinished(state.unfinished));
    Journal journal;
    if (unfinished.approved == approved.sha256) {
        journal.operations = std::move(unfinished.operations);
    }
    return journal;
}

Result<ContainmentFacts> facts_of(Preparation& prep, const Planned& approved, const TerraformState& state) {
    ContainmentFacts facts;
    facts.approved = {{},
                      approved.config_digest,
                      approved.lock_digest,
                      approved.vars_digest,
                      approved.terraform_version,
                      approved.state_key};
    SLIPWAY_TRY(const auto config, config_digest(prep.input));
    facts.fresh = {
        {}, config, lock_digest(prep.paths), prep.variables.digest, prep.tool.version, prep.input.state_key};
    SLIPWAY_TRY(facts.journal, journal_of(approved, state));
    for (const auto& item : state.imports) {
        facts.repaired.insert(item.address);
    }
    facts.unresolved_doubt = !state.in_doubt.empty();
    return facts;
}

std::string proof_of(const ContainmentFacts& facts, const Planned& approved, const CarryOver& made,
                     const StateFile& base, const TerraformState& state) {
    return json::serialize(json::object{
        {"verdict", std::string(name_of(made.containment.verdict))},
        {"reasons", texts(made.containment.reasons)},
        {"approved_sha256", approved.sha256},
        {"fresh_sha256", made.plan_sha256},
        {"journal_sha256", sha256(json::serialize(operations_json(facts.journal.operations))).hex()},
        {"operations", facts.journal.operations.size()},
        {"state", json::object{{"lineage", base.lineage},
                               {"serial", base.serial},
                               {"sha256", base.sha256},
                               {"generation", state.generation}}}});
}

// What the new plan is by itself, whatever was approved.
Result<void> take_plan(Preparation& prep, const json::object& plan, const StateFile& base, CarryOver& out) {
    SLIPWAY_TRY(const auto changes, read_change_set(plan, prep.mask));
    out.nothing_to_do = changes.nothing_to_do;
    out.provisioned = provisioned_of(changes.changes);
    SLIPWAY_TRY(out.plan_bytes, read_file(prep.paths.plan()));
    out.plan_sha256 = sha256(out.plan_bytes).hex();
    SLIPWAY_TRY(const auto file, read_plan_file(out.plan_bytes));
    if (file.prior.lineage != base.lineage || file.prior.serial != base.serial) {
        return environment_error(ErrorCode::kCorrupt, "the new plan was not made on the kept state");
    }
    return {};
}

}  // namespace

std::string encode_unfinished(const Unfinished& unfinished) {
    if (unfinished.approved.empty() && unfinished.barrier == 0) {
        return {};
    }
    return json::serialize(json::object{{"approved", unfinished.approved},
                                        {"operations", operations_json(unfinished.operations)},
                                        {"barrier", unfinished.barrier}});
}

Result<Unfinished> decode_unfinished(std::string_view text) {
    if (text.empty()) {
        return Unfinished();
    }
    SLIPWAY_TRY(const auto root, parse_object(text, "the record of an unfinished apply"));
    Unfinished out{text_of(root, "approved"), {}, number_of(root, "barrier")};
    for (const auto& item : array_of(root, "operations")) {
        const auto end = item.is_object() ? number_of(item.get_object(), "end", 9) : 9;
        if (end > static_cast<std::uint64_t>(OperationEnd::kErrored)) {
            return environment_error(ErrorCode::kCorrupt, "the record of an unfinished apply is damaged");
        }
        const auto& object = item.get_object();
        out.operations.push_back({text_of(object, "address"), text_of(object, "action"),
                                  static_cast<OperationEnd>(end), text_of(object, "id_key"),
                                  text_of(object, "id_value")});
    }
    return out;
}

Result<void> close_generation(TerraformState& state) {
    SLIPWAY_TRY(auto unfinished, decode_unfinished(state.unfinished));
    state.generation += 1;
    unfinished = {{}, {}, state.generation};
    state.unfinished = encode_unfinished(unfinished);
    return {};
}

Result<std::optional<Outcome>> carry_over(Preparation& prep, const Planned& approved,
                                          std::string_view approved_bytes, const TerraformState& state,
                                          CarryOver& out) {
    std::optional<Outcome> failure;
    const auto approved_file = prep.paths.root + kApprovedFile;
    SLIPWAY_CHECK(write_file(approved_file, approved_bytes));
    SLIPWAY_TRY(auto facts, facts_of(prep, approved, state));
    SLIPWAY_TRY(facts.approved.plan, shown(prep, "show-approved", approved_file, failure));
    if (failure) {
        return failure;
    }
    SLIPWAY_TRY(failure, prep.plan(state));
    if (failure) {
        return failure;
    }
    SLIPWAY_TRY(facts.fresh.plan, shown(prep, "show", prep.paths.plan(), failure));
    if (failure) {
        return failure;
    }
    SLIPWAY_TRY(const auto base, read_state(state.bytes));
    SLIPWAY_CHECK(take_plan(prep, facts.fresh.plan, base, out));
    out.containment = decide_containment(facts);
    out.proof = proof_of(facts, approved, out, base, state);
    return std::optional<Outcome>();
}

std::string reason_of(const ContainmentVerdict& verdict) {
    if (verdict.reasons.empty()) {
        return "an effect of the interrupted apply cannot be proved";
    }
    const auto more = verdict.reasons.size() - 1;
    return verdict.reasons.front() + (more == 0 ? "" : " (and " + std::to_string(more) + " more)");
}

}  // namespace slipway::terraform
