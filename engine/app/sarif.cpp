#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>

#include "slipway/ids.hpp"
#include "slipway/lifecycle/report.hpp"

namespace slipway::lifecycle {

namespace json = boost::json;

namespace {

/// "there is no component 'x'" -> "there-is-no-component"
std::string rule_of(const std::string& message) {
    constexpr std::size_t kLongest = 60;
    std::string out;
    bool quoted = false;
    for (const char c : message) {
        if (c == '\'') {
            quoted = !quoted;
            continue;
        }
        if (quoted) {
            continue;
        }
        if (c == ':' || c == ',' || c == ';') {
            break;
        }
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (letter) {
            out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        } else if (!out.empty() && out.back() != '-') {
            if (out.size() >= kLongest) {
                break;
            }
            out.push_back('-');
        }
    }
    while (out.ends_with("-")) {
        out.pop_back();
    }
    return out.empty() ? "finding" : out;
}

std::string percent_encoded(const std::string& path) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
        }
    }
    return out;
}

const char* level_of(Severity severity) {
    switch (severity) {
        case Severity::kError:
            return "error";
        case Severity::kWarning:
            return "warning";
        case Severity::kHint:
            return "note";
    }
    return "none";
}

/// JSON texts are UTF-8; a file that is not must not spoil the report.
std::string utf8_only(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t size = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 0;
        bool good = size > 0 && i + size <= text.size();
        for (std::size_t k = 1; good && k < size; ++k) {
            good = (static_cast<unsigned char>(text[i + k]) & 0xC0U) == 0x80U;
        }
        out += good ? text.substr(i, size) : "?";
        i += good ? size : 1;
    }
    return out;
}

json::object location_of(const Diagnostic& d) {
    json::object physical{{"artifactLocation", {{"uri", percent_encoded(d.file)}, {"uriBaseId", "APPROOT"}}}};
    if (d.line > 0) {
        json::object region{{"startLine", d.line}};
        if (d.utf16_column > 0) {
            region["startColumn"] = d.utf16_column;
        }
        if (!d.source_line.empty()) {
            region["snippet"] = {{"text", utf8_only(d.source_line)}};
        }
        physical["region"] = std::move(region);
    }
    json::object out{{"physicalLocation", std::move(physical)}};
    if (!d.key.empty()) {
        out["logicalLocations"] = json::array{{{"fullyQualifiedName", utf8_only(d.key)}, {"kind", "member"}}};
    }
    return out;
}

json::object result_of(const Diagnostic& d, const std::string& rule, std::size_t index) {
    const std::string text = utf8_only((d.key.empty() ? "" : d.key + ": ") + d.message +
                                       (d.hint.empty() ? "" : " (" + d.hint + ")"));
    json::object out{{"ruleId", rule},
                     {"ruleIndex", index},
                     {"level", level_of(d.severity)},
                     {"message", {{"text", text}}}};
    if (!d.file.empty()) {
        out["locations"] = json::array{location_of(d)};
    }
    out["partialFingerprints"] = {
        {"slipwayFinding/v1", sha256(d.file + "\n" + d.key + "\n" + d.message).hex()}};
    return out;
}

}  // namespace

std::string to_sarif(const std::vector<Diagnostic>& diagnostics) {
    std::map<std::string, std::size_t> rules;
    json::array descriptions;
    json::array results;
    for (const auto& d : diagnostics) {
        const std::string rule = rule_of(d.message);
        const auto [it, added] = rules.emplace(rule, descriptions.size());
        if (added) {
            std::string words = rule;
            for (char& c : words) {
                c = c == '-' ? ' ' : c;
            }
            descriptions.push_back(json::object{{"id", rule}, {"shortDescription", {{"text", words}}}});
        }
        results.push_back(result_of(d, rule, it->second));
    }
    json::object driver{{"name", "slipway"}, {"rules", std::move(descriptions)}};
    json::object run{{"tool", {{"driver", std::move(driver)}}},
                     {"columnKind", "utf16CodeUnits"},
                     {"results", std::move(results)}};
    return json::serialize(json::object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                                        {"version", "2.1.0"},
                                        {"runs", json::array{std::move(run)}}});
}

}  // namespace slipway::lifecycle
