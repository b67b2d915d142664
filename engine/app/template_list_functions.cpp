// More functions on lists, tables and numbers, under the names that templates elsewhere know them by. None
// looks at a clock, at chance or at the host.
#include <algorithm>
#include <cmath>

#include "engine/app/template_value.hpp"

namespace slipway::app {

namespace json = boost::json;

namespace {

using Arguments = TemplateArguments;

const json::array* list_of(const TemplateValue& value, std::string& problem) {
    const auto* list = value.get().if_array();
    if (list == nullptr) {
        problem = "needs a list, not " + kind_name(value.get());
    }
    return list;
}

const json::object* table_of(const TemplateValue& value, std::string& problem) {
    const auto* table = value.get().if_object();
    if (table == nullptr) {
        problem = "needs a table, not " + kind_name(value.get());
    }
    return table;
}

bool whole_of(const TemplateValue& value, std::int64_t& out, std::string& problem) {
    if (const auto* i = value.get().if_int64()) {
        out = *i;
        return true;
    }
    problem = "needs a whole number, not " + kind_name(value.get());
    return false;
}

TemplateValue call_reverse(Arguments a, std::string& problem) {
    const auto* list = list_of(a[0], problem);
    return list == nullptr ? TemplateValue{} : make_value(json::array(list->rbegin(), list->rend()));
}

/// Without what is empty.
TemplateValue call_compact(Arguments a, std::string& problem) {
    json::array out;
    if (const auto* list = list_of(a[0], problem)) {
        std::copy_if(list->begin(), list->end(), std::back_inserter(out), is_true);
    }
    return make_value(std::move(out));
}

/// without LIST x y …
TemplateValue call_without(Arguments a, std::string& problem) {
    json::array out;
    const auto* list = list_of(a[0], problem);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        const bool named = std::any_of(a.begin() + 1, a.end(),
                                       [&](const TemplateValue& one) { return one.get() == (*list)[i]; });
        if (!named) {
            out.push_back((*list)[i]);
        }
    }
    return make_value(std::move(out));
}

TemplateValue call_append(Arguments a, std::string& problem) {
    const auto* list = list_of(a[0], problem);
    if (list == nullptr) {
        return {};
    }
    json::array out = *list;
    out.push_back(a[1].get());
    return make_value(std::move(out));
}

TemplateValue call_prepend(Arguments a, std::string& problem) {
    const auto* list = list_of(a[0], problem);
    if (list == nullptr) {
        return {};
    }
    json::array out{a[1].get()};
    out.insert(out.end(), list->begin(), list->end());
    return make_value(std::move(out));
}

/// slice LIST from to, on a text in bytes.
TemplateValue call_slice(Arguments a, std::string& problem) {
    const json::value& whole = a[0].get();
    const auto* list = whole.if_array();
    const auto* text = whole.if_string();
    if (list == nullptr && text == nullptr) {
        problem = "needs a list or a text, not " + kind_name(whole);
        return {};
    }
    const auto size = static_cast<std::int64_t>(list != nullptr ? list->size() : text->size());
    std::int64_t from = 0;
    std::int64_t to = size;
    if ((a.size() > 1 && !whole_of(a[1], from, problem)) || (a.size() > 2 && !whole_of(a[2], to, problem))) {
        return {};
    }
    if (from < 0 || to > size || from > to) {
        problem = "there is no part from " + std::to_string(from) + " to " + std::to_string(to) +
                  ", the value has " + std::to_string(size);
        return {};
    }
    if (text != nullptr) {
        return make_value(
            json::string(text->subview(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from))));
    }
    return make_value(json::array(list->begin() + from, list->begin() + to));
}

template <bool kRest>
TemplateValue call_all_but_one(Arguments a, std::string& problem) {
    const auto* list = list_of(a[0], problem);
    if (list == nullptr || list->empty()) {
        return make_value(json::array());
    }
    return make_value(kRest ? json::array(list->begin() + 1, list->end())
                            : json::array(list->begin(), list->end() - 1));
}

template <bool kPick>
TemplateValue call_select(Arguments a, std::string& problem) {
    json::object out;
    const auto* table = table_of(a[0], problem);
    if (table == nullptr) {
        return {};
    }
    for (const auto& member : *table) {
        const bool named = std::any_of(a.begin() + 1, a.end(), [&](const TemplateValue& key) {
            return printed(key.get()) == std::string_view(member.key());
        });
        if (named == kPick) {
            out[member.key()] = member.value();
        }
    }
    return make_value(std::move(out));
}

void merge_into(json::object& into, const json::object& from) {
    for (const auto& member : from) {
        auto* here = into.if_contains(member.key());
        if (here == nullptr) {
            into[member.key()] = member.value();
        } else if (here->is_object() && member.value().is_object()) {
            merge_into(here->get_object(), member.value().get_object());
        }
    }
}

/// The first table wins.
TemplateValue call_merge(Arguments a, std::string& problem) {
    json::object out;
    for (const auto& one : a) {
        const auto* table = table_of(one, problem);
        if (table == nullptr) {
            return {};
        }
        merge_into(out, *table);
    }
    return make_value(std::move(out));
}

