// Typed checks over a change set.
#include <algorithm>

#include "steps/policy/report.hpp"

namespace slipway::policy {
namespace {

constexpr std::size_t kAddressesMax = 100;

bool any_pattern(const std::vector<std::string>& patterns, std::string_view text) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return matches(pattern, text); });
}

bool counts(const PolicyCheck& check, const Change& change) {
    const bool acts = check.actions.empty() || !change.is_known ||
                      std::any_of(check.actions.begin(), check.actions.end(),
                                  [&](const std::string& action) { return change.actions.contains(action); });
    // A kind that could not be found out may be any.
    const bool is_kind = check.kinds.empty() || change.kind.empty() || any_pattern(check.kinds, change.kind);
    return acts && is_kind && (check.addresses.empty() || any_pattern(check.addresses, change.address)) &&
           !any_pattern(check.except, change.address);
}

std::string joined(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& item : list) {
        out += (out.empty() ? "" : ", ") + item;
    }
    return out;
}

std::string sentence(const PolicyCheck& check, std::size_t found) {
    if (!check.message.empty()) {
        return check.message;
    }
    auto out = std::to_string(found) + " change(s)";
    out += check.actions.empty() ? "" : " that " + joined(check.actions);
    out += check.kinds.empty() ? "" : " " + joined(check.kinds);
    out += check.addresses.empty() ? "" : " at " + joined(check.addresses);
    return out + ", at most " + std::to_string(check.at_most) + " allowed";
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t behind_star = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            behind_star = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++behind_star;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

void run_checks(const ChangeSet& set, const std::vector<PolicyCheck>& checks, PolicyReport& report) {
    for (const auto& check : checks) {
        ++report.evaluated;
        PolicyFinding finding;
        finding.policy = check.name;
        finding.verdict =
            check.effect == PolicyEffect::kWarn ? PolicyVerdict::kWarned : PolicyVerdict::kDenied;
        std::size_t found = 0;
        for (const auto& change : set.changes) {
            if (!counts(check, change)) {
                continue;
            }
            ++found;
            if (finding.addresses.size() < kAddressesMax) {
                finding.addresses.push_back(change.address);
            }
        }
        if (found > check.at_most) {
            finding.message = sentence(check, found);
            add(report, std::move(finding));
        }
    }
}

}  // namespace slipway::policy
