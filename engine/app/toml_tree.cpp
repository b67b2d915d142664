#include "engine/app/toml_tree.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdio>

namespace slipway::app {

namespace json = boost::json;

std::string_view describe(TomlKind kind) {
    switch (kind) {
        case TomlKind::kString:
            return "a string";
        case TomlKind::kInteger:
            return "a whole number";
        case TomlKind::kFloat:
            return "a number";
        case TomlKind::kBool:
            return "true or false";
        case TomlKind::kDate:
            return "a date";
        case TomlKind::kArray:
            return "a list";
        case TomlKind::kTable:
            return "a table";
    }
    return "a value";
}

const TomlValue* TomlValue::find(std::string_view key) const {
    for (const auto& member : members) {
        if (member.key == key) {
            return &member.value;
        }
    }
    return nullptr;
}

TomlValue* TomlValue::find(std::string_view key) {
    return const_cast<TomlValue*>(
        static_cast<const TomlValue*>(this)->find(key));  // NOLINT: the constant twin
}

std::string TomlValue::string_at(std::string_view key) const {
    const TomlValue* value = find(key);
    return value != nullptr && value->kind == TomlKind::kString ? value->text : std::string();
}

bool TomlValue::bool_at(std::string_view key, bool fallback) const {
    const TomlValue* value = find(key);
    return value != nullptr && value->kind == TomlKind::kBool ? value->boolean : fallback;
}

std::int64_t TomlValue::integer_at(std::string_view key) const {
    const TomlValue* value = find(key);
    return value != nullptr && value->kind == TomlKind::kInteger ? value->integer : 0;
}

std::size_t byte_order_mark(std::string_view text) {
    return text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

std::uint32_t Sources::add(std::string name, std::string text) {
    files_.push_back({std::move(name), std::move(text)});
    return static_cast<std::uint32_t>(files_.size() - 1);
}

std::string_view Sources::line(const Spot& spot) const {
    if (spot.line == 0 || spot.file >= files_.size()) {
        return {};
    }
    const std::string_view text = files_[spot.file].text;
    std::size_t begin = byte_order_mark(text);
    for (std::uint32_t line = 1; line < spot.line; ++line) {
        begin = text.find('\n', begin);
        if (begin == std::string_view::npos) {
            return {};
        }
        ++begin;
    }
    std::string_view found = text.substr(begin, text.find('\n', begin) - begin);
    if (found.ends_with('\r')) {
        found.remove_suffix(1);
    }
    return found;
}

std::size_t Sources::before(const Spot& spot) const {
    const std::size_t left_out =
        spot.line == 1 && spot.file < files_.size() ? byte_order_mark(files_[spot.file].text) : 0;
    return spot.column > left_out ? spot.column - 1 - left_out : 0;
}

namespace {

json::value json_of(const TomlValue& value) {
    switch (value.kind) {
        case TomlKind::kString:
        case TomlKind::kDate:
            return json::value(json::string(value.text));
        case TomlKind::kInteger:
            return json::value(value.integer);
        case TomlKind::kFloat:
            if (!std::isfinite(value.real)) {
                return json::value(json::string(scalar_text(value)));
            }
            return json::value(value.real);
        case TomlKind::kBool:
            return json::value(value.boolean);
        case TomlKind::kArray: {
            json::array items;
            items.reserve(value.items.size());
            for (const auto& item : value.items) {
                items.push_back(json_of(item));
            }
            return items;
        }
        case TomlKind::kTable: {
            json::object members;
            for (const auto& member : value.members) {
                members[member.key] = json_of(member.value);
            }
            return members;
        }
    }
    return nullptr;
}

}  // namespace

std::string scalar_text(const TomlValue& value) {
    switch (value.kind) {
        case TomlKind::kString:
        case TomlKind::kDate:
            return value.text;
        case TomlKind::kInteger:
            return std::to_string(value.integer);
        case TomlKind::kBool:
            return value.boolean ? "true" : "false";
        case TomlKind::kFloat: {
            if (std::isnan(value.real)) {
                return "nan";
            }
            if (std::isinf(value.real)) {
                return value.real < 0 ? "-inf" : "inf";
            }
            char buffer[32];
            std::snprintf(buffer, sizeof buffer, "%.15g", value.real);
            return buffer;
        }
        case TomlKind::kArray:
        case TomlKind::kTable:
            return to_json(value);
    }
    return {};
}

std::string to_json(const TomlValue& value) {
    return json::serialize(json_of(value));
}

}  // namespace slipway::app
