#include "engine/app/spelling.hpp"
#include "slipway/lifecycle/report.hpp"

namespace slipway::lifecycle {

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
    return app::did_you_mean(word, names);
}

}  // namespace slipway::lifecycle
