#include "engine/app/template_value.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cmath>

#include "engine/app/spelling.hpp"

namespace slipway::app {

namespace json = boost::json;

const json::value& TemplateValue::get() const {
    static const json::value kNull;
    return data ? *data : kNull;
}

TemplateValue make_value(json::value value) {
    TemplateValue out;
    out.data = std::make_shared<const json::value>(std::move(value));
    return out;
}

TemplateValue part_of(const TemplateValue& whole, const json::value& part) {
    TemplateValue out;
    out.data = std::shared_ptr<const json::value>(whole.data, &part);
    return out;
}

TemplateValue missing_value(std::string why, std::string hint, bool hard) {
    TemplateValue out;
    out.why = std::move(why);
    out.hint = std::move(hint);
    out.hard = hard;
    return out;
}

bool is_true(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return false;
        case json::kind::bool_:
            return value.get_bool();
        case json::kind::int64:
            return value.get_int64() != 0;
        case json::kind::uint64:
            return value.get_uint64() != 0;
        case json::kind::double_:
            return value.get_double() != 0;
        case json::kind::string:
            return !value.get_string().empty();
        case json::kind::array:
            return !value.get_array().empty();
        case json::kind::object:
            return !value.get_object().empty();
    }
    return false;
}

std::vector<std::string> sorted_keys(const json::object& object) {
    std::vector<std::string> keys;
    keys.reserve(object.size());
    for (const auto& member : object) {
        keys.emplace_back(member.key());
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

namespace {

std::string number_text(double value) {
    if (std::isfinite(value) && value == std::floor(value) && std::fabs(value) < 1e15) {
        return std::to_string(static_cast<long long>(value));
    }
    std::array<char, 64> buffer{};
    const auto r = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), r.ptr};
}

void write_json(std::string& out, const json::value& value, int indent, int depth) {
    const auto line = [&](int level) {
        if (indent > 0) {
            out.append("\n").append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(level), ' ');
        }
    };
    if (const auto* array = value.if_array()) {
        out.push_back('[');
        for (std::size_t i = 0; i < array->size(); ++i) {
            if (i > 0) {
                out.push_back(',');
            }
            line(depth + 1);
            write_json(out, (*array)[i], indent, depth + 1);
        }
        if (!array->empty()) {
            line(depth);
        }
        out.push_back(']');
    } else if (const auto* object = value.if_object()) {
        out.push_back('{');
        bool first = true;
        for (const auto& key : sorted_keys(*object)) {
            if (!first) {
                out.push_back(',');
            }
            first = false;
            line(depth + 1);
            out += json::serialize(json::string(key));
            out += indent > 0 ? ": " : ":";
            write_json(out, object->at(key), indent, depth + 1);
        }
        if (!object->empty()) {
            line(depth);
        }
        out.push_back('}');
    } else if (value.is_double()) {
        out += std::isfinite(value.get_double()) ? number_text(value.get_double()) : "null";
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

std::string json_text(const json::value& value, int indent) {
    std::string out;
    write_json(out, value, indent, 0);
    return out;
}

std::string text_of(const TemplateValue& value) {
    return value.null() ? std::string() : printed(value.get());
}

TemplateValue text_value(const std::string& text) {
    return make_value(json::string(text));
}

std::string printed(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "<nil>";
        case json::kind::bool_:
            return value.get_bool() ? "true" : "false";
        case json::kind::int64:
            return std::to_string(value.get_int64());
        case json::kind::uint64:
            return std::to_string(value.get_uint64());
        case json::kind::double_:
            return number_text(value.get_double());
        case json::kind::string:
            return std::string(value.get_string());
        case json::kind::array: {
            std::string out = "[";
            for (const auto& item : value.get_array()) {
                if (out.size() > 1) {
                    out += ' ';
                }
                out += printed(item);
            }
            return out + "]";
        }
        case json::kind::object: {
            std::string out = "map[";
            for (const auto& key : sorted_keys(value.get_object())) {
                if (out.size() > 4) {
                    out += ' ';
                }
                out += key + ":" + printed(value.get_object().at(key));
            }
            return out + "]";
        }
    }
    return {};
}

std::string kind_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "empty";
        case json::kind::bool_:
            return "a bool";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            return "a number";
        case json::kind::string:
            return "a string";
        case json::kind::array:
            return "a list";
        case json::kind::object:
            return "a table";
    }
    return "a value";
}

TemplateValue field_of(const TemplateValue& from, const std::string& name, const std::string& parent,
                       bool hard) {
    if (from.missing()) {
        return from;
    }
    const auto* object = from.get().if_object();
    if (object == nullptr) {
        return missing_value(parent + " is " + kind_name(from.get()) + " and has no '" + name + "'", {},
                             hard);
    }
    if (const auto* found = object->if_contains(name)) {
        return part_of(from, *found);
    }
    const auto names = sorted_keys(*object);
    std::string hint = did_you_mean(name, names);
    if (hint.empty() && !names.empty()) {
        hint = "it has " + list_names(names);
    }
    if (names.empty()) {
        hint = "it is empty so far";
    }
    return missing_value(parent + " has no '" + name + "'", std::move(hint), hard);
}

const TemplateFunction* find_function(std::string_view name) {
    for (const auto table :
         {text_functions(), word_functions(), data_functions(), list_functions(), logic_functions()}) {
        for (const auto& function : table) {
            if (function.name == name) {
                return &function;
            }
        }
    }
    return nullptr;
}

std::vector<std::string> function_names() {
    std::vector<std::string> names;
    for (const auto table :
         {text_functions(), word_functions(), data_functions(), list_functions(), logic_functions()}) {
        for (const auto& function : table) {
            names.emplace_back(function.name);
        }
    }
    return names;
}

std::string unknown_function_hint(const std::string& name) {
    for (const std::string_view impure :
         {"now", "date", "dateInZone", "unixEpoch", "ago", "uuidv4", "randAlpha", "randAlphaNum",
          "randNumeric", "randAscii", "randInt", "randBytes", "genPrivateKey", "genCA", "genSelfSignedCert",
          "env", "expandenv", "getHostByName", "lookup"}) {
        if (impure == name) {
            return "a template gives the same text for the same state; clock, chance and host are out of its "
                   "reach";
        }
    }
    return did_you_mean(name, function_names());
}

}  // namespace slipway::app
