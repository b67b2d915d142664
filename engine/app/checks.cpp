#include "engine/app/checks.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <vector>

namespace slipway::app {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(by);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

struct CronField {
    std::string_view name;
    int low;
    int high;
    std::array<std::string_view, 12> words;  ///< names of the values from `first_word` on
    int first_word;
};

constexpr std::array<CronField, 5> kCronFields = {{
    {"minute", 0, 59, {}, 0},
    {"hour", 0, 23, {}, 0},
    {"day of month", 1, 31, {}, 0},
    {"month", 1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}, 1},
    {"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, 0},
}};

std::optional<int> cron_value(std::string_view text, const CronField& field) {
    if (text.empty() || text.size() > 3) {
        return std::nullopt;
    }
    if (std::all_of(text.begin(), text.end(), is_digit)) {
        int value = 0;
        for (char c : text) {
            value = value * 10 + (c - '0');
        }
        return value;
    }
    std::string lower(text);
    for (char& c : lower) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    for (std::size_t i = 0; i < field.words.size(); ++i) {
        if (!field.words[i].empty() && field.words[i] == lower) {
            return field.first_word + static_cast<int>(i);
        }
    }
    return std::nullopt;
}

bool is_cron_range(std::string_view text, const CronField& field) {
    if (text == "*" || text == "?") {
        return true;
    }
    const auto ends = split(text, '-');
    if (ends.size() > 2) {
        return false;
    }
    const auto low = cron_value(ends[0], field);
    const auto high = ends.size() == 2 ? cron_value(ends[1], field) : low;
    return low && high && *low >= field.low && *high <= field.high && *low <= *high;
}

bool is_cron_part(std::string_view text, const CronField& field) {
    const auto steps = split(text, '/');
    if (steps.size() > 2 || !is_cron_range(steps[0], field)) {
        return false;
    }
    if (steps.size() == 1) {
        return true;
    }
    const std::string_view step = steps[1];
    return !step.empty() && step.size() <= 3 && std::all_of(step.begin(), step.end(), is_digit) &&
           std::any_of(step.begin(), step.end(), [](char c) { return c != '0'; });
}

/// Milliseconds of a unit at the front of `text`, which loses it; 0 for none.
double take_unit(std::string_view& text) {
    struct Unit {
        std::string_view name;
        double ms;
    };
    static constexpr std::array<Unit, 8> kUnits = {{{"ns", 1e-6},
                                                    {"us", 1e-3},
                                                    {"µs", 1e-3},
                                                    {"μs", 1e-3},
                                                    {"ms", 1},
                                                    {"s", 1e3},
                                                    {"m", 6e4},
                                                    {"h", 3.6e6}}};
    for (const auto& unit : kUnits) {
        if (text.starts_with(unit.name)) {
            text.remove_prefix(unit.name.size());
            return unit.ms;
        }
    }
    return 0;
}

}  // namespace

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
    });
}

bool is_interpolated_name(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '{' || c == '}' || c == '.';
    });
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
    constexpr double kLongest = 9.2e12;  // Go's own limit, about 292 years
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text == "0") {
        return 0;
    }
    if (text.empty() || text.size() > 64) {
        return std::nullopt;
    }
    double total = 0;
    while (!text.empty()) {
        double value = 0;
        double scale = 1;
        bool digits = false;
        bool fraction = false;
        while (!text.empty() && (is_digit(text.front()) || (text.front() == '.' && !fraction))) {
            if (text.front() == '.') {
                fraction = true;
            } else {
                digits = true;
                value = value * 10 + (text.front() - '0');
                if (fraction) {
                    scale *= 10;
                }
            }
            text.remove_prefix(1);
        }
        const double unit = digits ? take_unit(text) : 0;
        if (unit == 0) {
            return std::nullopt;
        }
        total += value / scale * unit;
        if (!(total < kLongest)) {
            return std::nullopt;
        }
    }
    return std::llround(total);
}

std::string cron_problem(std::string_view text) {
    if (text.starts_with("@every ")) {
        return parse_duration(text.substr(7)) ? std::string() : "'@every' needs a duration such as 90m";
    }
    if (text.starts_with('@')) {
        static constexpr std::array<std::string_view, 7> kDescriptors = {
            "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"};
        if (std::find(kDescriptors.begin(), kDescriptors.end(), text) != kDescriptors.end()) {
            return {};
        }
        return "'" + std::string(text) + "' is no cron descriptor";
    }
    std::vector<std::string_view> fields;
    for (const auto part : split(text, ' ')) {
        if (!part.empty()) {
            fields.push_back(part);
        }
    }
    if (fields.size() != kCronFields.size()) {
        return "a cron expression has five fields (minute, hour, day of month, month, day of week), not " +
               std::to_string(fields.size());
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        for (const auto part : split(fields[i], ',')) {
            if (!is_cron_part(part, kCronFields[i])) {
                return "'" + std::string(fields[i]) + "' does not fit the field " +
                       std::string(kCronFields[i].name) + " (" + std::to_string(kCronFields[i].low) + "-" +
                       std::to_string(kCronFields[i].high) + ")";
            }
        }
    }
    return {};
}

}  // namespace slipway::app
