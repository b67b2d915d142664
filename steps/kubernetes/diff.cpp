#include "steps/kubernetes/diff.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "slipway/ids.hpp"
#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {
namespace {

/// "500m", "1Gi", "2": the number that a quantity stands for; nothing for other texts.
std::optional<double> quantity(const json::value& value) {
    if (value.is_number()) {
        return value.to_number<double>();
    }
    if (!value.is_string() || value.get_string().empty()) {
        return std::nullopt;
    }
    const std::string_view text = value.get_string();
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc()) {
        return std::nullopt;
    }
    static const std::vector<std::pair<std::string_view, double>> kUnits = {
        {"", 1},     {"m", 1e-3},  {"k", 1e3},      {"M", 1e6},         {"G", 1e9},
        {"T", 1e12}, {"Ki", 1024}, {"Mi", 1048576}, {"Gi", 1073741824}, {"Ti", 1099511627776},
        {"P", 1e15}, {"n", 1e-9},  {"u", 1e-6}};
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& [name, factor] : kUnits) {
        if (name == unit) {
            return number * factor;
        }
    }
    return std::nullopt;
}

/// Whether a server would keep one for the other: 1 and "1", "0.5" and "500m".
bool is_equal(const json::value& a, const json::value& b) {
    if (a == b) {
        return true;
    }
    if (a.is_number() && b.is_number()) {
        return std::fabs(a.to_number<double>() - b.to_number<double>()) < 1e-12;
    }
    return false;
}

bool in_quantities(const std::string& path) {
    for (const char* place : {".limits.", ".requests.", ".hard.", ".capacity.", "sizeLimit"}) {
        if (path.find(place) != std::string::npos) {
            return true;
        }
    }
    return false;
}

/// By which member the items of both lists are told apart; empty: by their place.
std::string key_of_items(const json::array& a, const json::array& b) {
    for (const char* key : {"name", "mountPath", "containerPort", "port", "key", "uid", "ip"}) {
        const auto has = [&](const json::value& item) {
            return item.is_object() && item.get_object().contains(key);
        };
        const auto unique = [&](const json::array& list) {
            std::vector<std::string> seen;
            for (const auto& item : list) {
                seen.push_back(json::serialize(item.get_object().at(key)));
            }
            std::sort(seen.begin(), seen.end());
            return std::adjacent_find(seen.begin(), seen.end()) == seen.end();
        };
        if (!a.empty() && std::all_of(a.begin(), a.end(), has) && std::all_of(b.begin(), b.end(), has) &&
            unique(a) && unique(b)) {
            return key;
        }
    }
    return {};
}

const json::value* item_with(const json::array& list, const std::string& key, const json::value& value) {
    for (const auto& item : list) {
        if (item.get_object().at(key) == value) {
            return &item;
        }
    }
    return nullptr;
}

class Walk {
public:
    /// `whole`: what is in `live` and not in `wanted` goes as well.
    Walk(std::vector<FieldChange>& out, bool whole) : out_(out), whole_(whole) {}

