#include "print.hpp"

#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>

#include "client.hpp"

namespace cli {

namespace {

bool colours() {
    static const bool kYes = ::isatty(STDOUT_FILENO) != 0;
    return kYes;
}

std::string painted_status(const std::string& status) {
    if (status == "succeeded") {
        return paint(status, "32");
    }
    if (status == "failed" || status == "in_doubt" || status == "blocked") {
        return paint(status, "31");
    }
    if (status == "waiting") {
        return paint(status, "33");
    }
    if (status == "running") {
        return paint(status, "36");
    }
    return status;
}

std::string bar(std::int64_t permille) {
    if (permille < 0) {
        return "";
    }
    constexpr std::int64_t kWidth = 20;
    std::string out = "[";
    for (std::int64_t i = 0; i < kWidth; ++i) {
        out += i * 1000 < permille * kWidth ? '#' : '.';
    }
    return out + "] ";
}

}  // namespace

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string paint(const std::string& textual, const char* code) {
    return colours() ? std::string("\033[") + code + "m" + textual + "\033[0m" : textual;
}

std::string clock_time(std::int64_t at_ms) {
    const std::time_t seconds = at_ms / 1000;
    std::tm parts{};
    localtime_r(&seconds, &parts);
    char buffer[16];
    std::strftime(buffer, sizeof buffer, "%H:%M:%S", &parts);
    return buffer;
}

std::string ago(std::int64_t since_ms) {
    const std::int64_t seconds = std::max<std::int64_t>(0, (now_ms() - since_ms) / 1000);
    if (seconds < 120) {
        return std::to_string(seconds) + " s";
    }
    if (seconds < 7200) {
        return std::to_string(seconds / 60) + " min";
    }
    return std::to_string(seconds / 3600) + " h";
}

std::string duration(std::int64_t ms) {
    char buffer[32];
    if (ms < 120'000) {
        std::snprintf(buffer, sizeof buffer, "%.1f s", static_cast<double>(ms) / 1000.0);
    } else {
        std::snprintf(buffer, sizeof buffer, "%lld min", static_cast<long long>(ms / 60'000));
    }
    return buffer;
}

std::string indented(const json::value& value, std::size_t depth) {
    const std::string pad(2 * depth + 2, ' ');
    std::string out;
    if (value.is_object() && !value.as_object().empty()) {
        for (const auto& [key, one] : value.as_object()) {
            out +=
                (out.empty() ? "{\n" : ",\n") + pad + json::serialize(key) + ": " + indented(one, depth + 1);
        }
        return out + "\n" + std::string(2 * depth, ' ') + "}";
    }
    if (value.is_array() && !value.as_array().empty()) {
        for (const auto& one : value.as_array()) {
            out += (out.empty() ? "[\n" : ",\n") + pad + indented(one, depth + 1);
        }
        return out + "\n" + std::string(2 * depth, ' ') + "]";
    }
    return json::serialize(value);
}

const char* mark(const std::string& status) {
    if (status == "succeeded") {
        return "+";
    }
    if (status == "running" || status == "undoing") {
        return ">";
    }
    if (status == "waiting") {
        return "?";
    }
    if (status == "failed" || status == "in_doubt") {
        return "!";
    }
    if (status == "skipped" || status == "cancelled" || status == "undone") {
        return "-";
    }
    if (status == "backing_off") {
        return "~";
    }
    return " ";
}

void print_detail(const json::value& failure) {
    std::string detail = text(failure, "detail");
    while (!detail.empty() && detail.back() == '\n') {
        detail.pop_back();
    }
    if (detail.empty() || detail == text(failure, "message")) {
        return;
    }
    for (std::size_t at = 0; at < detail.size();) {
        const auto end = std::min(detail.find('\n', at), detail.size());
        std::printf("       %s\n", detail.substr(at, end - at).c_str());
        at = end + 1;
    }
}

namespace {

void print_evidence(const json::array& evidence) {
    constexpr std::size_t kMax = 300;
    for (const auto& one : evidence) {
        std::string data = member(one, "data").is_null() ? "" : json::serialize(member(one, "data"));
        if (data.size() > kMax) {
            data = data.substr(0, kMax) + "… (show --json has all of it)";
        }
        std::printf("       evidence %s %s\n", text(one, "kind").c_str(), data.c_str());
    }
}

void print_step(const json::value& step) {
    const std::string status = text(step, "status");
    std::string line = std::string(" ") + mark(status) + " " + text(step, "id");
    line.resize(std::max<std::size_t>(line.size(), 36), ' ');
    line += " " + painted_status(status);
    if (number(step, "round") > 1) {
        line += " (round " + std::to_string(number(step, "round")) + ")";
    }
    if (status == "running" || status == "waiting" || status == "backing_off") {
        line += ", " + ago(number(step, "since_ms"));
    }
    const auto& progress = member(step, "progress");
    if (progress.is_object()) {
        line += "  " + bar(number(progress, "permille")) + text(progress, "text");
    }
    const auto& failure = member(step, "failure");
    if (failure.is_object() && (status == "failed" || status == "backing_off")) {
        line += "  " + text(failure, "message");
    }
    if (status == "in_doubt") {
        line += "  " + text(step, "doubt");
    }
    std::printf("%s\n", line.c_str());
    if (status == "failed" || status == "backing_off") {
        print_detail(failure);
    }
    if (status == "in_doubt") {
        print_evidence(list(step, "evidence"));
    }
}

/// "3 succeeded, 2 cancelled": a run that is over did not necessarily do what it has behind it.
std::string tally(const json::value& run) {
    std::map<std::string, int> counts;
    for (const auto& step : list(run, "steps")) {
        ++counts[text(step, "status")];
    }
    if (counts.size() < 2 && counts.count("succeeded") != 0) {
        return "";
    }
    std::string out;
    for (const auto& [status, count] : counts) {
        out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + status;
    }
    return out.empty() ? "" : ": " + out;
}

}  // namespace

void print_run(const json::value& run, bool all_steps) {
    std::printf("%s  %s  %s  %lld of %lld steps over%s", text(run, "run").c_str(),
                text(run, "workflow").c_str(), painted_status(text(run, "status")).c_str(),
                static_cast<long long>(number(run, "steps_done")),
                static_cast<long long>(number(run, "steps_total")), tally(run).c_str());
    if (member(run, "quarantined") == json::value(true)) {
        std::printf("  quarantined");
    }
    if (!text(run, "reason").empty()) {
        std::printf("  (%s)", text(run, "reason").c_str());
    }
    std::printf("\n");
    for (const auto& step : list(run, "steps")) {
        const std::string status = text(step, "status");
        if (all_steps || (status != "pending" && status != "succeeded")) {
            print_step(step);
        }
    }
}

void print_preview(const json::value& preview) {
    std::printf("%s: %zu steps\n", text(preview, "workflow").c_str(), list(preview, "steps").size());
    for (const auto& step : list(preview, "steps")) {
        std::string after;
        for (const auto& one : list(step, "depends_on")) {
            const std::string id = one.is_string() ? std::string(one.as_string()) : text(one, "step");
            after += (after.empty() ? "" : ", ") + id;
        }
        std::printf("  %-32s %-16s %s\n", text(step, "id").c_str(), text(step, "kind").c_str(),
                    text(step, "why").c_str());
        if (!after.empty()) {
            std::printf("  %-32s after %s\n", "", after.c_str());
        }
    }
    for (const auto& out : list(preview, "left_out")) {
        std::printf("  left out: %s: %s\n", text(out, "what").c_str(), text(out, "why").c_str());
    }
}

namespace {

std::string acts(const json::value& explanation) {
    std::string out;
    for (const auto& act : list(explanation, "next")) {
        out += (out.empty() ? "" : ", ") + std::string(act.as_string());
    }
    return out;
}

void print_step_explanation(const json::value& e) {
    std::printf("  %s is %s since %s: %s\n", text(e, "step").c_str(),
                painted_status(text(e, "status")).c_str(), ago(number(e, "since_ms")).c_str(),
                text(e, "waits_for").c_str());
    if (!text(e, "comes_next").empty()) {
        const std::string next = text(e, "comes_next");
        std::printf("    then: %s\n", next.starts_with("then ") ? next.c_str() + 5 : next.c_str());
    }
    const auto& failure = member(e, "failure");
    if (failure.is_object()) {
        print_detail(failure);
    }
    print_evidence(list(e, "evidence"));
    if (!acts(e).empty()) {
        std::printf("    you can: %s\n", acts(e).c_str());
    }
}

}  // namespace

void print_explanation(const json::value& e) {
    if (!text(e, "step").empty()) {
        return print_step_explanation(e);
    }
    std::printf("%s\n", text(e, "sentence").c_str());
    if (member(e, "paused") == json::value(true) && text(e, "status") != "paused") {
        std::printf("  it is paused as well: nothing new starts before it is resumed\n");
    }
    for (const auto& step : list(e, "steps")) {
        print_step_explanation(step);
    }
    if (!acts(e).empty()) {
        std::printf("  for the run you can: %s\n", acts(e).c_str());
    }
    if (member(e, "quarantined") == json::value(true)) {
        std::printf("  next: slipway release %s gives it up\n", text(e, "run").c_str());
    }
}

void print_event(const json::value& e) {
    std::string line = clock_time(number(e, "at_ms")) + "  " + text(e, "event");
    line.resize(std::max<std::size_t>(line.size(), 30), ' ');
    line += " " + text(e, "step");
    for (const char* key :
         {"decision", "verdict", "status", "by", "role", "note", "evidence", "reason", "why"}) {
        const bool again = (key == std::string("reason") || key == std::string("why")) &&
                           text(e, key) == text(e, "note");  // the note by another name
        if (!text(e, key).empty() && !again) {
            line += std::string("  ") + key + "=" + text(e, key);
        }
    }
    if (text(e, "event") == "approve_all_set" && member(e, "on") == json::value(false)) {
        line += "  off";
    }
    std::string roles;
    for (const auto& role : list(e, "roles")) {
        roles += (roles.empty() ? "  roles=" : ",") + std::string(role.as_string());
    }
    line += roles;
    const auto& failure = member(e, "failure");
    if (failure.is_object()) {
        line += "  " + text(failure, "message");
    }
    std::printf("%5lld  %s\n", static_cast<long long>(number(e, "seq")), line.c_str());
    print_detail(failure);
}

}  // namespace cli
