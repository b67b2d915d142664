#include "steps/kubernetes/drift.hpp"

#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {
namespace {

std::string shown(const json::value& value) {
    return value.is_null() ? "nothing" : json::serialize(value);
}

/// What is there now comes first: a reader wants to know what somebody did.
std::string line_of(const json::object& change) {
    const auto action = text_of(change, "action");
    std::string out = text_of(change, "address");
    if (action == "create") {
        return out + ": gone\n";
    }
    out += action == "delete" ? ": there, and not part of what was applied\n" : ":\n";
    for (const auto& item : array_of(change, "fields")) {
        const auto& field = item.as_object();
        out += "  " + text_of(field, "path") + ": " + shown(field.at("before")) + ", applied was " +
               shown(field.at("after")) + "\n";
    }
    return out;
}

}  // namespace

void learn_secrets(const std::vector<ObjectChange>& changes, Mask& mask) {
    for (const auto& change : changes) {
        for (const auto& field : change.fields) {
            if (change.id.kind != "Secret" || !field.path.starts_with("data")) {
                continue;
            }
            for (const auto* value : {&field.before, &field.after}) {
                mask.add_secret_object(
                    json::object{{"kind", "Secret"}, {"data", json::object{{"x", *value}}}});
            }
        }
    }
}

Outcome show_drift(const Drift& drift, Mask& mask) {
    learn_secrets(drift.changes, mask);
    auto changes = show_changes(drift.changes, mask);
    std::string text;
    for (const auto& change : changes) {
        text += line_of(change.as_object());
    }
    if (!drift.not_applied.empty()) {
        text = drift.what + ": " + drift.not_applied + "\n";
    } else if (changes.empty()) {
        text = drift.what + " is as it was applied (" + drift.applied + ")\n";
    }
    const json::object output{{"format", 1},
                              {"kind", drift.kind},
                              {"drifted", drift.not_applied.empty() && !changes.empty()},
                              {"applied", drift.applied},
                              {"not_applied", drift.not_applied},
                              {"summary", summary_of(drift.changes)},
                              {"changes", std::move(changes)},
                              {"text", std::move(text)}};
    return Succeeded{{json::serialize(output), false}};
}

}  // namespace slipway::kubernetes
