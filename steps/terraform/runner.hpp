// Runs Terraform's commands for one attempt, each under a supervisor of its own in a directory of its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "slipway/steps/process.hpp"
#include "steps/terraform/journal.hpp"
#include "steps/terraform/plan_mask.hpp"
#include "steps/terraform/shop.hpp"
#include "steps/terraform/workdir.hpp"

namespace slipway::terraform {

struct Command {
    std::string name;               ///< init, plan, show, apply: also the name of its directory
    std::vector<std::string> args;  ///< behind the name
    bool with_variables = false;
    bool is_apply = false;     ///< its output is a journal, and its state is copied as it changes
    bool is_secret = false;    ///< its output is not for the log
    std::string command = {};  ///< what Terraform is told, where it is not the name
};

/// `mask` must know every secret before the first command. Blocking; in the attempt's own thread.
class Runner {
public:
    Runner(Shop& shop, AttemptContext& context, Live& live, AttemptPaths paths, const PlanMask& mask)
        : shop_(shop), context_(context), live_(live), paths_(std::move(paths)), mask_(mask) {}

    void use(TerraformTool tool, std::map<std::string, std::string> env, std::vector<std::string> variables);

    Result<process::Prepared> prepare(const Command& command);
    /// Waits for its end, with the log and the progress of what it prints. kStopped when this process is
    /// stopping: then nothing was ended, and nothing must be concluded.
    Result<process::Inspection> wait(const std::string& name, bool is_secret);
    /// Both, with go().
    Result<process::Inspection> run(const Command& command);

    /// All of standard output; kLimit when it was cut.
    Result<std::string> output(const std::string& name) const;
    std::string error_tail(const std::string& name) const;
    const AttemptPaths& paths() const { return paths_; }

private:
    process::ProcessRequest request(const Command& command) const;
    void pass_on_cancel(const std::string& dir, int& passed);
    void tell(std::string_view line, bool is_journal);

    Shop& shop_;
    AttemptContext& context_;
    Live& live_;
    AttemptPaths paths_;
    const PlanMask& mask_;
    TerraformTool tool_;
    std::map<std::string, std::string> env_;
    std::vector<std::string> variables_;
};

/// The end of a stream as text for people, at most `bytes`.
std::string tail_of(std::string_view text, std::size_t bytes);

}  // namespace slipway::terraform
