// What the build of a Dockerfile would take from elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::image {

/// In order, each once: images of FROM and COPY --from that are neither `scratch` nor a stage, places of ADD,
/// and RUN, which may fetch anything. What a variable stands for is not known and counts.
std::vector<std::string> dockerfile_fetches(std::string_view text);

}  // namespace slipway::image
