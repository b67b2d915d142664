// A private folder for one action, and what the tests ask of it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "slipway/steps/action.hpp"
#include "tests/crash/action/context.hpp"

namespace kit {

class Folder {
public:
    Folder();
    ~Folder();
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::string read(const std::string& path);
void write(const std::string& path, const std::string& text);
int lines(const std::string& path);
bool eventually(const std::function<bool()>& condition, int timeout_ms = 10'000);

/// Input with inline scripts named s0, s1, …; `extra` is more JSON members, e.g. "\"retry\":\"safe\"".
std::string input_of(const std::vector<std::string>& scripts, const std::string& extra = "");

/// Carries out the action in a host of its own that dies at `crash_at`; true when it did die by a signal.
bool host_dies(const Folder& folder, const std::string& input, const std::string& crash_at);
pid_t start_host(const Folder& folder, const std::string& input, const std::string& crash_at);

/// What the next host makes of it: reconcile, and attach when told that it is still running. The texts of
/// both.
struct Recovered {
    std::string verdict;
    std::string outcome;  ///< of attach
};
Recovered recover(const Folder& folder, const std::string& input);

/// True when neither a cgroup nor a PID namespace can be had here; says so.
bool only_weak_fence();

/// Runs it here.
std::string run_here(const Folder& folder, const std::string& input, slipway::ActionOptions options = {});

}  // namespace kit
