// Functions on tables and lists.
#include <algorithm>
#include <set>

#include "engine/app/json_read.hpp"
#include "engine/app/template_value.hpp"

namespace slipway::app {

namespace json = boost::json;

namespace {

using Arguments = TemplateArguments;

TemplateValue call_index(Arguments a, std::string& problem) {
    TemplateValue at = a[0];
    for (std::size_t i = 1; i < a.size(); ++i) {
        if (at.null()) {
            return missing_value("index reads from what is not there", at.why.empty() ? at.hint : at.why,
                                 false);
        }
        const json::value& key = a[i].get();
        if (at.get().is_object() && key.is_string()) {
            at = field_of(at, std::string(key.get_string()), "the table", false);
        } else if (const auto* list = at.get().if_array(); list != nullptr && key.is_int64()) {
            const std::int64_t wanted = key.get_int64();
            if (wanted < 0 || static_cast<std::uint64_t>(wanted) >= list->size()) {
                problem = "the list has " + std::to_string(list->size()) + " entries, there is no " +
                          std::to_string(wanted) + " (the first one is 0)";
                return {};
            }
            at = part_of(at, (*list)[static_cast<std::size_t>(wanted)]);
        } else {
            problem = "cannot look up " + kind_name(key) + " in " + kind_name(at.get());
            return {};
        }
    }
    return at;
}

/// A name to look up. Of a list or table it would be long to tell, and never there.
bool key_of(const json::value& key, std::string& out, std::string& problem) {
    if (key.is_structured()) {
        problem = "cannot look up " + kind_name(key) + " in a table";
        return false;
    }
    out = printed(key);
    return true;
}

TemplateValue call_get(Arguments a, std::string& problem) {
    if (!a[0].get().is_object()) {
        problem = "needs a table, not " + kind_name(a[0].get());
        return {};
    }
    std::string key;
    return key_of(a[1].get(), key, problem) ? field_of(a[0], key, "the table", false) : TemplateValue{};
}

TemplateValue call_has_key(Arguments a, std::string& problem) {
    const auto* object = a[0].get().if_object();
    if (object == nullptr) {
        problem = "needs a table, not " + kind_name(a[0].get());
        return {};
    }
    std::string key;
    return key_of(a[1].get(), key, problem) ? make_value(object->contains(key)) : TemplateValue{};
}

/// dig "a" "b" fallback table
TemplateValue call_dig(Arguments a, std::string& problem) {
    TemplateValue at = a.back();
    const TemplateValue& fallback = a[a.size() - 2];
    for (std::size_t i = 0; i + 2 < a.size(); ++i) {
        std::string key;
        if (!key_of(a[i].get(), key, problem)) {
            return {};
        }
        const auto* object = at.get().if_object();
        const auto* found = object != nullptr ? object->if_contains(key) : nullptr;
        if (found == nullptr) {
            return fallback;
        }
        at = part_of(at, *found);
    }
    return at.null() ? fallback : at;
}

TemplateValue call_keys(Arguments a, std::string& problem) {
    json::array out;
    for (const auto& value : a) {
        const auto* object = value.get().if_object();
        if (object == nullptr) {
            problem = "needs a table, not " + kind_name(value.get());
            return {};
        }
        for (const auto& key : sorted_keys(*object)) {
            out.emplace_back(json::string(key));
        }
    }
    return make_value(std::move(out));
}

TemplateValue call_values(Arguments a, std::string& problem) {
    json::array out;
    for (const auto& value : a) {
        const auto* object = value.get().if_object();
        if (object == nullptr) {
            problem = "needs a table, not " + kind_name(value.get());
            return {};
        }
        for (const auto& key : sorted_keys(*object)) {
            out.push_back(object->at(key));
        }
    }
    return make_value(std::move(out));
}

TemplateValue call_dict(Arguments a, std::string&) {
    json::object out;
    for (std::size_t i = 0; i < a.size(); i += 2) {
        out[printed(a[i].get())] = i + 1 < a.size() ? a[i + 1].get() : json::value(json::string());
    }
    return make_value(std::move(out));
}

TemplateValue call_list(Arguments a, std::string&) {
    json::array out;
    for (const auto& value : a) {
        out.push_back(value.get());
    }
    return make_value(std::move(out));
}

TemplateValue call_len(Arguments a, std::string& problem) {
    const json::value& value = a[0].get();
    std::size_t size = 0;
    if (value.is_string()) {
        size = value.get_string().size();
    } else if (value.is_array()) {
        size = value.get_array().size();
    } else if (value.is_object()) {
        size = value.get_object().size();
    } else {
        problem = "needs a text, list or table, but the value is " + kind_name(value);
        return {};
    }
    return make_value(static_cast<std::int64_t>(size));
}

template <bool kFirst>
TemplateValue call_end(Arguments a, std::string& problem) {
    const auto* list = a[0].get().if_array();
    if (list == nullptr) {
        problem = "needs a list, not " + kind_name(a[0].get());
        return {};
    }
    if (list->empty()) {
        return missing_value("the list is empty", {}, false);
    }
    return part_of(a[0], kFirst ? list->front() : list->back());
}

TemplateValue call_has(Arguments a, std::string& problem) {
    const auto* list = a[1].get().if_array();
    if (list == nullptr) {
        problem = "needs a list, not " + kind_name(a[1].get());
        return {};
    }
    return make_value(std::find(list->begin(), list->end(), a[0].get()) != list->end());
}

TemplateValue call_sort(Arguments a, std::string& problem) {
    const auto* list = a[0].get().if_array();
    if (list == nullptr) {
        problem = "needs a list, not " + kind_name(a[0].get());
        return {};
    }
    std::vector<std::string> items;
    for (const auto& item : *list) {
        items.push_back(printed(item));
    }
    std::sort(items.begin(), items.end());
    json::array out;
    for (const auto& item : items) {
        out.emplace_back(json::string(item));
    }
    return make_value(std::move(out));
}

TemplateValue call_uniq(Arguments a, std::string& problem) {
    const auto* list = a[0].get().if_array();
    if (list == nullptr) {
        problem = "needs a list, not " + kind_name(a[0].get());
        return {};
    }
    json::array out;
    std::set<std::string> seen;
    for (const auto& item : *list) {
        if (seen.insert(kind_name(item) + json_text(item, 0)).second) {
            out.push_back(item);
        }
    }
    return make_value(std::move(out));
}

TemplateValue call_concat(Arguments a, std::string& problem) {
    json::array out;
    for (const auto& value : a) {
        const auto* list = value.get().if_array();
        if (list == nullptr) {
            problem = "needs lists, not " + kind_name(value.get());
            return {};
        }
        out.insert(out.end(), list->begin(), list->end());
    }
    return make_value(std::move(out));
}

template <int kIndent>
TemplateValue call_to_json(Arguments a, std::string&) {
    return make_value(json::string(json_text(a[0].get(), kIndent)));
}

TemplateValue call_from_json(Arguments a, std::string& problem) {
    const auto* text = a[0].get().if_string();
    if (text == nullptr) {
        problem = "needs a text, not " + kind_name(a[0].get());
        return {};
    }
    json::value value;
    if (!read_json(std::string_view(text->data(), text->size()), value, problem)) {
        problem = "the text is not JSON: " + problem;
        return {};
    }
    return make_value(std::move(value));
}

constexpr TemplateFunction kFunctions[] = {
    {"index", 1, -1, call_index, false, TemplateGrowth::kShares},
    {"get", 2, 2, call_get, false, TemplateGrowth::kShares},
    {"hasKey", 2, 2, call_has_key, false, TemplateGrowth::kShares},
    {"dig", 3, -1, call_dig, false, TemplateGrowth::kShares},
    {"keys", 1, -1, call_keys},
    {"values", 1, -1, call_values},
    {"dict", 0, -1, call_dict},
    {"list", 0, -1, call_list},
    {"len", 1, 1, call_len, false, TemplateGrowth::kShares},
    {"first", 1, 1, call_end<true>, false, TemplateGrowth::kShares},
    {"last", 1, 1, call_end<false>, false, TemplateGrowth::kShares},
    {"has", 2, 2, call_has},
    {"sortAlpha", 1, 1, call_sort},
    {"uniq", 1, 1, call_uniq},
    {"concat", 1, -1, call_concat},
    {"toJson", 1, 1, call_to_json<0>, false, TemplateGrowth::kLaysOut},
    {"toRawJson", 1, 1, call_to_json<0>, false, TemplateGrowth::kLaysOut},
    {"toPrettyJson", 1, 1, call_to_json<2>, false, TemplateGrowth::kLaysOut},
    {"fromJson", 1, 1, call_from_json, false, TemplateGrowth::kParses},
};

}  // namespace

std::span<const TemplateFunction> data_functions() {
    return kFunctions;
}

}  // namespace slipway::app
