// One place that reads arguments for both programs: whatever is wrong with them ends with the same code, and
// says what to do next.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <iosfwd>
#include <optional>

namespace host {

/// How both programs end. The README has the list.
enum Exit : int {
    kDone = 0,
    kFailed = 1,    ///< what was asked for was refused, failed, or ended otherwise than well
    kNotAsked = 2,  ///< wrong arguments, nobody to ask, nothing to look at
    kWaits = 3,     ///< not all of it is done yet: somebody has to act
};

/// Nothing: go on. Otherwise the program's exit code: kDone after --help, printed to `out`; kNotAsked when
/// the arguments are wrong, which `err` is told. No exception leaves.
std::optional<int> parse_arguments(CLI::App& app, int argc, const char* const* argv, std::ostream& out,
                                   std::ostream& err);

/// Runs it; an exception that nobody expected becomes words and kNotAsked.
int run_guarded(const char* program, const std::function<int()>& body, std::ostream& err);

}  // namespace host
