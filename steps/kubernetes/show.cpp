// Changes as people, policies and digests see them.
#include <boost/json.hpp>

#include "slipway/ids.hpp"
#include "steps/kubernetes/diff.hpp"
#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {
namespace {

bool holds_secret_data(const ObjectChange& change, const std::string& path) {
    return change.id.kind == "Secret" &&
           (path == "data" || path.starts_with("data.") || path.starts_with("stringData"));
}

json::value whole_object(json::value value, const Mask& mask) {
    if (auto* object = value.if_object(); object != nullptr && text_of(*object, "kind") == "Secret") {
        for (const char* part : {"data", "stringData"}) {
            if (auto* data = object->if_contains(part); data != nullptr && data->is_object()) {
                for (auto& member : data->get_object()) {
                    member.value() = json::string(kMasked);
                }
            }
        }
    }
    return mask.value(value);
}

}  // namespace

json::array show_changes(const std::vector<ObjectChange>& changes, const Mask& mask) {
    json::array out;
    for (const auto& change : changes) {
        if (change.action == ObjectAction::kNone) {
            continue;
        }
        json::array fields;
        for (const auto& field : change.fields) {
            json::object shown{{"path", mask.text(field.path)}};
            const bool secret = holds_secret_data(change, field.path);
            const auto show = [&](const json::value& value) {
                return value.is_null() ? json::value()
                       : secret        ? json::value(json::string(kMasked))
                                       : whole_object(value, mask);
            };
            shown["before"] = show(field.before);
            shown["after"] = show(field.after);
            fields.push_back(std::move(shown));
        }
        json::object entry{{"address", change.id.address()},
                           {"action", std::string(to_string(change.action))},
                           {"fields", std::move(fields)}};
        if (!change.note.empty()) {
            entry["note"] = change.note;
        }
        out.push_back(std::move(entry));
    }
    return out;
}

json::object summary_of(const std::vector<ObjectChange>& changes) {
    std::int64_t add = 0;
    std::int64_t change = 0;
    std::int64_t destroy = 0;
    for (const auto& one : changes) {
        add += one.action == ObjectAction::kCreate ? 1 : 0;
        change += one.action == ObjectAction::kUpdate ? 1 : 0;
        destroy += one.action == ObjectAction::kDelete ? 1 : 0;
    }
    return {{"add", add}, {"change", change}, {"destroy", destroy}, {"import", 0}, {"outputs", 0}};
}

std::string digest_of(const std::vector<ObjectChange>& changes) {
    std::string text;
    for (const auto& change : changes) {
        text += change.id.address() + " " + std::string(to_string(change.action)) + "\n";
        for (const auto& field : change.fields) {
            text += field.path + " " + canonical(field.before) + " " + canonical(field.after) + "\n";
        }
    }
    return sha256(text).hex();
}

}  // namespace slipway::kubernetes
