#include "steps/terraform/containment.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

namespace slipway::terraform {
namespace {

// "delete+create" in the order in which it will be done.
std::string actions_of(const json::object& resource) {
    std::string joined;
    for (const auto& item : array_of(object_of(resource, "change"), "actions")) {
        if (item.is_string()) {
            joined +=
                (joined.empty() ? "" : "+") + std::string(item.get_string().data(), item.get_string().size());
        }
    }
    return joined;
}

bool is_nothing(const std::string& actions) {
    return actions.empty() || actions == "no-op" || actions == "read";
}

std::string before_id(const json::object& resource) {
    return text_of(object_of(object_of(resource, "change"), "before"), "id");
}

bool is_allowed(const std::string& approved, const std::string& now) {
    return approved == now || (approved == "delete+create" && now == "create");
}

// C4: equal wherever the approved plan knows the value. What was unknown in it may have become known; what
// was known must not have become unknown, which could turn out to be anything.
bool agrees(const json::value& approved, const json::value& approved_unknown, const json::value& now,
            const json::value& now_unknown) {
    const auto is_unknown = [](const json::value& mark) { return mark.is_bool() && mark.get_bool(); };
    if (is_unknown(approved_unknown)) {
        return true;
    }
    if (is_unknown(now_unknown)) {
        return false;
    }
    if (approved.is_object() && now.is_object()) {
        static const json::object kEmpty;
        const auto& marks_a = approved_unknown.is_object() ? approved_unknown.get_object() : kEmpty;
        const auto& marks_n = now_unknown.is_object() ? now_unknown.get_object() : kEmpty;
        std::set<std::string> keys;
        for (const auto* side : {&approved.get_object(), &now.get_object()}) {
            for (const auto& entry : *side) {
                keys.emplace(entry.key().data(), entry.key().size());
            }
        }
        return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
            return agrees(member_of(approved.get_object(), key), member_of(marks_a, key),
                          member_of(now.get_object(), key), member_of(marks_n, key));
        });
    }
    if (approved.is_array() && now.is_array() && approved.get_array().size() == now.get_array().size()) {
        static const json::value kNull;
        const auto mark_at = [&](const json::value& marks, std::size_t i) -> const json::value& {
            return marks.is_array() && i < marks.get_array().size() ? marks.get_array()[i] : kNull;
        };
        for (std::size_t i = 0; i < now.get_array().size(); ++i) {
            if (!agrees(approved.get_array()[i], mark_at(approved_unknown, i), now.get_array()[i],
                        mark_at(now_unknown, i))) {
                return false;
            }
        }
        return true;
    }
    return canonical(approved) == canonical(now);
}

class Judge {
public:
    explicit Judge(const ContainmentFacts& facts) : facts_(facts) {
        for (const auto& operation : facts.journal.operations) {
            started_.insert(operation.address);
            if (operation.action == "create" && !operation.id_value.empty()) {
                created_ids_.insert(operation.id_value);
            }
        }
        for (const auto& item : array_of(facts.approved.plan, "resource_changes")) {
            if (!item.is_object()) {
                continue;
            }
            const auto address = text_of(item.get_object(), "address");
            const auto deposed = text_of(item.get_object(), "deposed");
            if (deposed.empty()) {
                approved_[address] = &item.get_object();
            } else if (actions_of(item.get_object()) == "delete") {
                approved_deposed_[{address, deposed}] = before_id(item.get_object());
            }
        }
        for (const auto& item : array_of(facts.approved.plan, "resource_drift")) {
            approved_drift_.insert(canonical(item));
        }
    }

    ContainmentVerdict judge() {
        same_inputs();
        whole();
        for (const auto& item : array_of(facts_.fresh.plan, "resource_changes")) {
            if (item.is_object()) {
                one_change(item.get_object());
            } else {
                no("C7 the new plan holds a change that is none");
            }
        }
        drift();
        outputs();
        ContainmentVerdict out;
        out.verdict = !reasons_.empty()         ? Containment::kNotContained
                      : facts_.unresolved_doubt ? Containment::kContainedInDoubt
                                                : Containment::kContained;
        out.reasons = std::move(reasons_);
        return out;
    }

private:
    void no(std::string reason) { reasons_.push_back(std::move(reason)); }

    void same_inputs() {
        const auto& a = facts_.approved;
        const auto& n = facts_.fresh;
        const std::pair<const char*, bool> checks[] = {
            {"configuration", a.config_digest == n.config_digest},
            {"provider lock", a.lock_digest == n.lock_digest},
            {"variables", a.vars_digest == n.vars_digest},
            {"Terraform version", a.terraform_version == n.terraform_version},
            {"target", a.state_key == n.state_key}};
        for (const auto& [name, same] : checks) {
            if (!same) {
                no(std::string("C1 another ") + name);
            }
        }
    }

    void whole() {
        const auto& plan = facts_.fresh.plan;
        if (flag_of(plan, "errored") || !flag_of(plan, "complete", true) ||
            !array_of(plan, "deferred_changes").empty()) {
            no("C7 the new plan is not complete");
        }
        for (const auto& item : array_of(plan, "checks")) {
            const auto status = item.is_object() ? text_of(item.get_object(), "status") : std::string();
            if ((status == "fail" || status == "error") && !failed_before(item.get_object())) {
                no("C7 a check fails now: " + text_of(object_of(item.get_object(), "address"), "to_display"));
            }
        }
    }

