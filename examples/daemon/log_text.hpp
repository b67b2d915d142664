// Pages of a log that programs printed: whatever bytes they wrote, a page is text.
#pragma once

#include <string>

namespace host {

/// How much of `bytes` is a page: all but a character at the end whose rest may still come. `last`: nothing
/// comes behind them any more.
std::size_t page_size(const std::string& bytes, bool last);

/// The same with U+FFFD for every byte that is no UTF-8.
std::string as_utf8(const std::string& bytes);

}  // namespace host
