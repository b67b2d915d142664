#include "timeline.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <map>

#include "client.hpp"
#include "print.hpp"

namespace cli {

namespace {

struct Line {
    std::int64_t started = 0;
    std::int64_t ended = 0;
    std::int64_t attempts = 0;
    std::string status;
    std::string result;
};

bool ends_step(const std::string& event) {
    return event == "step_succeeded" || event == "step_failed" || event == "step_in_doubt" ||
           event == "step_skipped" || event == "step_cancelled";
}

void take(Line& line, const json::value& event) {
    const std::string name = text(event, "event");
    const std::int64_t at = number(event, "at_ms");
    if (name == "attempt_started" || name == "step_waiting") {
        if (line.started == 0) {
            line.started = at;
        }
        line.attempts += name == "attempt_started" ? 1 : 0;
        line.ended = 0;
    } else if (name == "gate_decided") {
        line.result = text(event, "decision") + " by " + text(event, "by");
    } else if (ends_step(name)) {
        if (line.started == 0) {
            line.started = at;
        }
        line.ended = at;
        line.status = name.substr(5);
    }
    const auto& failure = member(event, "failure");
    if (failure.is_object()) {
        line.result = text(failure, "message");
    }
    if (name == "step_in_doubt" || name == "step_skipped") {
        line.result = text(event, "reason");
    }
}

std::string result_of(const json::value& step) {
    const auto& output = member(step, "output");
    if (!output.is_object()) {
        return "";
    }
    const auto& summary = member(output, "summary");
    if (summary.is_object()) {
        const std::string found = counts(summary);
        return found.empty() ? "nothing to change" : found;
    }
    if (member(output, "sensitive") == json::value(true)) {
        return "put out something secret";
    }
    const auto& outputs = member(output, "outputs");
    std::string names;
    if (outputs.is_object()) {
        for (const auto& [key, value] : outputs.as_object()) {
            names += (names.empty() ? "" : ", ") + std::string(key);
        }
    }
    return names.empty() ? "" : "put out " + names;
}

std::map<std::string, Line> lines_of(const json::array& events) {
    std::map<std::string, Line> lines;
    for (const auto& event : events) {
        const std::string step = text(event, "step");
        if (!step.empty()) {
            take(lines[step], event);
        }
    }
    return lines;
}

}  // namespace

json::array timeline_of(const json::value& run, const json::array& events) {
    const auto lines = lines_of(events);
    std::vector<json::object> found;
    for (const auto& step : list(run, "steps")) {
        const auto it = lines.find(text(step, "id"));
        if (it == lines.end() || it->second.started == 0) {
            continue;
        }
        const Line& line = it->second;
        const std::string result = line.result.empty() ? result_of(step) : line.result;
        found.push_back(json::object{{"step", it->first},
                                     {"kind", text(step, "kind")},
                                     {"title", text(step, "title")},
                                     {"started_ms", line.started},
                                     {"ended_ms", line.ended},
                                     {"attempts", line.attempts},
                                     {"rounds", number(step, "round")},
                                     {"status", text(step, "status")},
                                     {"result", result}});
    }
    std::stable_sort(found.begin(), found.end(), [](const json::object& a, const json::object& b) {
        return number(a, "started_ms") < number(b, "started_ms");
    });
    return json::array(found.begin(), found.end());
}

void print_timeline(const json::value& run, const json::array& lines) {
    const std::int64_t begun = number(run, "started_ms");
    const std::int64_t over = number(run, "finished_ms");
    std::printf("%s  %s%s%s\n", text(run, "run").c_str(), text(run, "status").c_str(),
                over > 0 ? " after " : "", over > 0 ? duration(over - begun).c_str() : "");
    for (const auto& line : lines) {
        const std::int64_t started = number(line, "started_ms");
        const std::int64_t ended = number(line, "ended_ms");
        std::string extra;
        if (number(line, "rounds") > 1) {
            extra += "  round " + std::to_string(number(line, "rounds"));
        }
        if (number(line, "attempts") > 1) {
            extra += "  " + std::to_string(number(line, "attempts")) + " attempts";
        }
        std::printf("  +%7s  %8s  %s %-40s %s%s\n", duration(started - begun).c_str(),
                    ended > 0 ? duration(ended - started).c_str() : "", mark(text(line, "status")),
                    text(line, "title").c_str(), text(line, "result").c_str(), extra.c_str());
    }
}

}  // namespace cli
