// What the process tests share: a private folder, requests for shell scripts, waiting, a host that can be
// killed.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "slipway/steps/process.hpp"

namespace kit {

/// A fresh folder, removed at the end; what still runs in its attempts is fenced first.
class Folder {
public:
    Folder();
    ~Folder();
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

slipway::process::ProcessRequest shell(const Folder& folder, const std::string& script,
                                       const std::string& attempt = "attempt");
/// prepare, go, wait for the end.
slipway::process::Inspection run(const slipway::process::ProcessRequest& request);
slipway::process::Inspection wait_end(const std::string& attempt_dir, int timeout_ms = 20'000);
/// prepare and go; fails the test when it cannot.
void start(const slipway::process::ProcessRequest& request);

/// Whether this machine and user can have a fence of this strength; says so when not.
bool has(slipway::process::FenceStrength strength);
void allow(slipway::process::ProcessRequest& request, slipway::process::FenceStrength strength);

bool eventually(const std::function<bool()>& condition, int timeout_ms = 10'000);
std::string read(const std::string& path);
void write(const std::string& path, const std::string& text);
int lines(const std::string& path);
bool alive(int pid);
int number_in(const std::string& path);

/// Starts process_host with SLIPWAY_CRASH_AT (may be empty); returns its pid.
pid_t host(const std::string& attempt_dir, const std::string& script, const std::string& crash_at,
           const std::string& fence = "");
/// Waits for it; its wait status.
int join(pid_t pid);

}  // namespace kit
