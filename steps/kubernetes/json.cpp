#include "steps/kubernetes/json.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace slipway::kubernetes {

Result<json::object> parse_object(std::string_view text, std::string_view what) {
    json::parse_options options;
    options.max_depth = 200;
    json::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error || !value.is_object()) {
        return environment_error(ErrorCode::kCorrupt,
                                 std::string(what) + (error ? " is not JSON" : " is not a JSON object"));
    }
    return std::move(value.as_object());
}

std::string text_of(const json::object& object, std::string_view key, std::string_view fallback) {
    const auto* found = object.if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string(fallback);
}

bool flag_of(const json::object& object, std::string_view key, bool fallback) {
    const auto* found = object.if_contains(key);
    return found != nullptr && found->is_bool() ? found->get_bool() : fallback;
}

std::int64_t number_of(const json::object& object, std::string_view key, std::int64_t fallback) {
    const auto* found = object.if_contains(key);
    if (found == nullptr) {
        return fallback;
    }
    if (found->is_int64()) {
        return found->get_int64();
    }
    constexpr std::uint64_t kMax = INT64_MAX;
    return found->is_uint64() && found->get_uint64() <= kMax ? static_cast<std::int64_t>(found->get_uint64())
                                                             : fallback;
}

const json::object& object_of(const json::object& object, std::string_view key) {
    static const json::object kEmpty;
    const auto* found = object.if_contains(key);
    return found != nullptr && found->is_object() ? found->get_object() : kEmpty;
}

const json::array& array_of(const json::object& object, std::string_view key) {
    static const json::array kEmpty;
    const auto* found = object.if_contains(key);
    return found != nullptr && found->is_array() ? found->get_array() : kEmpty;
}

const json::value& value_at(const json::object& object, std::initializer_list<std::string_view> path) {
    static const json::value kNull;
    const json::object* at = &object;
    const json::value* found = nullptr;
    for (const auto key : path) {
        found = at == nullptr ? nullptr : at->if_contains(key);
        at = found == nullptr ? nullptr : found->if_object();
        if (found == nullptr) {
            return kNull;
        }
    }
    return found == nullptr ? kNull : *found;
}

std::string text_at(const json::object& object, std::initializer_list<std::string_view> path) {
    const auto& found = value_at(object, path);
    return found.is_string() ? std::string(found.get_string()) : std::string();
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
            out.emplace_back(item.get_string());
        }
    }
    return out;
}

namespace {

void write(const json::value& value, std::string& out) {
    if (value.is_object()) {
        std::vector<const json::key_value_pair*> members;
        for (const auto& member : value.get_object()) {
            members.push_back(&member);
        }
        std::sort(members.begin(), members.end(),
                  [](const auto* a, const auto* b) { return a->key() < b->key(); });
        out += '{';
        for (const auto* member : members) {
            out += out.back() == '{' ? "" : ",";
            out += json::serialize(member->key()) + ":";
            write(member->value(), out);
        }
        out += '}';
    } else if (value.is_array()) {
        out += '[';
        bool first = true;
        for (const auto& item : value.get_array()) {
            out += first ? "" : ",";
            first = false;
            write(item, out);
        }
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

std::string canonical(const json::value& value) {
    std::string out;
    write(value, out);
    return out;
}

}  // namespace slipway::kubernetes
