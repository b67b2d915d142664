// All executors of ours, run through the kit with real tools; the table in the README is compared with what
// came out.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/conformance/executor/candidates.hpp"

namespace slipway::testing {
namespace {

using Row = std::map<std::string, std::string>;  // column -> cell
using Table = std::map<std::string, Row>;        // rule -> row

std::vector<Candidate> all_candidates() {
    std::vector<Candidate> all;
    for (const auto& family : {simulated_candidates, action_candidates, terraform_candidates,
                               cluster_candidates, build_candidates}) {
        for (auto& one : family()) {
            all.push_back(std::move(one));
        }
    }
    return all;
}

// $SLIPWAY_KIT: "all" rules of everything, or those executors whose name has it in it.
bool is_chosen(const Candidate& candidate) {
    const char* wish = std::getenv("SLIPWAY_KIT");
    return wish == nullptr || std::string(wish) == "all" || candidate.column.find(wish) != std::string::npos;
}

ConformanceOptions options_of(const Candidate& candidate) {
    auto options = candidate.options;
    if (candidate.is_slow && std::getenv("SLIPWAY_KIT") == nullptr) {
        options.only = {"crash_before_report", "cancel"};
    }
    return options;
}

std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> out;
    std::istringstream in(line);
    std::string cell;
    std::getline(in, cell, '|');
    while (std::getline(in, cell, '|')) {
        const auto from = cell.find_first_not_of(" `");
        const auto to = cell.find_last_not_of(" `");
        out.push_back(from == std::string::npos ? "" : cell.substr(from, to - from + 1));
    }
    return out;
}

// The table below the line that says so.
Table table_of_readme() {
    Table table;
    std::vector<std::string> columns;
    std::istringstream in(content_of("README.md"));
    for (std::string line; std::getline(in, line);) {
        const auto parts = cells(line);
        if (line.starts_with("| rule ")) {
            columns = parts;
        } else if (columns.empty() || line.starts_with("|--") || line.starts_with("|:-")) {
            continue;
        } else if (!line.starts_with('|')) {
            break;
        } else {
            for (std::size_t i = 1; i < parts.size() && i < columns.size(); ++i) {
                table[parts[0]][columns[i]] = parts[i];
            }
        }
    }
    return table;
}

std::string cell_of(const RuleResult& result) {
    switch (result.standing) {
        case RuleStanding::kPassed:
            return result.doubts > 0 ? "doubt" : "yes";
        case RuleStanding::kFailed:
            return "NO";
        case RuleStanding::kNotApplicable:
            break;
    }
    return "-";
}

// Where the README admits a doubt there need not be one each time; elsewhere there must be none.
bool fits(const std::string& said, const std::string& seen) {
    return said == seen || (said == "doubt" && seen == "yes");
}

}  // namespace

TEST_CASE("every executor of ours passes the kit, and the README says what it found") {
    const auto said = table_of_readme();
    CHECK(said.size() == executor_rules().size());
    for (const auto& candidate : all_candidates()) {
        if (!candidate.fresh || !is_chosen(candidate)) {
            continue;
        }
        const auto report = check_executor(candidate.fresh, options_of(candidate));
        const std::string text = candidate.column + ": " + report.text();
        std::fputs(text.c_str(), stdout);
        CHECK_MESSAGE(report.passed(), text);
        for (const auto& result : report.rules) {
            const auto row = said.find(result.rule);
            const auto cell = row == said.end() ? Row::const_iterator() : row->second.find(candidate.column);
            const bool there = row != said.end() && cell != row->second.end();
            const std::string claim = there ? cell->second : "nothing";
            const std::string what = "README, " + result.rule + " of " + candidate.column + ": it says " +
                                     claim + ", found " + cell_of(result) + " (" + result.reason + ")";
            CHECK_MESSAGE(fits(claim, cell_of(result)), what);
        }
    }
}

}  // namespace slipway::testing
