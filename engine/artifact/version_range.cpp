#include "engine/artifact/version_range.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace slipway::artifact {
namespace {

struct Version {
    std::array<std::uint64_t, 3> numbers{};
    int given = 0;      ///< how many of them were written
    std::string extra;  ///< of a pre-release
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == ',')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == ',')) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_any(std::string_view part) {
    return part == "x" || part == "X" || part == "*";
}

std::optional<Version> parse(std::string_view text) {
    Version out;
    text = text.substr(0, text.find('+'));
    if (text.starts_with('v')) {
        text.remove_prefix(1);
    }
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        out.extra = text.substr(dash + 1);
        text = text.substr(0, dash);
    }
    for (std::size_t at = 0; out.given < 3;) {
        const auto end = std::min(text.find('.', at), text.size());
        const std::string_view part = text.substr(at, end - at);
        if (is_any(part)) {
            return out;
        }
        auto& number = out.numbers[static_cast<std::size_t>(out.given)];
        const auto [stop, code] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (code != std::errc() || stop != part.data() + part.size()) {
            return std::nullopt;
        }
        ++out.given;
        if (end == text.size()) {
            return out;
        }
        at = end + 1;
    }
    return std::nullopt;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Of two pre-releases, part by part; the release itself comes behind all of them.
int compare_extra(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) {
        return a.empty() ? (b.empty() ? 0 : 1) : -1;
    }
    while (!a.empty() && !b.empty()) {
        const auto one = a.substr(0, a.find('.'));
        const auto two = b.substr(0, b.find('.'));
        a.remove_prefix(std::min(one.size() + 1, a.size()));
        b.remove_prefix(std::min(two.size() + 1, b.size()));
        int order = one.compare(two);
        if (is_number(one) && is_number(two) && one.size() != two.size()) {
            order = one.size() < two.size() ? -1 : 1;
        } else if (is_number(one) != is_number(two)) {
            order = is_number(one) ? -1 : 1;
        }
        if (order != 0) {
            return order;
        }
    }
    return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

int compare(const Version& a, const Version& b) {
    if (a.numbers != b.numbers) {
        return a.numbers < b.numbers ? -1 : 1;
    }
    return compare_extra(a.extra, b.extra);
}

/// The first version behind all that begin with the first `count` numbers of `from`.
Version behind(const Version& from, int count) {
    Version out;
    for (int i = 0; i < count; ++i) {
        out.numbers[static_cast<std::size_t>(i)] = from.numbers[static_cast<std::size_t>(i)];
    }
    if (count > 0) {
        ++out.numbers[static_cast<std::size_t>(count - 1)];
    }
    out.given = 3;
    out.extra = "0";  // with its pre-releases
    return out;
}

/// From `low` on, below `high`.
bool between(const Version& version, const Version& low, const Version& high) {
    return compare(version, low) >= 0 && compare(version, high) < 0;
}

int caret_width(const Version& wanted) {
    int width = 1;
    while (width < wanted.given && wanted.numbers[static_cast<std::size_t>(width - 1)] == 0) {
        ++width;
    }
    return width;
}

bool satisfies(const Version& version, std::string_view op, const Version& wanted) {
    if (!version.extra.empty() && wanted.extra.empty()) {
        return false;
    }
    const bool whole = wanted.given == 3;
    const bool same = whole ? compare(version, wanted) == 0
                            : wanted.given == 0 || between(version, wanted, behind(wanted, wanted.given));
    if (op.empty() || op == "=") {
        return same;
    }
    if (op == "!=") {
        return !same;
    }
    if (op == "<") {
        return compare(version, wanted) < 0;
    }
    if (op == ">=" || op == "=>") {
        return compare(version, wanted) >= 0;
    }
    if (op == ">") {
        return compare(version, wanted) > 0 && !same;
    }
    if (op == "<=" || op == "=<") {
        return compare(version, wanted) < 0 || same;
    }
    if (wanted.given == 0) {
        return true;
    }
    const int width = op == "^" ? caret_width(wanted) : std::min(wanted.given, 2);
    return between(version, wanted, behind(wanted, width));
}

/// Everything between two bars: all of it has to hold.
bool satisfies_all(const Version& version, std::string_view group) {
    if (const auto hyphen = group.find(" - "); hyphen != std::string_view::npos) {
        const auto low = parse(trimmed(group.substr(0, hyphen)));
        const auto high = parse(trimmed(group.substr(hyphen + 3)));
        return low && high && satisfies(version, ">=", *low) && satisfies(version, "<=", *high);
    }
    for (group = trimmed(group); !group.empty(); group = trimmed(group)) {
        const auto digit = std::min(group.find_first_not_of("=!<>~^ "), group.size());
        const std::string_view op = trimmed(group.substr(0, digit));
        group.remove_prefix(digit);
        const auto end = std::min(group.find_first_of(" ,"), group.size());
        const auto wanted = parse(group.substr(0, end));
        group.remove_prefix(end);
        if (!wanted || !satisfies(version, op, *wanted)) {
            return false;
        }
    }
    return true;
}

bool in_range(const Version& version, std::string_view range) {
    for (;;) {
        const auto bar = range.find("||");
        std::string_view group = trimmed(range.substr(0, bar));
        if (satisfies_all(version, group.empty() ? "*" : group)) {
            return true;
        }
        if (bar == std::string_view::npos) {
            return false;
        }
        range.remove_prefix(bar + 2);
    }
}

}  // namespace

bool is_exact_version(std::string_view text) {
    const auto version = parse(text);
    return version && version->given == 3;
}

std::string newest_in_range(const std::vector<std::string>& versions, std::string_view range) {
    std::string best;
    std::optional<Version> newest;
    for (const auto& text : versions) {
        const auto version = parse(text);
        if (!version || version->given != 3 || (text != range && !in_range(*version, range))) {
            continue;
        }
        if (text == range) {
            return text;
        }
        if (!newest || compare(*version, *newest) > 0) {
            newest = version;
            best = text;
        }
    }
    return best;
}

}  // namespace slipway::artifact