    void go(const std::string& path, const json::value* live, const json::value* wanted,
            const json::value* previous) {
        if (wanted == nullptr) {
            // Gone from the manifest: it goes where an earlier manifest brought it.
            if (live != nullptr && (whole_ || previous != nullptr)) {
                out_.push_back({path, *live, nullptr});
            }
            return;
        }
        if (live == nullptr) {
            if (!is_nothing(*wanted)) {
                out_.push_back({path, nullptr, *wanted});
            }
            return;
        }
        if (wanted->is_object() && live->is_object()) {
            objects(path, live->get_object(), wanted->get_object(),
                    previous == nullptr ? nullptr : previous->if_object());
        } else if (wanted->is_array() && live->is_array()) {
            lists(path, *live, *wanted, previous);
        } else if (!is_equal(*live, *wanted) && !equal_quantities(path, *live, *wanted) &&
                   !(wanted->is_null() && !whole_)) {
            out_.push_back({path, *live, *wanted});
        }
    }

private:
    static bool is_nothing(const json::value& value) {
        return value.is_null() || (value.is_string() && value.get_string().empty()) ||
               (value.is_object() && value.get_object().empty()) ||
               (value.is_array() && value.get_array().empty());
    }
    static bool equal_quantities(const std::string& path, const json::value& a, const json::value& b) {
        if (!in_quantities(path)) {
            return false;
        }
        const auto x = quantity(a);
        const auto y = quantity(b);
        return x && y && std::fabs(*x - *y) <= 1e-9 * std::max(std::fabs(*x), std::fabs(*y));
    }
    void objects(const std::string& path, const json::object& live, const json::object& wanted,
                 const json::object* previous) {
        std::vector<std::string> keys;
        for (const auto* object : {&wanted, &live}) {
            for (const auto& member : *object) {
                keys.emplace_back(member.key());
            }
        }
        std::sort(keys.begin(), keys.end());
        keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
        for (const auto& key : keys) {
            go(path.empty() ? key : path + "." + key, live.if_contains(key), wanted.if_contains(key),
               previous == nullptr ? nullptr : previous->if_contains(key));
        }
    }
    void lists(const std::string& path, const json::value& live, const json::value& wanted,
               const json::value* previous) {
        const auto& now = live.get_array();
        const auto& then = wanted.get_array();
        const auto key = key_of_items(then, now);
        if (key.empty()) {
            by_place(path, live, wanted, previous);
            return;
        }
        const json::array* old = previous == nullptr ? nullptr : previous->if_array();
        const auto old_key = old == nullptr ? std::string() : key_of_items(*old, {});
        const auto in_old = [&](const json::value& id) {
            return old_key == key ? item_with(*old, key, id) : nullptr;
        };
        for (const auto& item : then) {
            const auto& id = item.get_object().at(key);
            const auto name = id.is_string() ? std::string(id.get_string()) : json::serialize(id);
            go(path + "[" + name + "]", item_with(now, key, id), &item, in_old(id));
        }
        for (const auto& item : now) {
            const auto& id = item.get_object().at(key);
            if (item_with(then, key, id) == nullptr) {
                const auto name = id.is_string() ? std::string(id.get_string()) : json::serialize(id);
                go(path + "[" + name + "]", &item, nullptr, in_old(id));
            }
        }
    }
    void by_place(const std::string& path, const json::value& live, const json::value& wanted,
                  const json::value* previous) {
        const auto& now = live.get_array();
        const auto& then = wanted.get_array();
        const bool objects_inside =
            now.size() == then.size() &&
            std::all_of(then.begin(), then.end(), [](const json::value& item) { return item.is_object(); });
        if (!objects_inside) {
            if (canonical(live) != canonical(wanted)) {
                out_.push_back({path, live, wanted});
            }
            return;
        }
        const json::array* old = previous == nullptr ? nullptr : previous->if_array();
        for (std::size_t i = 0; i < then.size(); ++i) {
            go(path + "[" + std::to_string(i) + "]", &now[i], &then[i],
               old != nullptr && i < old->size() ? &(*old)[i] : nullptr);
        }
    }

    std::vector<FieldChange>& out_;
    bool whole_;
};

/// stringData is an input of Secrets that is never read back.
json::object folded(json::object object) {
    if (text_of(object, "kind") != "Secret" || !object.contains("stringData")) {
        return object;
    }
    json::object data = object_of(object, "data");
    for (const auto& member : object_of(object, "stringData")) {
        const auto text = member.value().is_string() ? std::string(member.value().get_string())
                                                     : json::serialize(member.value());
        data[member.key()] = encode_base64(text);
    }
    object.erase("stringData");
    object["data"] = std::move(data);
    return object;
}

}  // namespace

std::string_view to_string(ObjectAction action) {
    switch (action) {
        case ObjectAction::kNone:
            return "none";
        case ObjectAction::kCreate:
            return "create";
        case ObjectAction::kUpdate:
            return "update";
        case ObjectAction::kDelete:
            return "delete";
    }
    return "none";
}

json::object client_part(json::object object) {
    object.erase("status");
    if (auto* metadata = object.if_contains("metadata"); metadata != nullptr && metadata->is_object()) {
        for (const char* of_server : {"managedFields", "resourceVersion", "generation", "creationTimestamp",
                                      "uid", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"}) {
            metadata->get_object().erase(of_server);
        }
        if (auto* notes = metadata->get_object().if_contains("annotations");
            notes != nullptr && notes->is_object()) {
            notes->get_object().erase("deployment.kubernetes.io/revision");
            notes->get_object().erase("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    return object;
}

ObjectChange three_way(const json::object& wanted, const json::object* previous, const json::object* live) {
    ObjectChange change;
    if (const auto id = id_of(wanted)) {
        change.id = *id;
    }
    if (live == nullptr) {
        change.action = ObjectAction::kCreate;
        change.fields.push_back({"", nullptr, folded(wanted)});
        return change;
    }
    const json::value now(client_part(*live));
    auto then_object = folded(client_part(wanted));
    then_object["apiVersion"] =
        now.get_object().contains("apiVersion") ? now.at("apiVersion") : json::value();
    const json::value then(std::move(then_object));
    const json::value old = previous == nullptr ? json::value() : json::value(folded(client_part(*previous)));
    Walk(change.fields, false).go("", &now, &then, previous == nullptr ? nullptr : &old);
    change.action = change.fields.empty() ? ObjectAction::kNone : ObjectAction::kUpdate;
    return change;
}

ObjectChange compare(const json::object& live, const json::object& predicted) {
    ObjectChange change;
    if (const auto id = id_of(predicted)) {
        change.id = *id;
    }
    const json::value now(client_part(live));
    const json::value then(client_part(predicted));
    Walk(change.fields, true).go("", &now, &then, nullptr);
    change.action = change.fields.empty() ? ObjectAction::kNone : ObjectAction::kUpdate;
    return change;
}

}  // namespace slipway::kubernetes
