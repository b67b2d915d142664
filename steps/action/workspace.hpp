// The private folders of one attempt of an action:
//   action-<fence>/ work/ home/ tmp/ scripts/ outputs/<i> source-<i>/ run-<i>[.<n>]/ check-<n>/
#pragma once

#include <string>

#include "slipway/result.hpp"
#include "slipway/steps/process.hpp"
#include "steps/action/environment.hpp"
#include "steps/action/input.hpp"

namespace slipway::action {

class Workspace {
public:
    Workspace() = default;
    explicit Workspace(std::string root) : root_(std::move(root)) {}

    /// Makes the folders; all of it exists already when an attempt is taken over.
    Result<void> make() const;
    Places places(std::size_t index) const;
    std::string outputs_file(std::size_t index) const { return root_ + "/outputs/" + std::to_string(index); }
    /// A directory name that was not used yet, for process::prepare.
    std::string free_run_dir(const std::string& stem) const;

    /// Fills program, argv, cwd and env for a script: its source copied, its contents written.
    Result<void> lay_out(const Input& input, std::size_t index, Environment env,
                         process::ProcessRequest& request) const;
    /// The same for a text without a place in the action.
    Result<void> lay_out_check(const std::string& text, Environment env,
                               process::ProcessRequest& request) const;

private:
    Result<std::string> write_script(const std::string& name, const std::string& text) const;
    Result<std::string> folder_of(const Input& input, std::size_t index) const;

    std::string root_;
};

}  // namespace slipway::action
