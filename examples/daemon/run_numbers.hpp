// The numbers of runs that this host named. A number is given once, even when retention has erased the run:
// what the run reported, and its idempotency keys, are still known by its name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "slipway/result.hpp"

namespace host {

/// Not thread-safe.
class RunNumbers {
public:
    /// `file` (0600) is made with the first number. kCorrupt when it is not what was written.
    static slipway::Result<RunNumbers> open(std::string file);
    RunNumbers() = default;

    /// The last one given; 0: none.
    std::uint64_t last(const std::string& stem) const;
    /// Durable when it returns.
    slipway::Result<void> give(const std::string& stem, std::uint64_t number);

private:
    std::string file_;
    std::map<std::string, std::uint64_t> last_;
};

/// The N of "STEM-N", 0 when `run` is not so named.
std::uint64_t run_number(std::string_view stem, std::string_view run);

}  // namespace host
