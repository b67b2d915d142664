// What the daemon says of itself, on standard error: alarms, what operators did, what was refused.
#pragma once

#include <string>

namespace host {

enum class LogAs { kInfo, kWarning, kError };

/// One line, with its time. Control characters are replaced, so that nobody writes a line of his own. Never a
/// request's body: it may hold secrets.
void log_line(LogAs as, const std::string& text);

}  // namespace host
