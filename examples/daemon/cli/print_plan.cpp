// What a gate asks to approve: each change with the fields that differ, what else must be known, and the sum.
#include <boost/json.hpp>
#include <cstdio>

#include "client.hpp"
#include "print.hpp"

namespace cli {

namespace {

constexpr std::size_t kValueMax = 100;

std::string compact(const json::value& value) {
    const std::string out = json::serialize(value);
    return out.size() > kValueMax ? out.substr(0, kValueMax - 3) + "..." : out;
}

const char* sign(const std::string& action) {
    if (action == "create") {
        return "+";
    }
    if (action == "delete") {
        return "-";
    }
    if (action == "update") {
        return "~";
    }
    if (action == "read" || action == "no-op") {
        return " ";
    }
    return "-/+";
}

void print_field(const std::string& name, const std::string& before, const std::string& after) {
    std::printf("        %s: %s%s%s\n", name.c_str(), before.c_str(), before.empty() ? "" : " -> ",
                after.c_str());
}

/// Goes into objects, so that only the members that differ are shown. `unknown` has true where only the apply
/// will tell.
void print_fields(const std::string& name, const json::value& before, const json::value& after,
                  const json::value& unknown) {
    if (before == after || after.is_null()) {
        return;
    }
    if (!after.is_object() || !(before.is_object() || before.is_null())) {
        return print_field(name, before.is_null() ? "" : compact(before), compact(after));
    }
    const std::string stem = name.empty() ? "" : name + ".";
    for (const auto& [key, value] : after.as_object()) {
        print_fields(stem + std::string(key), member(before, key), value, member(unknown, key));
    }
    if (!before.is_object()) {
        return;
    }
    for (const auto& [key, value] : before.as_object()) {
        if (!after.as_object().contains(key) && !value.is_null()) {
            const bool later = member(unknown, key) == json::value(true);
            print_field(stem + std::string(key), compact(value),
                        later ? "(known after the apply)" : "(gone)");
        }
    }
}

/// Objects of a cluster name the fields that differ; one that is new is a field without a name.
void print_object(const json::value& change) {
    if (!text(change, "note").empty()) {
        std::printf("        (%s)\n", text(change, "note").c_str());
    }
    for (const auto& field : list(change, "fields")) {
        const auto& before = member(field, "before");
        const auto& after = member(field, "after");
        print_field(text(field, "path").empty() ? "object" : text(field, "path"),
                    before.is_null() ? "" : compact(before), after.is_null() ? "(gone)" : compact(after));
    }
}

void print_list(const json::value& what, const char* key, const char* title) {
    for (const auto& one : list(what, key)) {
        const std::string address = text(one, "address");
        const std::string line = one.is_string()   ? std::string(one.as_string())
                                 : address.empty() ? compact(one)
                                                   : address + " (" + text(one, "action") + ")";
        std::printf("  %s %s\n", paint(title, "33").c_str(), line.c_str());
    }
}

}  // namespace

void print_plan(const json::value& what) {
    if (!what.is_object()) {
        std::printf("%s\n", json::serialize(what).c_str());
        return;
    }
    if (!text(what, "title").empty()) {
        std::printf("%s, install %s\n", text(what, "title").c_str(), text(what, "install").c_str());
    }
    for (const auto& change : list(what, "changes")) {
        const std::string action = text(change, "action");
        const std::string colour = action == "create" ? "32" : action == "delete" ? "31" : "33";
        std::printf("  %s %s\n", paint(sign(action), colour.c_str()).c_str(),
                    text(change, "address").c_str());
        print_fields("", member(change, "before"), member(change, "after"), member(change, "after_unknown"));
        print_object(change);
    }
    print_list(what, "hooks", "hook:");
    print_list(what, "pinned", "random, and applied as shown:");
    if (!text(what, "conflicts").empty()) {
        std::printf("  %s %s\n", paint("taken over:", "33").c_str(), text(what, "conflicts").c_str());
    }
    print_list(what, "drift", "changed outside:");
    print_list(what, "warnings", "warning:");
    const std::string sum = counts(member(what, "summary"));
    if (!sum.empty()) {
        std::printf("  %s\n", sum.c_str());
    }
}

std::string counts(const json::value& summary) {
    std::string out;
    if (!summary.is_object()) {
        return out;
    }
    for (const auto& [key, value] : summary.as_object()) {
        const auto count = number(summary, key);
        if (count <= 0) {
            continue;
        }
        out += (out.empty() ? "" : ", ") + std::to_string(count) +
               (key == "outputs" ? " outputs" : " to " + std::string(key));
    }
    return out;
}

}  // namespace cli
