#include "steps/terraform/json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

namespace slipway::terraform {

Result<json::value> parse_json(std::string_view text, std::string_view what) {
    json::parse_options options;
    options.max_depth = 200;
    json::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error) {
        return environment_error(ErrorCode::kCorrupt, std::string(what) + " is not JSON: " + error.message());
    }
    return value;
}

Result<json::object> parse_object(std::string_view text, std::string_view what) {
    SLIPWAY_TRY(auto value, parse_json(text, what));
    if (!value.is_object()) {
        return environment_error(ErrorCode::kCorrupt, std::string(what) + " is not a JSON object");
    }
    return std::move(value.as_object());
}

std::string text_of(const json::object& object, std::string_view key, std::string_view fallback) {
    const auto* v = object.if_contains(key);
    if (v == nullptr || !v->is_string()) {
        return std::string(fallback);
    }
    return {v->get_string().data(), v->get_string().size()};
}

bool flag_of(const json::object& object, std::string_view key, bool fallback) {
    const auto* v = object.if_contains(key);
    return v != nullptr && v->is_bool() ? v->get_bool() : fallback;
}

std::uint64_t number_of(const json::object& object, std::string_view key, std::uint64_t fallback) {
    const auto* v = object.if_contains(key);
    if (v == nullptr) {
        return fallback;
    }
    if (v->is_uint64()) {
        return v->get_uint64();
    }
    return v->is_int64() && v->get_int64() >= 0 ? static_cast<std::uint64_t>(v->get_int64()) : fallback;
}

const json::value& member_of(const json::object& object, std::string_view key) {
    static const json::value kNull;
    const auto* found = object.if_contains(key);
    return found == nullptr ? kNull : *found;
}

const json::object& object_of(const json::object& object, std::string_view key) {
    static const json::object kEmpty;
    const auto* v = object.if_contains(key);
    return v != nullptr && v->is_object() ? v->get_object() : kEmpty;
}

const json::array& array_of(const json::object& object, std::string_view key) {
    static const json::array kEmpty;
    const auto* v = object.if_contains(key);
    return v != nullptr && v->is_array() ? v->get_array() : kEmpty;
}

json::array texts(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& item : list) {
        out.emplace_back(item);
    }
    return out;
}

std::vector<std::string> strings_of(const json::object& object, std::string_view key) {
    std::vector<std::string> out;
    for (const auto& item : array_of(object, key)) {
        if (item.is_string()) {
            out.emplace_back(item.get_string().data(), item.get_string().size());
        }
    }
    return out;
}

namespace {

void write_canonical(const json::value& value, std::string& out);

void write_object(const json::object& object, std::string& out) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : object) {
        members.push_back(&member);
    }
    std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->key() < b->key(); });
    out += '{';
    for (const auto* member : members) {
        if (out.back() != '{') {
            out += ',';
        }
        out += json::serialize(json::value(member->key()));
        out += ':';
        write_canonical(member->value(), out);
    }
    out += '}';
}

void write_canonical(const json::value& value, std::string& out) {
    if (value.is_object()) {
        return write_object(value.get_object(), out);
    }
    if (!value.is_array()) {
        out += json::serialize(value);
        return;
    }
    out += '[';
    bool first = true;
    for (const auto& item : value.get_array()) {
        if (!first) {
            out += ',';
        }
        first = false;
        write_canonical(item, out);
    }
    out += ']';
}

}  // namespace

std::string canonical(const json::value& value) {
    std::string out;
    write_canonical(value, out);
    return out;
}

}  // namespace slipway::terraform
