#include "steps/policy/opa.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <fstream>

namespace slipway::policy {
namespace {

constexpr std::size_t kOutputMax = std::size_t{8} << 20U;
constexpr std::size_t kFindingsMax = 1000;
constexpr std::array<std::string_view, 3> kRules = {"deny", "violation", "warn"};

bool is_rule(std::string_view name) {
    return std::find(kRules.begin(), kRules.end(), name) != kRules.end();
}

void add_error(PolicyReport& report, const std::string& policy, const std::string& why) {
    add(report, {policy, PolicyVerdict::kError, why});
}

// What one rule found: a text, {"msg"} or {"message"}, anything else as it is written.
std::string message_of(const json::value& value) {
    if (value.is_string()) {
        return text(value.get_string());
    }
    if (value.is_object()) {
        for (const char* key : {"msg", "message"}) {
            const auto* found = value.get_object().if_contains(key);
            if (found != nullptr && found->is_string()) {
                return text(found->get_string());
            }
        }
    }
    return json::serialize(value);
}

class Reader {
public:
    Reader(const std::string& policy, PolicyReport& report) : policy_(policy), report_(report) {}

    bool read(const json::object& package) {
        for (const auto& [key, value] : package) {
            const std::string_view name(key.data(), key.size());
            if (is_rule(name)) {
                if (!rule(name, value)) {
                    return false;
                }
            } else if (value.is_object() && !read(value.get_object())) {
                return false;
            }
        }
        return true;
    }

private:
    bool rule(std::string_view name, const json::value& value) {
        const auto verdict = name == "warn" ? PolicyVerdict::kWarned : PolicyVerdict::kDenied;
        if (value.is_bool()) {
            if (value.get_bool()) {
                found(verdict, std::string(name));
            }
            return true;
        }
        if (value.is_string()) {
            found(verdict, message_of(value));
            return true;
        }
        if (value.is_array()) {
            for (const auto& item : value.get_array()) {
                found(verdict, message_of(item));
            }
            return true;
        }
        if (value.is_object()) {
            for (const auto& [key, item] : value.get_object()) {
                found(verdict, std::string(key.data(), key.size()) + ": " + message_of(item));
            }
            return true;
        }
        return false;
    }
    void found(PolicyVerdict verdict, std::string message) {
        if (report_.findings.size() < kFindingsMax) {
            add(report_, {policy_, verdict, std::move(message)});
        }
    }

    const std::string& policy_;
    PolicyReport& report_;
};

const json::object* value_of(const json::value& root) {
    const auto* result = root.is_object() ? root.get_object().if_contains("result") : nullptr;
    if (result == nullptr || !result->is_array() || result->get_array().size() != 1) {
        return nullptr;
    }
    const auto& first = result->get_array()[0];
    const auto* expressions = first.is_object() ? first.get_object().if_contains("expressions") : nullptr;
    if (expressions == nullptr || !expressions->is_array() || expressions->get_array().size() != 1) {
        return nullptr;
    }
    const auto& expression = expressions->get_array()[0];
    const auto* value = expression.is_object() ? expression.get_object().if_contains("value") : nullptr;
    return value == nullptr ? nullptr : value->if_object();
}

Result<void> write_rules(const std::string& file, const std::string& contents) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << contents;
    out.close();
    return out ? Result<void>() : Result<void>(environment_error(ErrorCode::kIo, "cannot write " + file));
}

Result<void> run_one(process::Tools& tools, const PolicyOptions& options, const std::string& program,
                     const std::string& input, std::size_t index, const RegoPolicy& policy,
                     PolicyReport& report) {
    SLIPWAY_TRY(const std::string here, tools.folder());
    process::ToolRun run;
    run.name = "opa-" + std::to_string(index);
    const std::string file = here + "/" + run.name + ".rego";
    SLIPWAY_CHECK(write_rules(file, policy.contents));
    run.program = program;
    // Without the strict flag a rule whose builtin fails is as if it had not fired.
    run.argv = {"opa",     "eval",      "--format", "json", "--strict-builtin-errors",
                "--input", "/dev/fd/3", "--data",   file,   "data"};
    run.fds = {{3, input}};
    run.time_limit_ms = options.opa_limit_ms;
    run.output_max = kOutputMax;
    const auto output = tools.run(run);
    if (!output && output.error().code == ErrorCode::kStopped) {
        return output.error();
    }
    if (!output) {
        add_error(report, policy.name, output.error().message);
    } else if (read_opa(*output, policy.name, report)) {
        ++report.evaluated;
    }
    return {};
}

}  // namespace

bool has_rules(std::string_view rego) {
    const auto is_word = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
    };
    for (const auto name : kRules) {
        for (auto at = rego.find(name); at != std::string_view::npos; at = rego.find(name, at + 1)) {
            const auto end = at + name.size();
            const bool begins = at == 0 || !is_word(rego[at - 1]);
            if (begins && (end == rego.size() || !is_word(rego[end]))) {
                return true;
            }
        }
    }
    return false;
}

bool read_opa(std::string_view output, const std::string& policy, PolicyReport& report) {
    const auto root = parse_json(output, "what opa put out");
    if (!root) {
        add_error(report, policy, root.error().message);
        return false;
    }
    const auto* value = value_of(*root);
    if (value == nullptr) {
        add_error(report, policy, "opa gave no result");
        return false;
    }
    if (!Reader(policy, report).read(*value)) {
        add_error(report, policy, "a rule is neither a set, a list, a text nor true or false");
        return false;
    }
    return true;
}

Result<void> run_rego(process::Tools& tools, const PolicyOptions& options, const ChangeSet& set,
                      const std::vector<RegoPolicy>& policies, PolicyReport& report) {
    if (policies.empty()) {
        return {};
    }
    const auto program = process::find_tool(
        "opa", options.tool_dirs, "install opa and put it into PATH, or name its folder to the host");
    const auto input = json::serialize(rego_input(set));
    std::size_t index = 0;
    for (const auto& policy : policies) {
        if (!has_rules(policy.contents)) {
            add(report,
                {policy.name, PolicyVerdict::kNotEvaluated, "it has no rule deny, violation or warn"});
        } else if (!program) {
            add(report, {policy.name, PolicyVerdict::kNotEvaluated, program.error().message});
        } else {
            SLIPWAY_CHECK(run_one(tools, options, *program, input, index, policy, report));
        }
        ++index;
    }
    return {};
}

}  // namespace slipway::policy
