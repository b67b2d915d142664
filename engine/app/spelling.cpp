#include "engine/app/spelling.hpp"

#include <algorithm>

namespace slipway::app {

namespace {

/// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> now(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = std::min(now[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(now);
    }
    return last[b.size()];
}

std::string plain(std::string_view word) {
    std::string out;
    for (char c : word) {
        if (c == '-' || c == ' ') {
            c = '_';
        }
        out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return out;
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t kLongest = 64;
    if (word.empty() || word.size() > kLongest) {
        return {};
    }
    const std::string wanted = plain(word);
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        if (candidate.empty() || candidate.size() > kLongest || candidate == word) {
            continue;
        }
        const std::string other = plain(candidate);
        std::size_t d = distance(wanted, other);
        // "schedule" for "cron_schedule": a whole part of the name is a likelier slip than its length says.
        if (d > 1 && wanted.size() >= 4 &&
            (other.ends_with("_" + wanted) || other.starts_with(wanted + "_"))) {
            d = 1;
        }
        if (d < best_distance) {
            best_distance = d;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string found = nearest(word, candidates);
    return found.empty() ? std::string() : "did you mean '" + found + "'?";
}

std::string known_names_hint(std::string_view word, std::string_view what,
                             const std::vector<std::string>& known) {
    std::string hint = did_you_mean(word, known);
    if (!hint.empty()) {
        return hint;
    }
    if (known.empty()) {
        return "the app has no " + std::string(what) + "s";
    }
    return (known.size() == 1 ? "there is only " : "there are ") + list_names(known);
}

std::string list_names(const std::vector<std::string>& names, std::size_t limit) {
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < limit; ++i) {
        if (i > 0) {
            out += i + 1 == names.size() ? " or " : ", ";
        }
        out += "'" + names[i] + "'";
    }
    if (names.size() > limit) {
        out += ", …";
    }
    return out;
}

}  // namespace slipway::app