    bool failed_before(const json::object& check) const {
        const auto name = text_of(object_of(check, "address"), "to_display");
        for (const auto& item : array_of(facts_.approved.plan, "checks")) {
            if (item.is_object() && text_of(object_of(item.get_object(), "address"), "to_display") == name) {
                return text_of(item.get_object(), "status") == text_of(check, "status");
            }
        }
        return false;
    }

    void one_change(const json::object& now) {
        const auto address = text_of(now, "address");
        const auto actions = actions_of(now);
        const auto found = approved_.find(address);
        const auto* approved = found == approved_.end() ? nullptr : found->second;
        const auto& importing = member_of(object_of(now, "change"), "importing");
        if (importing.is_object() && !facts_.repaired.contains(address) &&
            (approved == nullptr || member_of(object_of(*approved, "change"), "importing") != importing)) {
            no("C8 " + address + ": an import that nobody approved and recovery did not ask for");
        }
        if (actions.empty()) {
            return no("C2 " + address + ": it does not say what would be done");
        }
        if (is_nothing(actions)) {
            return;
        }
        const auto approved_actions = approved == nullptr ? std::string() : actions_of(*approved);
        if (!text_of(now, "deposed").empty()) {
            deposed(address, now, approved, approved_actions);
            return;
        }
        const bool retry_of_tainted = text_of(now, "action_reason") == "replace_because_tainted" &&
                                      started_.contains(address) &&
                                      approved_actions.find("create") != std::string::npos;
        if (!is_allowed(approved_actions, actions) && !retry_of_tainted) {
            no("C2 " + address + ": approved " +
               (is_nothing(approved_actions) ? "nothing" : approved_actions) + ", now " + actions);
            return;
        }
        same_object(address, now, *approved, actions);
        same_result(address, now, *approved);
    }

    void deposed(const std::string& address, const json::object& now, const json::object* approved,
                 const std::string& approved_actions) {
        const auto same = approved_deposed_.find({address, text_of(now, "deposed")});
        if (same != approved_deposed_.end() && actions_of(now) == "delete" &&
            same->second == before_id(now)) {
            return;
        }
        const bool removes = approved_actions.find("delete") != std::string::npos;
        if (actions_of(now) != "delete" || !removes || before_id(*approved) != before_id(now)) {
            no("C2 " + address + ": another left-over object would be deleted than the approved one");
        }
    }

    void same_object(const std::string& address, const json::object& now, const json::object& approved,
                     const std::string& actions) {
        if (actions == "create" || actions == "forget") {
            return;
        }
        const auto id = before_id(now);
        if (id != before_id(approved) && !created_ids_.contains(id)) {
            no("C3 " + address + ": not the object that was approved, nor one that the attempt made");
            return;
        }
        // What the attempt did not touch must still be what was shown.
        const auto& before = member_of(object_of(now, "change"), "before");
        const auto& shown = member_of(object_of(approved, "change"), "before");
        if (!started_.contains(address) && canonical(before) != canonical(shown)) {
            no("C3 " + address + ": it is not as it was shown any more");
        }
    }

    void same_result(const std::string& address, const json::object& now, const json::object& approved) {
        if (!same_after(member_of(approved, "change"), member_of(now, "change"))) {
            no("C4 " + address + ": the result differs from the approved one");
        }
    }

    static bool same_after(const json::value& approved, const json::value& now) {
        static const json::object kEmpty;
        const auto& change_a = approved.is_object() ? approved.get_object() : kEmpty;
        const auto& change_n = now.is_object() ? now.get_object() : kEmpty;
        return agrees(member_of(change_a, "after"), member_of(change_a, "after_unknown"),
                      member_of(change_n, "after"), member_of(change_n, "after_unknown"));
    }

    void drift() {
        for (const auto& item : array_of(facts_.fresh.plan, "resource_drift")) {
            const auto address = item.is_object() ? text_of(item.get_object(), "address") : std::string();
            if (!started_.contains(address) && !approved_drift_.contains(canonical(item))) {
                no("C5 " + address + ": changed by somebody else meanwhile");
            }
        }
    }

    void outputs() {
        const auto& approved = object_of(facts_.approved.plan, "output_changes");
        for (const auto& [name, value] : object_of(facts_.fresh.plan, "output_changes")) {
            const auto changes = [&](const json::value* change) {
                json::object wrapped;
                wrapped["change"] = change == nullptr ? json::value() : *change;
                return !is_nothing(actions_of(wrapped));
            };
            if (!changes(&value)) {
                continue;
            }
            const auto* before = approved.if_contains(name);
            if (!changes(before)) {
                no("C6 output " + std::string(name.data(), name.size()) + ": would change now");
            } else if (!same_after(*before, value)) {
                no("C6 output " + std::string(name.data(), name.size()) + ": would become something else");
            }
        }
    }

    const ContainmentFacts& facts_;
    std::set<std::string> started_;
    std::set<std::string> created_ids_;
    std::map<std::string, const json::object*> approved_;
    std::map<std::pair<std::string, std::string>, std::string> approved_deposed_;  ///< to the object's id
    std::set<std::string> approved_drift_;
    std::vector<std::string> reasons_;
};

}  // namespace

ContainmentVerdict decide_containment(const ContainmentFacts& facts) {
    return Judge(facts).judge();
}

}  // namespace slipway::terraform
