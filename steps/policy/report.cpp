#include "steps/policy/report.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace slipway::policy {
namespace {

constexpr std::size_t kLineMax = 2000;

json::array texts(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& item : list) {
        out.emplace_back(item);
    }
    return out;
}

json::object check_json(const PolicyCheck& check) {
    return {{"name", check.name},
            {"effect", check.effect == PolicyEffect::kWarn ? "warn" : "deny"},
            {"actions", texts(check.actions)},
            {"kinds", texts(check.kinds)},
            {"addresses", texts(check.addresses)},
            {"except", texts(check.except)},
            {"at_most", check.at_most},
            {"message", check.message}};
}

}  // namespace

Digest digest_of(const Policies& policies) {
    json::array checks;
    for (const auto& check : policies.checks) {
        checks.push_back(check_json(check));
    }
    json::array rego;
    for (const auto& one : policies.rego) {
        rego.push_back(json::object{{"name", one.name}, {"contents", one.contents}});
    }
    return sha256(canonical(json::object{{"checks", std::move(checks)}, {"rego", std::move(rego)}}));
}

PolicyReport report_on(std::string_view change_set, const Policies& policies) {
    PolicyReport report;
    report.policy = digest_of(policies);
    report.change_set = sha256(change_set);
    return report;
}

void add(PolicyReport& report, PolicyFinding finding) {
    report.findings.push_back(std::move(finding));
}

void conclude(PolicyReport& report) {
    report.verdict = report.evaluated == 0 ? PolicyVerdict::kNotEvaluated : PolicyVerdict::kPassed;
    for (const auto& finding : report.findings) {
        report.verdict = std::max(report.verdict, finding.verdict);
    }
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const auto& a, const auto& b) { return a.verdict > b.verdict; });
}

std::string encode(const PolicyReport& report) {
    json::array findings;
    for (const auto& finding : report.findings) {
        findings.push_back(json::object{{"policy", finding.policy},
                                        {"verdict", std::string(to_string(finding.verdict))},
                                        {"message", finding.message},
                                        {"addresses", texts(finding.addresses)}});
    }
    return json::serialize(json::object{{"format", 1},
                                        {"verdict", std::string(to_string(report.verdict))},
                                        {"policy_digest", report.policy.hex()},
                                        {"change_set_digest", report.change_set.hex()},
                                        {"evaluated", report.evaluated},
                                        {"findings", std::move(findings)}});
}

std::string one_line(const PolicyReport& report) {
    std::string out(to_string(report.verdict));
    for (const auto& finding : report.findings) {
        if (out.size() > kLineMax) {
            return out + "; …";
        }
        if (finding.verdict == report.verdict) {
            out +=
                (out.find(':') == std::string::npos ? ": " : "; ") + finding.policy + ": " + finding.message;
        }
    }
    if (report.findings.empty() && report.verdict == PolicyVerdict::kNotEvaluated) {
        out += ": there is no policy";
    }
    return out;
}

}  // namespace slipway::policy

namespace slipway {

std::string_view to_string(PolicyVerdict verdict) {
    switch (verdict) {
        case PolicyVerdict::kPassed:
            return "passed";
        case PolicyVerdict::kWarned:
            return "warned";
        case PolicyVerdict::kNotEvaluated:
            return "not_evaluated";
        case PolicyVerdict::kError:
            return "error";
        case PolicyVerdict::kDenied:
            return "denied";
    }
    return "error";
}

PolicyReport check_change_set(std::string_view change_set, const std::vector<PolicyCheck>& checks) {
    auto report = policy::report_on(change_set, {checks, {}});
    if (const auto set = policy::read_change_set(change_set)) {
        policy::run_checks(*set, checks, report);
    } else {
        policy::add(report, {"", PolicyVerdict::kError, set.error().message});
    }
    policy::conclude(report);
    return report;
}

}  // namespace slipway
