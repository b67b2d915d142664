#include "steps/terraform/classify.hpp"

#include <algorithm>
#include <array>

namespace slipway::terraform {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

template <std::size_t N>
bool has_any(const std::string& text, const std::array<std::string_view, N>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](auto word) { return text.find(word) != std::string::npos; });
}

constexpr std::array<std::string_view, 2> kStale = {"saved plan is stale",
                                                    "saved plan does not match the given state"};
constexpr std::array<std::string_view, 26> kTransient = {"error acquiring the state lock",
                                                         "state already locked",
                                                         "throttl",
                                                         "rate exceeded",
                                                         "ratelimit",
                                                         "rate limit",
                                                         "too many requests",
                                                         "requestlimitexceeded",
                                                         "slow down",
                                                         "connection reset",
                                                         "connection refused",
                                                         "i/o timeout",
                                                         "tls handshake timeout",
                                                         "no such host",
                                                         "temporary failure in name resolution",
                                                         "network is unreachable",
                                                         "service unavailable",
                                                         "internalfailure",
                                                         "internal server error",
                                                         "bad gateway",
                                                         "gateway timeout",
                                                         "context deadline exceeded",
                                                         "failed to query available provider packages",
                                                         "could not download module",
                                                         "failed to install provider",
                                                         "requesttimeout"};
constexpr std::array<std::string_view, 16> kAuthoring = {
    "unsupported argument",           "unsupported block type",      "missing required argument",
    "argument definition required",   "invalid expression",          "reference to undeclared",
    "no value for required variable", "invalid value for variable",  "invalid value for input variable",
    "unsupported attribute",          "duplicate resource",          "invalid function argument",
    "module not installed",           "unreadable module directory", "unsupported terraform core version",
    "error in function call"};

FailureClass class_of(const std::string& text) {
    if (has_any(text, kAuthoring)) {
        return FailureClass::kAuthoring;
    }
    return has_any(text, kTransient) ? FailureClass::kTransient : FailureClass::kPermanent;
}

std::string detail_of(const Journal& journal, std::string_view output) {
    std::string detail;
    for (const auto& error : journal.errors) {
        detail += (detail.empty() ? "" : "\n\n") + error.summary;
        detail += error.address.empty() ? "" : "\n  at " + error.address;
        detail += error.detail.empty() ? "" : "\n" + error.detail;
    }
    return detail.empty() ? std::string(output) : detail;
}

}  // namespace

Classified classify(std::string_view what, const Journal& journal, int rc, std::string_view output) {
    Classified out;
    const auto first = journal.errors.empty() ? std::string() : journal.errors.front().summary;
    out.failure.message = "terraform " + std::string(what) + " failed (exit code " + std::to_string(rc) +
                          ")" + (first.empty() ? "" : ": " + first);
    if (journal.errors.size() > 1) {
        out.failure.message += " (and " + std::to_string(journal.errors.size() - 1) + " more)";
    }
    out.failure.detail = detail_of(journal, output);
    const auto text = lower(out.failure.detail);
    out.plan_is_stale = has_any(text, kStale);
    // One lasting error among passing ones makes trying again useless.
    out.failure.failure_class = class_of(text);
    for (const auto& error : journal.errors) {
        const auto one = class_of(lower(error.summary + "\n" + error.detail));
        if (out.failure.failure_class == FailureClass::kTransient && one != FailureClass::kTransient) {
            out.failure.failure_class = one;
        }
    }
    return out;
}

}  // namespace slipway::terraform
