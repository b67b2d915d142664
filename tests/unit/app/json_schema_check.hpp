// Checks JSON against the part of JSON Schema that ours use.
#pragma once

#include <boost/json/value.hpp>
#include <regex>
#include <string>
#include <vector>

namespace test {

class SchemaCheck {
public:
    /// Where `value` disagrees with `schema`: "path: why".
    static std::vector<std::string> run(const boost::json::value& schema, const boost::json::value& value) {
        SchemaCheck check;
        check.visit(schema, value, "$");
        return std::move(check.found_);
    }

private:
    using Value = boost::json::value;

    static bool fits(const Value& schema, const Value& value) { return run(schema, value).empty(); }

    void say(const std::string& path, std::string why) { found_.push_back(path + ": " + std::move(why)); }

    static bool is_type(const Value& value, std::string_view type) {
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && value.is_string()) || (type == "boolean" && value.is_bool()) ||
               (type == "integer" && value.is_int64()) || (type == "number" && value.is_number());
    }

    void visit(const Value& schema, const Value& value, const std::string& path) {
        if (schema.is_bool()) {
            return schema.as_bool() ? void() : say(path, "is not allowed");
        }
        const auto& rules = schema.as_object();
        for (const auto& rule : rules) {
            one(rule.key(), rule.value(), rules, value, path);
        }
    }

    void one(std::string_view rule, const Value& what, const boost::json::object& rules, const Value& value,
             const std::string& path) {
        if (rule == "type") {
            bool good = what.is_string() && is_type(value, what.as_string());
            for (std::size_t i = 0; what.is_array() && i < what.as_array().size(); ++i) {
                good = good || is_type(value, what.as_array()[i].as_string());
            }
            return good ? void() : say(path, "type");
        }
        if (rule == "const" || rule == "enum") {
            bool good = rule == "const" && value == what;
            for (std::size_t i = 0; rule == "enum" && i < what.as_array().size(); ++i) {
                good = good || what.as_array()[i] == value;
            }
            return good ? void() : say(path, "enum");
        }
        if (rule == "not") {
            return fits(what, value) ? say(path, "not") : void();
        }
        if (rule == "if") {
            const auto* next = rules.if_contains(fits(what, value) ? "then" : "else");
            return next != nullptr ? visit(*next, value, path) : void();
        }
        if (rule == "allOf") {
            for (const auto& all : what.as_array()) {
                visit(all, value, path);
            }
            return;
        }
        if (rule == "anyOf" || rule == "oneOf") {
            std::size_t count = 0;
            for (const auto& choice : what.as_array()) {
                count += fits(choice, value) ? 1U : 0U;
            }
            return count == 0 || (rule == "oneOf" && count > 1) ? say(path, std::string(rule)) : void();
        }
        shape(rule, what, rules, value, path);
    }

    void shape(std::string_view rule, const Value& what, const boost::json::object& rules, const Value& value,
               const std::string& path) {
        if (const auto* object = value.if_object()) {
            if (rule == "required") {
                for (const auto& key : what.as_array()) {
                    if (!object->contains(key.as_string())) {
                        say(path, "required " + std::string(key.as_string()));
                    }
                }
            }
            const auto* properties = rules.if_contains("properties");
            for (const auto& member : *object) {
                const std::string below = path + "." + std::string(member.key());
                const auto* known =
                    properties != nullptr ? properties->as_object().if_contains(member.key()) : nullptr;
                if (rule == "properties" && known != nullptr) {
                    visit(*known, member.value(), below);
                }
                if (rule == "additionalProperties" && known == nullptr) {
                    visit(what, member.value(), below);
                }
            }
        }
        if (const auto* list = value.if_array()) {
            for (std::size_t i = 0; rule == "items" && i < list->size(); ++i) {
                visit(what, (*list)[i], path + "[" + std::to_string(i) + "]");
            }
            if (rule == "minItems" && list->size() < static_cast<std::size_t>(what.as_int64())) {
                say(path, "minItems");
            }
        }
        if (const auto* text = value.if_string()) {
            if (rule == "minLength" && text->size() < static_cast<std::size_t>(what.as_int64())) {
                say(path, "minLength");
            }
            if (rule == "maxLength" && text->size() > static_cast<std::size_t>(what.as_int64())) {
                say(path, "maxLength");
            }
            if (rule == "pattern" &&
                !std::regex_search(std::string(*text), std::regex(std::string(what.as_string())))) {
                say(path, "pattern");
            }
        }
        if (rule == "minimum" && value.is_int64() && value.as_int64() < what.as_int64()) {
            say(path, "minimum");
        }
    }

    std::vector<std::string> found_;
};

}  // namespace test