/// pluck "key" TABLE TABLE …
TemplateValue call_pluck(Arguments a, std::string& problem) {
    json::array out;
    for (std::size_t i = 1; i < a.size(); ++i) {
        const auto* table = table_of(a[i], problem);
        const auto* found = table != nullptr ? table->if_contains(printed(a[0].get())) : nullptr;
        if (found != nullptr) {
            out.push_back(*found);
        }
    }
    return make_value(std::move(out));
}

TemplateValue call_until(Arguments a, std::string& problem) {
    constexpr std::int64_t kMost = 100'000;
    std::int64_t end = 0;
    if (!whole_of(a[0], end, problem)) {
        return {};
    }
    if (end < 0 || end > kMost) {
        problem = "counts from 0 to at most 100000";
        return {};
    }
    json::array out;
    for (std::int64_t i = 0; i < end; ++i) {
        out.emplace_back(i);
    }
    return make_value(std::move(out));
}

TemplateValue call_to_strings(Arguments a, std::string& problem) {
    json::array out;
    const auto* list = list_of(a[0], problem);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        out.emplace_back(json::string(printed((*list)[i])));
    }
    return make_value(std::move(out));
}

template <bool kLargest>
TemplateValue call_extreme(Arguments a, std::string& problem) {
    std::int64_t best = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::int64_t value = 0;
        if (!whole_of(a[i], value, problem)) {
            return {};
        }
        best = i == 0 ? value : kLargest ? std::max(best, value) : std::min(best, value);
    }
    return make_value(best);
}

template <double (*kChange)(double)>
TemplateValue call_rounded(Arguments a, std::string& problem) {
    const json::value& value = a[0].get();
    if (!value.is_number()) {
        problem = "needs a number, not " + kind_name(value);
        return {};
    }
    return make_value(kChange(value.to_number<double>()));
}

template <bool kAll>
TemplateValue call_truth(Arguments a, std::string&) {
    const auto is = [](const TemplateValue& one) { return is_true(one.get()); };
    return make_value(kAll ? std::all_of(a.begin(), a.end(), is) : std::any_of(a.begin(), a.end(), is));
}

std::string go_kind(const json::value& value) {
    if (value.is_string()) {
        return "string";
    }
    if (value.is_bool()) {
        return "bool";
    }
    if (value.is_array()) {
        return "slice";
    }
    if (value.is_object()) {
        return "map";
    }
    return value.is_null() ? "invalid" : value.is_double() ? "float64" : "int";
}

TemplateValue call_kind_of(Arguments a, std::string&) {
    return make_value(json::string(go_kind(a[0].get())));
}

TemplateValue call_kind_is(Arguments a, std::string&) {
    return make_value(printed(a[0].get()) == go_kind(a[1].get()));
}

TemplateValue call_fail(Arguments a, std::string& problem) {
    problem = printed(a[0].get());
    return {};
}

/// required "why" VALUE
TemplateValue call_required(Arguments a, std::string& problem) {
    const bool empty = a[1].null() || (a[1].get().is_string() && a[1].get().get_string().empty());
    if (empty) {
        problem = printed(a[0].get());
        return {};
    }
    return a[1];
}

constexpr TemplateFunction kFunctions[] = {
    {"reverse", 1, 1, call_reverse},
    {"compact", 1, 1, call_compact},
    {"without", 1, -1, call_without, false, TemplateGrowth::kCompares},
    {"append", 2, 2, call_append},
    {"push", 2, 2, call_append},
    {"prepend", 2, 2, call_prepend},
    {"slice", 1, 3, call_slice},
    {"rest", 1, 1, call_all_but_one<true>},
    {"initial", 1, 1, call_all_but_one<false>},
    {"pick", 1, -1, call_select<true>, false, TemplateGrowth::kCompares},
    {"omit", 1, -1, call_select<false>, false, TemplateGrowth::kCompares},
    {"merge", 1, -1, call_merge},
    {"pluck", 2, -1, call_pluck},
    {"until", 1, 1, call_until, false, TemplateGrowth::kCounts},
    {"toStrings", 1, 1, call_to_strings},
    {"max", 1, -1, call_extreme<true>},
    {"min", 1, -1, call_extreme<false>},
    {"floor", 1, 1, call_rounded<std::floor>},
    {"ceil", 1, 1, call_rounded<std::ceil>},
    {"all", 1, -1, call_truth<true>, true, TemplateGrowth::kShares},
    {"any", 1, -1, call_truth<false>, true, TemplateGrowth::kShares},
    {"kindOf", 1, 1, call_kind_of, false, TemplateGrowth::kShares},
    {"kindIs", 2, 2, call_kind_is},
    {"fail", 1, 1, call_fail},
    {"required", 2, 2, call_required, true, TemplateGrowth::kShares},
};

}  // namespace

std::span<const TemplateFunction> list_functions() {
    return kFunctions;
}

}  // namespace slipway::app
