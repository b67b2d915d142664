#include "steps/process/lines.hpp"

#include <algorithm>
#include <utility>

namespace slipway::process {

void Lines::add(std::string_view bytes, const Take& take) {
    while (!bytes.empty()) {
        // What is kept from before holds no end of a line, so only the new bytes are searched.
        const std::size_t room = std::min(kLineMax - partial_.size(), bytes.size());
        const std::size_t end = bytes.substr(0, room).find('\n');
        partial_ += bytes.substr(0, std::min(end, room));
        bytes.remove_prefix(end == std::string_view::npos ? room : end + 1);
        if (end != std::string_view::npos || partial_.size() >= kLineMax) {
            take(std::exchange(partial_, {}));
        }
    }
}

void Lines::finish(const Take& take) {
    if (!partial_.empty()) {
        take(std::exchange(partial_, {}));
    }
}

}  // namespace slipway::process
