#include "tests/support/api_server/patch.hpp"

#include <algorithm>

namespace slipway::test {
namespace {

/// By which member items of this list are told apart; empty: the list is one value.
std::string merge_key(const std::string& list_name, const json::array& list) {
    static const std::map<std::string, std::string> kKeys = {
        {"containers", "name"}, {"initContainers", "name"},    {"env", "name"},
        {"volumes", "name"},    {"volumeMounts", "mountPath"}, {"imagePullSecrets", "name"},
        {"ports", ""},          {"ownerReferences", "uid"},    {"hostAliases", "ip"}};
    const auto found = kKeys.find(list_name);
    if (found == kKeys.end() || list.empty()) {
        return {};
    }
    std::string key = found->second;
    if (list_name == "ports" && list[0].is_object()) {
        key = list[0].as_object().contains("containerPort") ? "containerPort" : "port";
    }
    const bool all = std::all_of(list.begin(), list.end(), [&](const json::value& item) {
        return item.is_object() && item.get_object().contains(key);
    });
    return all ? key : std::string();
}

json::value* item_with(json::array& list, const std::string& key, const json::value& value) {
    for (auto& item : list) {
        if (item.is_object() && item.get_object().contains(key) && item.get_object().at(key) == value) {
            return &item;
        }
    }
    return nullptr;
}

void patch_list(const std::string& name, json::array& target, const json::array& patch) {
    auto key = merge_key(name, patch);
    if (key.empty()) {
        target = patch;
        return;
    }
    for (const auto& item : patch) {
        const auto& object = item.get_object();
        const auto* order = object.if_contains("$patch");
        auto* found = item_with(target, key, object.at(key));
        if (order != nullptr && *order == "delete") {
            if (found != nullptr) {
                target.erase(target.begin() + (found - target.data()));
            }
        } else if (found != nullptr) {
            strategic_patch(*found, item);
        } else {
            target.push_back(item);
        }
    }
}

void collect(const std::string& path, const std::string& name, const json::value& value,
             std::map<std::string, json::value>& out) {
    if (value.is_object() && !value.get_object().empty()) {
        for (const auto& member : value.get_object()) {
            const auto key = std::string(member.key());
            collect(path.empty() ? key : path + "." + key, key, member.value(), out);
        }
        return;
    }
    if (value.is_array()) {
        const auto& list = value.get_array();
        const auto key = merge_key(name, list);
        if (!key.empty()) {
            for (const auto& item : list) {
                const auto id = json::serialize(item.get_object().at(key));
                collect(path + "[" + key + "=" + id + "]", "", item, out);
            }
            return;
        }
    }
    out[path] = value;
}

bool decided_by_clients(const std::string& path) {
    for (const char* of_server : {"status", "metadata.uid", "metadata.resourceVersion", "metadata.generation",
                                  "metadata.name", "metadata.creationTimestamp", "metadata.managedFields",
                                  "metadata.namespace", "apiVersion", "kind", "metadata.deletionTimestamp"}) {
        const std::string prefix(of_server);
        if (path == prefix || path.starts_with(prefix + ".")) {
            return false;
        }
    }
    return true;
}

/// Takes the leaf at `path` (as collect() names it) out of `value`. True when nothing is left of `value`.
bool remove_leaf(const std::string& path, const std::string& at, const std::string& name,
                 json::value& value) {
    if (path == at) {
        return true;
    }
    if (value.is_object()) {
        auto& object = value.get_object();
        for (auto& member : object) {
            const auto key = std::string(member.key());
            const auto below = at.empty() ? key : at + "." + key;
            if (path == below || path.starts_with(below + ".") || path.starts_with(below + "[")) {
                if (remove_leaf(path, below, key, member.value())) {
                    object.erase(member.key());
                }
                return object.empty();
            }
        }
    } else if (value.is_array()) {
        auto& list = value.get_array();
        const auto key = merge_key(name, list);
        for (std::size_t i = 0; !key.empty() && i < list.size(); ++i) {
            const auto below = at + "[" + key + "=" + json::serialize(list[i].get_object().at(key)) + "]";
            if (path.starts_with(below)) {
                // Without its key an item cannot be told apart any more: it goes whole.
                if (path == below + "." + key || remove_leaf(path, below, "", list[i])) {
                    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
                }
                return list.empty();
            }
        }
    }
    return false;
}

void lay_over(const std::string& name, json::value& target, const json::value& wanted) {
    if (wanted.is_object() && target.is_object()) {
        for (const auto& member : wanted.get_object()) {
            lay_over(std::string(member.key()), target.get_object()[member.key()], member.value());
        }
        return;
    }
    if (wanted.is_array() && target.is_array()) {
        const auto key = merge_key(name, wanted.get_array());
        if (!key.empty()) {
            for (const auto& item : wanted.get_array()) {
                auto* found = item_with(target.get_array(), key, item.get_object().at(key));
                if (found == nullptr) {
                    target.get_array().push_back(item);
                } else {
                    lay_over("", *found, item);
                }
            }
            return;
        }
    }
    target = wanted;
}

}  // namespace

void merge_patch(json::value& target, const json::value& patch) {
    if (!patch.is_object()) {
        target = patch;
        return;
    }
    if (!target.is_object()) {
        target = json::object();
    }
    for (const auto& member : patch.get_object()) {
        if (member.value().is_null()) {
            target.get_object().erase(member.key());
        } else {
            merge_patch(target.get_object()[member.key()], member.value());
        }
    }
}

void strategic_patch(json::value& target, const json::value& patch) {
    if (!patch.is_object() || !target.is_object()) {
        target = patch;
        return;
    }
    auto& object = target.get_object();
    for (const auto& member : patch.get_object()) {
        const auto key = std::string(member.key());
        if (key.starts_with("$")) {
            continue;  // order and retained keys: nothing here depends on them
        }
        auto* there = object.if_contains(key);
        if (member.value().is_null()) {
            object.erase(key);
        } else if (there == nullptr) {
            object[key] = member.value();
        } else if (member.value().is_array() && there->is_array()) {
            patch_list(key, there->get_array(), member.value().get_array());
        } else {
            strategic_patch(*there, member.value());
        }
    }
}

std::map<std::string, json::value> leaves(const json::value& object) {
    std::map<std::string, json::value> all;
    collect("", "", object, all);
    std::map<std::string, json::value> out;
    for (auto& [path, value] : all) {
        if (decided_by_clients(path)) {
            out.emplace(path, std::move(value));
        }
    }
    return out;
}

void own_changes(Owners& owners, const json::value& before, const json::value& after,
                 const std::string& manager) {
    const auto old_leaves = leaves(before);
    const auto new_leaves = leaves(after);
    for (const auto& [path, value] : new_leaves) {
        const auto old = old_leaves.find(path);
        if (old == old_leaves.end() || old->second != value) {
            owners[path] = {manager};
        }
    }
    std::erase_if(owners, [&](const auto& entry) { return !new_leaves.contains(entry.first); });
}

std::vector<FieldConflict> apply_fields(json::value& live, Owners& owners, const json::value& wanted,
                                        const std::string& manager, bool force) {
    const auto there = leaves(live);
    const auto fields = leaves(wanted);
    std::vector<FieldConflict> conflicts;
    for (const auto& [path, value] : fields) {
        const auto old = there.find(path);
        if (old == there.end() || old->second == value) {
            continue;
        }
        for (const auto& owner : owners[path]) {
            if (owner != manager) {
                conflicts.push_back({path, owner});
            }
        }
    }
    if (!conflicts.empty() && !force) {
        return conflicts;
    }
    for (auto& [path, who] : owners) {
        if (who.contains(manager) && !fields.contains(path)) {
            who.erase(manager);
            if (who.empty()) {
                remove_leaf(path, "", "", live);
            }
        }
    }
    lay_over("", live, wanted);
    for (const auto& [path, value] : fields) {
        const auto old = there.find(path);
        if (old != there.end() && old->second == value) {
            owners[path].insert(manager);
        } else {
            owners[path] = {manager};
        }
    }
    const auto now = leaves(live);
    std::erase_if(owners, [&](const auto& entry) { return !now.contains(entry.first); });
    return {};
}

}  // namespace slipway::test
