// Comparing, choosing and counting.
#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/app/template_value.hpp"

namespace slipway::app {

namespace json = boost::json;

namespace {

using Arguments = TemplateArguments;

bool is_number(const json::value& value) {
    return value.is_int64() || value.is_uint64() || value.is_double();
}
double real_of(const json::value& value) {
    if (value.is_int64()) {
        return static_cast<double>(value.get_int64());
    }
    if (value.is_uint64()) {
        return static_cast<double>(value.get_uint64());
    }
    return value.is_double() ? value.get_double() : 0;
}

/// -1, 0, 1; a problem when the two have no order.
int compare(const json::value& a, const json::value& b, std::string& problem) {
    if (a.is_int64() && b.is_int64()) {
        return a.get_int64() < b.get_int64() ? -1 : static_cast<int>(a.get_int64() > b.get_int64());
    }
    if (is_number(a) && is_number(b)) {
        return real_of(a) < real_of(b) ? -1 : static_cast<int>(real_of(a) > real_of(b));
    }
    if (a.is_string() && b.is_string()) {
        const int order = a.get_string().compare(b.get_string());
        return order < 0 ? -1 : static_cast<int>(order > 0);
    }
    problem = "cannot compare " + kind_name(a) + " with " + kind_name(b);
    if (a.is_string() || b.is_string()) {
        problem += "; inputs are always strings, so compare them with \"…\"";
    }
    return 0;
}

bool equal(const json::value& a, const json::value& b, std::string& problem) {
    if (a.is_null() || b.is_null()) {
        return a.is_null() && b.is_null();
    }
    if (a.is_bool() && b.is_bool()) {
        return a.get_bool() == b.get_bool();
    }
    return compare(a, b, problem) == 0 && problem.empty();
}

TemplateValue call_eq(Arguments a, std::string& problem) {
    for (std::size_t i = 1; i < a.size(); ++i) {
        if (equal(a[0].get(), a[i].get(), problem)) {
            return make_value(true);
        }
    }
    return make_value(false);
}
TemplateValue call_ne(Arguments a, std::string& problem) {
    return make_value(!equal(a[0].get(), a[1].get(), problem));
}
TemplateValue call_lt(Arguments a, std::string& problem) {
    return make_value(compare(a[0].get(), a[1].get(), problem) < 0);
}
TemplateValue call_le(Arguments a, std::string& problem) {
    return make_value(compare(a[0].get(), a[1].get(), problem) <= 0);
}
TemplateValue call_gt(Arguments a, std::string& problem) {
    return make_value(compare(a[0].get(), a[1].get(), problem) > 0);
}
TemplateValue call_ge(Arguments a, std::string& problem) {
    return make_value(compare(a[0].get(), a[1].get(), problem) >= 0);
}
TemplateValue call_not(Arguments a, std::string&) {
    return make_value(!is_true(a[0].get()));
}

/// `and` and `or` are cut short where they are called; this decides among what was evaluated.
TemplateValue call_and(Arguments a, std::string&) {
    for (const auto& value : a) {
        if (!is_true(value.get())) {
            return value;
        }
    }
    return a.back();
}
TemplateValue call_or(Arguments a, std::string&) {
    for (const auto& value : a) {
        if (is_true(value.get())) {
            return value;
        }
    }
    return a.back();
}

TemplateValue call_default(Arguments a, std::string&) {
    return a.size() > 1 && is_true(a[1].get()) ? a[1] : a[0];
}
TemplateValue call_coalesce(Arguments a, std::string&) {
    for (const auto& value : a) {
        if (is_true(value.get())) {
            return value;
        }
    }
    return make_value(nullptr);
}
TemplateValue call_empty(Arguments a, std::string&) {
    return make_value(!is_true(a[0].get()));
}
TemplateValue call_ternary(Arguments a, std::string&) {
    return is_true(a[2].get()) ? a[0] : a[1];
}

bool to_int(const json::value& value, std::int64_t& out) {
    constexpr double kFar = 9e18;
    if (value.is_int64()) {
        out = value.get_int64();
    } else if (value.is_double() && std::fabs(value.get_double()) < kFar) {
        out = static_cast<std::int64_t>(value.get_double());
    } else if (value.is_string()) {
        const std::string text(value.get_string());
        char* end = nullptr;
        out = std::strtoll(text.c_str(), &end, 10);
        return !text.empty() && *end == '\0';
    } else {
        return false;
    }
    return true;
}

TemplateValue call_int(Arguments a, std::string& problem) {
    std::int64_t value = 0;
    if (!to_int(a[0].get(), value)) {
        problem = "'" + printed(a[0].get()) + "' is not a whole number";
    }
    return make_value(value);
}

enum class Sum { kAdd, kSub, kMul, kDiv, kMod };

template <Sum kSum>
TemplateValue call_sum(Arguments a, std::string& problem) {
    std::int64_t total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::int64_t value = 0;
        if (!to_int(a[i].get(), value)) {
            problem = "'" + printed(a[i].get()) + "' is not a whole number";
            return {};
        }
        bool bad = false;
        if (i == 0) {  // NOLINT(bugprone-branch-clone): all but one branch are gone in each instance
            total = value;
        } else if constexpr (kSum == Sum::kAdd) {
            bad = __builtin_add_overflow(total, value, &total);
        } else if constexpr (kSum == Sum::kSub) {
            bad = __builtin_sub_overflow(total, value, &total);
        } else if constexpr (kSum == Sum::kMul) {
            bad = __builtin_mul_overflow(total, value, &total);
        } else {
            bad = value == 0 || (value == -1 && total == std::numeric_limits<std::int64_t>::min());
            if (!bad) {
                total = kSum == Sum::kDiv ? total / value : total % value;
            }
        }
        if (bad) {
            problem = "the number is too large, or the divisor is 0";
            return {};
        }
    }
    return make_value(total);
}

constexpr TemplateFunction kFunctions[] = {
    {"eq", 2, -1, call_eq, false, TemplateGrowth::kShares},
    {"ne", 2, 2, call_ne, false, TemplateGrowth::kShares},
    {"lt", 2, 2, call_lt, false, TemplateGrowth::kShares},
    {"le", 2, 2, call_le, false, TemplateGrowth::kShares},
    {"gt", 2, 2, call_gt, false, TemplateGrowth::kShares},
    {"ge", 2, 2, call_ge, false, TemplateGrowth::kShares},
    {"not", 1, 1, call_not, false, TemplateGrowth::kShares},
    {"and", 1, -1, call_and, false, TemplateGrowth::kShares},
    {"or", 1, -1, call_or, false, TemplateGrowth::kShares},
    {"default", 1, 2, call_default, true, TemplateGrowth::kShares},
    {"coalesce", 1, -1, call_coalesce, true, TemplateGrowth::kShares},
    {"empty", 1, 1, call_empty, true, TemplateGrowth::kShares},
    {"ternary", 3, 3, call_ternary, false, TemplateGrowth::kShares},
    {"int", 1, 1, call_int},
    {"int64", 1, 1, call_int},
    {"atoi", 1, 1, call_int},
    {"add", 1, -1, call_sum<Sum::kAdd>},
    {"sub", 2, 2, call_sum<Sum::kSub>},
    {"mul", 1, -1, call_sum<Sum::kMul>},
    {"div", 2, 2, call_sum<Sum::kDiv>},
    {"mod", 2, 2, call_sum<Sum::kMod>},
};

}  // namespace

std::span<const TemplateFunction> logic_functions() {
    return kFunctions;
}

}  // namespace slipway::app
