#include "steps/terraform/plan_mask.hpp"

#include <boost/json.hpp>

namespace slipway::terraform {
namespace {

namespace json = boost::json;

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

const json::value* inside(const json::value& marks, json::string_view key) {
    return marks.is_object() ? marks.get_object().if_contains(key) : nullptr;
}
const json::value* inside(const json::value& marks, std::size_t index) {
    return marks.is_array() && index < marks.get_array().size() ? &marks.get_array()[index] : nullptr;
}
bool is_marked(const json::value& marks) {
    return marks.is_bool() && marks.get_bool();
}
const json::value& or_null(const json::value* value) {
    static const json::value kNull;
    return value == nullptr ? kNull : *value;
}

}  // namespace

void PlanMask::add_text(std::string_view text) {
    if (!text.empty() && whole_.insert(std::string(text)).second) {
        redactor_.add(text);
    }
}

void PlanMask::add(const json::value& value) {
    if (value.is_string()) {
        add_text(view(value.get_string()));
    } else if (value.is_number()) {
        add_text(json::serialize(value));
    } else if (value.is_array()) {
        for (const auto& item : value.get_array()) {
            add(item);
        }
    } else if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            add(member.value());
        }
    }
}

void PlanMask::add_marked(const json::value& value, const json::value& marks) {
    if (is_marked(marks)) {
        return add(value);
    }
    if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            add_marked(member.value(), or_null(inside(marks, member.key())));
        }
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.get_array().size(); ++i) {
            add_marked(value.get_array()[i], or_null(inside(marks, i)));
        }
    }
}

std::string PlanMask::text(std::string_view text) const {
    return whole_.contains(text) ? std::string(kMasked) : redactor_.redact(text);
}

json::value PlanMask::mask(const json::value& value, const json::value& marks) const {
    if (is_marked(marks) && !value.is_null()) {
        return json::value(json::string_view(kMasked.data(), kMasked.size()));
    }
    if (value.is_string()) {
        return json::value(text(view(value.get_string())));
    }
    if (value.is_number()) {
        const auto written = json::serialize(value);
        const auto shown = text(written);
        return shown == written ? value : json::value(shown);
    }
    if (value.is_array()) {
        json::array out;
        for (std::size_t i = 0; i < value.get_array().size(); ++i) {
            out.push_back(mask(value.get_array()[i], or_null(inside(marks, i))));
        }
        return out;
    }
    if (value.is_object()) {
        json::object out;
        for (const auto& member : value.get_object()) {
            out[text(view(member.key()))] = mask(member.value(), or_null(inside(marks, member.key())));
        }
        return out;
    }
    return value;
}

}  // namespace slipway::terraform
