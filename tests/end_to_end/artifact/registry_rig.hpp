// A real registry on loopback, and the tools that talk to it.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace slipway::test {

/// Absolute path of a real program: $SLIPWAY_TOOLS, out/tools/bin, then the usual folders. Empty, and said
/// once as a part that was left out, when it is nowhere. `outside`: no package has it.
std::string find_part(const std::string& name, bool outside = false);

struct Ran {
    int code = -1;
    std::string output;  ///< both streams
};
/// Nothing but `env` and PATH in the environment.
Ran run_program(const std::vector<std::string>& argv, const std::string& cwd,
                const std::map<std::string, std::string>& env = {});

class RealRegistry {
public:
    /// Null where there is no docker-registry. `password`: of the user "ana"; empty: no authentication.
    static std::unique_ptr<RealRegistry> start(const std::string& folder, bool with_password = false);
    ~RealRegistry();
    RealRegistry(const RealRegistry&) = delete;
    RealRegistry& operator=(const RealRegistry&) = delete;
    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    RealRegistry(pid_t pid, int port) : pid_(pid), port_(port) {}
    pid_t pid_;
    int port_;
};

}  // namespace slipway::test
