#include "tests/support/api_server/objects.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace slipway::test {
namespace {

std::string text_at(const json::value& object, const char* a, const char* b) {
    boost::system::error_code code;
    const auto* found = object.find_pointer(std::string("/") + a + "/" + b, code);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string now_text() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

json::object& metadata_of(json::object& object) {
    auto& metadata = object["metadata"];
    if (!metadata.is_object()) {
        metadata = json::object();
    }
    return metadata.get_object();
}

Answer not_found(const Place& place) {
    const json::object details{
        {"name", place.name}, {"group", place.type.group}, {"kind", place.type.plural}};
    const auto whole =
        place.type.group.empty() ? place.type.plural : place.type.plural + "." + place.type.group;
    return failure(404, "NotFound", whole + " \"" + place.name + "\" not found", details);
}

Answer conflict_with(const Place& place, const std::string& why) {
    return failure(
        409, "Conflict",
        "Operation cannot be fulfilled on " + place.type.plural + " \"" + place.name + "\": " + why);
}

/// "a=b,c!=d,e": all must hold.
bool selected(const json::object& object, const std::string& selector) {
    boost::system::error_code code;
    const json::value whole(object);
    const auto* labels = whole.find_pointer("/metadata/labels", code);
    std::size_t from = 0;
    while (from < selector.size()) {
        const auto end = std::min(selector.find(',', from), selector.size());
        auto term = selector.substr(from, end - from);
        from = end + 1;
        const bool negated = term.find("!=") != std::string::npos;
        const auto at = term.find('=');
        const auto name = term.substr(0, negated ? at - 1 : at);
        auto wanted = at == std::string::npos ? std::string() : term.substr(term.find_last_of('=') + 1);
        const auto* value = labels == nullptr ? nullptr : labels->as_object().if_contains(name);
        const bool there = value != nullptr && (at == std::string::npos || *value == json::value(wanted));
        if (there == negated) {
            return false;
        }
    }
    return true;
}

bool selected_by_field(const json::object& object, const std::string& selector) {
    const std::string prefix = "metadata.name=";
    return !selector.starts_with(prefix) ||
           text_at(json::value(object), "metadata", "name") == selector.substr(prefix.size());
}

/// Whether what clients decide about differs apart from metadata.
bool spec_differs(const json::object& a, const json::object& b) {
    const auto rest = [](json::object object) {
        object.erase("metadata");
        object.erase("status");
        return json::value(std::move(object));
    };
    return rest(a) != rest(b);
}

json::value dry_leaf(const json::object& object, const char* pointer) {
    boost::system::error_code code;
    const json::value whole(object);
    const auto* found = whole.find_pointer(pointer, code);
    return found == nullptr ? json::value() : *found;
}

}  // namespace

Answer failure(int code, const std::string& reason, const std::string& message, json::object details) {
    return {code, json::object{{"kind", "Status"},
                               {"apiVersion", "v1"},
                               {"metadata", json::object()},
                               {"status", "Failure"},
                               {"message", message},
                               {"reason", reason},
                               {"details", std::move(details)},
                               {"code", code}}};
}

Objects::Objects() {
    seed("default");
    seed("kube-system");
}

void Objects::seed(const std::string& name) {
    const auto type = *find_type("/api/v1", "namespaces");
    (void)create(
        {type, "", name}, {"POST", "", "seed"},
        json::object{
            {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", json::object{{"name", name}}}});
}

ResourceTypes Objects::types() const {
    const std::lock_guard lock(mutex_);
    return types_;
}

std::optional<ResourceType> Objects::find_type(const std::string& root, const std::string& plural) const {
    for (const auto& type : types_) {
        if (type.root() == root && type.plural == plural) {
            return type;
        }
    }
    return std::nullopt;
}

Objects::Key Objects::key_of(const Place& place) {
    return place.type.group + "|" + place.type.plural + "|" + place.space + "|" + place.name;
}

Answer Objects::get(const Place& place) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key_of(place));
    return found == entries_.end() ? not_found(place) : Answer{200, found->second.object};
}

Answer Objects::list(const Place& place, const std::string& label_selector,
                     const std::string& field_selector) const {
    const std::lock_guard lock(mutex_);
    json::array items;
    for (const auto& [key, entry] : entries_) {
        const bool here = entry.type.group == place.type.group && entry.type.plural == place.type.plural &&
                          (place.space.empty() || key.starts_with(place.type.group + "|" + place.type.plural +
                                                                  "|" + place.space + "|"));
        if (here && selected(entry.object, label_selector) &&
            selected_by_field(entry.object, field_selector)) {
            items.push_back(entry.object);
        }
    }
    return {200, json::object{{"kind", place.type.kind + "List"},
                              {"apiVersion", place.type.group_version()},
                              {"metadata", json::object{{"resourceVersion", std::to_string(version_)}}},
                              {"items", std::move(items)}}};
}

void Objects::store(const Key& key, Entry entry, const char* event) {
    ++version_;
    metadata_of(entry.object)["resourceVersion"] = std::to_string(version_);
    events_.push_back({version_, event, entry.type, entry.object});
    entries_[key] = std::move(entry);
    changed_.notify_all();
}

Answer Objects::create(const Place& place, const Write& how, json::object object) {
    auto at = place;
    auto& metadata = metadata_of(object);
    if (at.name.empty()) {
        at.name = text_at(json::value(object), "metadata", "name");
    }
    const auto prefix = text_at(json::value(object), "metadata", "generateName");
    if (at.name.empty() && !prefix.empty()) {
        at.name = prefix + std::to_string(10000 + uid_);
    }
    if (at.type.namespaced && !entries_.contains("|namespaces||" + at.space)) {
        return failure(404, "NotFound", "namespaces \"" + at.space + "\" not found");
    }
    if (entries_.contains(key_of(at))) {
        return failure(409, "AlreadyExists", at.type.plural + " \"" + at.name + "\" already exists",
                       json::object{{"name", at.name}, {"kind", at.type.plural}});
    }
    metadata["name"] = at.name;
    if (at.type.namespaced) {
        metadata["namespace"] = at.space;
    }
    char uid[40];
    std::snprintf(uid, sizeof uid, "00000000-0000-4000-8000-%012llu",
                  static_cast<unsigned long long>(++uid_));
    metadata["uid"] = uid;
    metadata["creationTimestamp"] = now_text();
    metadata["generation"] = 1;
    Entry entry{std::move(object), {}, at.type};
    own_changes(entry.owners, json::object(), entry.object, how.manager);
    settle(entry);
    if (how.dry_run) {
        return {201, entry.object};
    }
    if (at.type.kind == "CustomResourceDefinition") {
        types_.push_back(type_of_crd(entry.object));
    }
    store(key_of(at), std::move(entry), "ADDED");
    const auto created = entries_.at(key_of(at)).object;
    if (at.type.kind == "Deployment") {
        make_replica_set(created);
    }
    return {201, created};
}

Answer Objects::replace(Entry& entry, const Write& how, json::value next) {
    auto& object = next.as_object();
    auto& metadata = metadata_of(object);
    const auto& old = entry.object.at("metadata").as_object();
    for (const char* kept : {"uid", "creationTimestamp", "generation", "name", "namespace"}) {
        if (const auto* value = old.if_contains(kept)) {
            metadata[kept] = *value;
        }
    }
    if (entry.type.kind == "Job" &&
        dry_leaf(entry.object, "/spec/template") != dry_leaf(object, "/spec/template")) {
        return failure(422, "Invalid", "Job.batch is invalid: spec.template: field is immutable");
    }
    if (how.content_type != "apply") {
        own_changes(entry.owners, entry.object, next, how.manager);
    }
    if (spec_differs(entry.object, object)) {
        metadata["generation"] = metadata.at("generation").to_number<std::int64_t>() + 1;
    }
    metadata.erase("resourceVersion");
    auto before = entry.object;
    metadata_of(before).erase("resourceVersion");
    const auto type = entry.type;
    Entry changed{object, entry.owners, type};
    settle(changed);
    if (how.dry_run) {
        return {200, changed.object};
    }
    const Place place{type, text_at(next, "metadata", "namespace"), text_at(next, "metadata", "name")};
    if (changed.object == before) {  // nothing new: no new version either
        entries_.at(key_of(place)).owners = changed.owners;
        return {200, entries_.at(key_of(place)).object};
    }
    store(key_of(place), std::move(changed), "MODIFIED");
    const auto stored = entries_.at(key_of(place)).object;
    if (type.kind == "Deployment") {
        make_replica_set(stored);
    }
    return {200, stored};
}

Answer Objects::patch(const Place& place, const Write& how, const json::value& body) {
    const auto found = entries_.find(key_of(place));
    if (found == entries_.end()) {
        return not_found(place);
    }
    Entry entry = found->second;
    json::value next = entry.object;
    if (how.content_type.find("strategic") != std::string::npos) {
        strategic_patch(next, body);
    } else if (how.content_type.find("merge-patch") != std::string::npos) {
        merge_patch(next, body);
    } else {
        return failure(415, "UnsupportedMediaType", "no such kind of patch here: " + how.content_type);
    }
    return replace(entry, how, std::move(next));
}

Answer Objects::apply(const Place& place, const Write& how, const json::value& body) {
    const auto found = entries_.find(key_of(place));
    if (found == entries_.end()) {
        return create(place, how, body.as_object());
    }
    Entry entry = found->second;
    json::value next = entry.object;
    const auto conflicts = apply_fields(next, entry.owners, body, how.manager, how.force);
    if (!conflicts.empty()) {
        json::array causes;
        std::string text;
        for (const auto& conflict : conflicts) {
            causes.push_back(json::object{{"reason", "FieldManagerConflict"},
                                          {"message", "conflict with \"" + conflict.owner + "\""},
                                          {"field", "." + conflict.path}});
            text += (text.empty() ? "" : "\n") + std::string("conflict with \"") + conflict.owner + "\": ." +
                    conflict.path;
        }
        return failure(409, "Conflict",
                       "Apply failed with " + std::to_string(conflicts.size()) +
                           (conflicts.size() == 1 ? " conflict: " : " conflicts: ") + text,
                       json::object{{"name", place.name}, {"causes", std::move(causes)}});
    }
    auto as_apply = how;
    as_apply.content_type = "apply";
    return replace(entry, as_apply, std::move(next));
}

Answer Objects::remove(const Place& place, const Write& how, const json::value& options) {
    const auto found = entries_.find(key_of(place));
    if (found == entries_.end()) {
        return not_found(place);
    }
    auto& entry = found->second;
    const auto wanted = text_at(options, "preconditions", "uid");
    const auto uid = text_at(json::value(entry.object), "metadata", "uid");
    if (!wanted.empty() && wanted != uid) {
        return conflict_with(place, "the UID in the precondition (" + wanted +
                                        ") does not match the UID in record (" + uid + ")");
    }
    if (how.dry_run) {
        return {200, entry.object};
    }
    const auto finalizers = dry_leaf(entry.object, "/metadata/finalizers");
    if (finalizers.is_array() && !finalizers.get_array().empty()) {
        auto waiting = entry;
        metadata_of(waiting.object)["deletionTimestamp"] = now_text();
        const auto object = waiting.object;
        store(key_of(place), std::move(waiting), "MODIFIED");
        return {200, object};
    }
    drop(key_of(place));
    return {200, json::object{{"kind", "Status"},
                              {"apiVersion", "v1"},
                              {"metadata", json::object()},
                              {"status", "Success"},
                              {"details", json::object{{"name", place.name}, {"uid", uid}}}}};
}

void Objects::drop(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return;
    }
    const auto gone = std::move(found->second);
    entries_.erase(found);
    events_.push_back({++version_, "DELETED", gone.type, gone.object});
    const auto uid = text_at(json::value(gone.object), "metadata", "uid");
    const auto name = text_at(json::value(gone.object), "metadata", "name");
    std::vector<Key> with_it;
    for (const auto& [other, entry] : entries_) {
        const auto owners = dry_leaf(entry.object, "/metadata/ownerReferences");
        const bool owned = owners.is_array() && !owners.get_array().empty() &&
                           owners.get_array()[0].as_object().at("uid") == json::value(uid);
        const bool inside = gone.type.kind == "Namespace" &&
                            text_at(json::value(entry.object), "metadata", "namespace") == name;
        if (owned || inside) {
            with_it.push_back(other);
        }
    }
    for (const auto& other : with_it) {
        drop(other);
    }
    changed_.notify_all();
}

Answer Objects::write(const Place& place, const Write& how, const json::value& body) {
    const std::lock_guard lock(mutex_);
    if (how.method == "POST") {
        return create(place, how, body.as_object());
    }
    if (how.method == "DELETE") {
        return remove(place, how, body);
    }
    if (how.method == "PATCH" && how.content_type.find("apply") != std::string::npos) {
        return apply(place, how, body);
    }
    const auto found = entries_.find(key_of(place));
    if (found == entries_.end()) {
        return not_found(place);
    }
    const auto wanted = text_at(body, "metadata", "resourceVersion");
    if (!wanted.empty() &&
        wanted != text_at(json::value(found->second.object), "metadata", "resourceVersion")) {
        return conflict_with(place, "the object has been modified");
    }
    if (how.method == "PATCH") {
        return patch(place, how, body);
    }
    Entry entry = found->second;
    return replace(entry, how, body);
}

}  // namespace slipway::test
