// The whole engine on one thread: clock, disk, executors and operators are simulated, and one number decides
// everything.
#pragma once

#include <cstdint>
#include <string>

namespace slipway::simulation {

struct Report {
    std::string broken;  ///< the promise, and how; empty: none
    std::uint64_t events = 0;
    std::uint64_t crashes = 0;
    std::uint64_t runs = 0;
    std::uint64_t child_runs = 0;
    std::uint64_t let_go = 0;
    std::uint64_t turns = 0;
    std::uint64_t trace = 0;  ///< the same for the same seed
};

Report simulate(std::uint64_t seed, bool tell);

}  // namespace slipway::simulation
