// JSON Schemas from the key tables.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "engine/app/key_table.hpp"
#include "engine/app/spelling.hpp"
#include "engine/app/table_check.hpp"
#include "slipway/lifecycle/schema.hpp"

namespace slipway::app {

namespace json = boost::json;

namespace {

json::object table_schema(const TableSpec& spec);

json::array names_of(std::string_view choices) {
    json::array out;
    for (const auto& name : split_choices(choices)) {
        out.emplace_back(name);
    }
    return out;
}

json::object scalar_schema() {
    return {{"type", {"string", "number", "boolean"}}};
}

void add_grammar(const KeySpec& key, json::object& out) {
    switch (key.check) {
        case KeyCheck::kNone:
            return;
        case KeyCheck::kName:
            out["pattern"] = "^[a-z0-9_-]+$";
            out["maxLength"] = 128;
            return;
        case KeyCheck::kInterpolatedName:
            out["pattern"] = "^[a-z0-9_{}.]*$";
            return;
        case KeyCheck::kCron:
            out["examples"] = {"*/30 * * * *", "@daily"};
            return;
        case KeyCheck::kDuration:
        case KeyCheck::kHourDuration:
            out["pattern"] = "^([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+$|^0$|^$";
            out["examples"] = {"90s", "5m", "1h"};
            return;
    }
}

json::object string_schema(const KeySpec& key) {
    json::object out{{"type", "string"}};
    if (!key.choices.empty()) {
        json::array all = names_of(key.choices);
        for (const auto& old : split_choices(key.old_choices)) {
            all.emplace_back(old);
        }
        out["enum"] = std::move(all);
    }
    if ((key.flags & kRequired) != 0 && key.choices.empty()) {
        out["minLength"] = 1;
    }
    add_grammar(key, out);
    return out;
}

json::object list_of(json::object items, const KeySpec& key) {
    json::object out{{"type", "array"}, {"items", std::move(items)}};
    if ((key.flags & kRequired) != 0) {
        out["minItems"] = 1;
    }
    return out;
}

json::object map_of(json::object values) {
    return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

json::object either(json::object a, json::object b) {
    return {{"anyOf", json::array{std::move(a), std::move(b)}}};
}

json::object type_schema(const KeySpec& key) {
    switch (key.type) {
        case KeyType::kString:
            return string_schema(key);
        case KeyType::kBool:
            return {{"type", "boolean"}};
        case KeyType::kInteger:
            return {{"type", "integer"}, {"minimum", 0}};
        case KeyType::kScalar:
            return scalar_schema();
        case KeyType::kAny:
            return {};
        case KeyType::kStringList:
            return {{"type", "array"}, {"items", {{"type", "string"}}}};
        case KeyType::kStringMap:
            return map_of(scalar_schema());
        case KeyType::kAnyMap:
            return {{"type", "object"}};
        case KeyType::kTable:
            return table_schema(*key.table);
        case KeyType::kTableList:
            return list_of(table_schema(*key.table), key);
        case KeyType::kTableOrList:
            return either(table_schema(*key.table), list_of(table_schema(*key.table), key));
        case KeyType::kMapTableList:
            return either(map_of(scalar_schema()), list_of({{"type", "object"}}, key));
        case KeyType::kTableMap:
            return map_of(table_schema(*key.table));
    }
    return {};
}

json::object key_schema(const KeySpec& key) {
    if ((key.flags & kDeprecated) != 0) {
        return {{"not", json::object()}, {"deprecated", true}, {"description", key.note}};
    }
    json::object out = type_schema(key);
    std::string text(key.note);
    const auto add = [&](unsigned flag, std::string_view words) {
        if ((key.flags & flag) != 0) {
            text.append(text.empty() ? "" : "; ").append(words);
        }
    };
    add(kGet, "the text itself, or where it is (./file)");
    add(kTemplated, "a template, rendered with the install's state");
    add(kLater, "read and kept, not acted on yet");
    add(kIgnored, "without meaning");
    if (!text.empty()) {
        out["description"] = text;
    }
    return out;
}

json::object needs(const std::vector<std::string>& keys) {
    json::array all;
    for (const auto& key : keys) {
        all.emplace_back(key);
    }
    return {{"required", std::move(all)}};
}

/// Exactly one of the keys, or at most one.
void add_one_of(const OneOf& rule, json::array& all) {
    const auto keys = split_choices(rule.keys);
    if (rule.required) {
        json::array choices;
        for (const auto& key : keys) {
            choices.push_back(needs({key}));
        }
        all.push_back(json::object{{"oneOf", std::move(choices)}});
        return;
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
        for (std::size_t k = i + 1; k < keys.size(); ++k) {
            all.push_back(json::object{{"not", needs({keys[i], keys[k]})}});
        }
    }
}

json::object table_schema(const TableSpec& spec) {
    json::object out{{"type", "object"}};
    if (spec.keys.empty() && spec.base == nullptr) {
        return out;  // takes every key
    }
    json::object properties;
    json::array required;
    json::array rules;
    for (const TableSpec* t = &spec; t != nullptr; t = t->base) {
        for (const auto& key : t->keys) {
            if (properties.contains(key.name)) {
                continue;
            }
            properties[key.name] = key_schema(key);
            if ((key.flags & kRequired) != 0) {
                required.emplace_back(key.name);
            }
        }
        for (const auto& rule : t->one_of) {
            add_one_of(rule, rules);
        }
    }
    out["properties"] = std::move(properties);
    if (!required.empty()) {
        out["required"] = std::move(required);
    }
    out["additionalProperties"] = false;
    if (!rules.empty()) {
        out["allOf"] = std::move(rules);
    }
    return out;
}

json::object type_is(std::string_view type) {
    return {{"properties", {{"type", {{"const", type}}}}}, {"required", {"type"}}};
}

/// The other keys hang on what `type` says.
json::object component_schema() {
    json::array types = names_of(kComponentTypes);
    types.emplace_back("external_image");
    json::array cases;
    for (const auto& type : types) {
        const std::string_view name = type.as_string();
        cases.push_back(json::object{{"if", type_is(name)}, {"then", table_schema(*component_table(name))}});
    }
    return {{"type", "object"},
            {"properties", {{"type", {{"type", "string"}, {"enum", std::move(types)}}}}},
            {"required", {"type", "name"}},
            {"allOf", std::move(cases)}};
}

json::object sandbox_schema() {
    return {{"type", "object"},
            {"if", type_is("pulumi")},
            {"then", table_schema(kPulumiSandboxTable)},
            {"else", table_schema(kSandboxTable)}};
}

struct Kind {
    lifecycle::FileKind public_kind;
    const TableSpec* table = nullptr;
};

/// "branches/x.toml" and "branch.toml" look alike, as do sections with one form only.
std::string folder_kind_name(const SectionSpec& section) {
    static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"inputs", "input"},         {"input_groups", "input_group"},
        {"secrets", "secret"},       {"permissions", "role"},
        {"policies", "policy"},      {"break_glass", "break_glass_role"},
        {"components", "component"}, {"actions", "action"},
        {"installs", "install"},     {"runbooks", "runbook"},
        {"branch", "branch"},        {"kubernetes_contexts", "kubernetes_context"}};
    for (const auto& [name, kind] : kNames) {
        if (name == section.name) {
            return std::string(kind);
        }
    }
    return std::string(section.name);
}

std::vector<Kind> all_kinds() {
    std::vector<Kind> out;
    for (const auto& section : sections()) {
        const std::string name(section.name);
        const std::string files = std::string(section.folder) + "/**/*.toml";
        if (section.file_table != nullptr) {
            std::string where(section.file);
            if (section.file_table == section.folder_table) {
                where += ", " + files;
            }
            out.push_back({{name, name, std::move(where)}, section.file_table});
        }
        if (section.folder_table != nullptr && section.folder_table != section.file_table) {
            out.push_back({{folder_kind_name(section), name, files}, section.folder_table});
        }
    }
    return out;
}

json::object schema_of(const Kind& kind) {
    if (kind.table == &kComponentCommonTable) {
        return component_schema();
    }
    return kind.table == &kSandboxTable ? sandbox_schema() : table_schema(*kind.table);
}

}  // namespace

}  // namespace slipway::app

namespace slipway::lifecycle {

std::vector<FileKind> file_kinds() {
    std::vector<FileKind> out;
    for (auto& kind : app::all_kinds()) {
        out.push_back(std::move(kind.public_kind));
    }
    return out;
}

Result<std::string> json_schema(std::string_view name) {
    std::vector<std::string> known;
    for (const auto& kind : app::all_kinds()) {
        if (kind.public_kind.name != name) {
            known.push_back(kind.public_kind.name);
            continue;
        }
        boost::json::object out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                                {"title", kind.public_kind.where}};
        for (auto& member : app::schema_of(kind)) {
            out[member.key()] = std::move(member.value());
        }
        return boost::json::serialize(out);
    }
    return usage_error(ErrorCode::kNotFound, "there is no kind of file '" + std::string(name) + "'",
                       app::known_names_hint(name, "kind", known));
}

}  // namespace slipway::lifecycle
