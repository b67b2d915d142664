#include "engine/install/overlay.hpp"

#include <algorithm>

#include "engine/install/outputs.hpp"

namespace slipway::lifecycle {
namespace {

void put(SeenState& seen, json::object& root, const std::string& place, const Outputs& outputs) {
    json::object& object = object_at(root, place);
    for (const auto& [name, value] : outputs) {
        boost::system::error_code failed;
        object[name] = json::parse(value.json, failed);
        if (value.sensitive) {
            seen.sensitive.add(place + "." + name);
        }
    }
}

void clear(json::object& root, const std::string& place) {
    object_at(root, place).clear();
}

Result<void> overlay_part(SeenState& seen, const ResolveRequest& request, const std::string& place,
                          const std::string& step) {
    const Payload* output = request.output_of ? request.output_of(StepId{step}) : nullptr;
    if (output == nullptr) {
        return {};
    }
    SLIPWAY_TRY(const json::object saved, parse_object(output->bytes, "the output of step " + step));
    SLIPWAY_TRY(const PartOutputs part, read_part_outputs(saved, "the output of step " + step));
    json::object& root = object_at(seen.document, "nuon");
    json::object& object = object_at(root, place);
    object["populated"] = true;
    object["status"] = "active";
    clear(root, place + ".outputs");
    put(seen, root, place + ".outputs", part.outputs);
    if (place == "sandbox") {
        clear(root, "install.sandbox.outputs");
        put(seen, root, "install.sandbox.outputs", part.outputs);
    }
    for (const auto& [name, outputs] : part.steps) {
        put(seen, root, place + ".outputs.steps." + name, outputs);
    }
    return {};
}

/// Empty for a root as a whole.
std::string_view below_root(std::string_view path) {
    for (const std::string_view root : {"nuon", "slipway"}) {
        if (path == root) {
            return {};
        }
        if (path.starts_with(root) && path[root.size()] == '.') {
            return path.substr(root.size() + 1);
        }
    }
    return path;
}

/// One holds the other; the empty path holds all.
bool overlap(std::string_view a, std::string_view b) {
    const std::string_view outer = a.size() < b.size() ? a : b;
    const std::string_view inner = a.size() < b.size() ? b : a;
    return inner.starts_with(outer) &&
           (outer.empty() || inner.size() == outer.size() || inner[outer.size()] == '.');
}

/// A truth value is no secret that could be looked for.
void add_texts(const json::value& value, std::set<std::string>& values) {
    if (const json::object* object = value.if_object()) {
        for (const auto& member : *object) {
            add_texts(member.value(), values);
        }
    } else if (const json::array* array = value.if_array()) {
        for (const auto& item : *array) {
            add_texts(item, values);
        }
    } else if (const std::string text = plain_text(value); value.is_string() || value.is_number()) {
        values.insert(text);
    }
}

/// Names of members may hold dots themselves, so every way to read the path is taken.
void add_texts_at(const json::object& object, std::string_view path, std::set<std::string>& values) {
    for (const auto& member : object) {
        const std::string_view key(member.key());
        if (path == key) {
            add_texts(member.value(), values);
        } else if (path.starts_with(key) && path[key.size()] == '.' && member.value().is_object()) {
            add_texts_at(member.value().get_object(), path.substr(key.size() + 1), values);
        }
    }
}

}  // namespace

bool SensitivePaths::touches(std::string_view path) const {
    return std::any_of(paths_.begin(), paths_.end(),
                       [&](const auto& sensitive) { return overlap(below_root(path), sensitive); });
}

void SensitivePaths::collect(std::string_view path, const json::object& document,
                             std::set<std::string>& values) const {
    for (const auto& sensitive : paths_) {
        if (!overlap(below_root(path), sensitive)) {
            continue;
        }
        for (const auto& root : document) {
            if (root.value().is_object() && (root.key() == "nuon" || root.key() == "slipway")) {
                add_texts_at(root.value().get_object(), sensitive, values);
            }
        }
    }
}

Result<SeenState> seen_state(const ResolveRequest& request, const json::object& reads) {
    const std::string_view input =
        request.run_input == nullptr ? std::string_view{} : request.run_input->bytes;
    SLIPWAY_TRY(json::object snapshot, parse_object(input, "the run's input"));
    const json::object* state = find_object(snapshot, "state");
    if (state == nullptr) {
        return authoring_error("the run's input holds no 'state'", "start the run with start_request()");
    }
    SeenState seen;
    seen.document = *state;
    if (const json::array* paths = find_array(snapshot, "sensitive")) {
        for (const auto& path : *paths) {
            seen.sensitive.add(plain_text(path));
        }
    }
    if (const json::object* action = find_object(snapshot, "action")) {
        seen.document["action"] = *action;
    }
    if (const std::string step = get_string(reads, "sandbox"); !step.empty()) {
        SLIPWAY_CHECK(overlay_part(seen, request, "sandbox", step));
    }
    if (const json::object* components = find_object(reads, "components")) {
        for (const auto& entry : *components) {
            SLIPWAY_CHECK(overlay_part(seen, request, "components." + std::string(entry.key()),
                                       plain_text(entry.value())));
        }
    }
    if (const json::object* actions = find_object(reads, "actions")) {
        for (const auto& entry : *actions) {
            const json::array* steps = entry.value().if_array();
            for (std::size_t i = 0; steps != nullptr && i < steps->size(); ++i) {
                SLIPWAY_CHECK(overlay_part(seen, request, "actions.workflows." + std::string(entry.key()),
                                           plain_text((*steps)[i])));
            }
        }
    }
    return seen;
}

}  // namespace slipway::lifecycle
