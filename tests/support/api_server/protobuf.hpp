// helm's typed client sends release records in protobuf, not JSON.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string_view>

namespace slipway::test {

/// A Secret, ConfigMap, Namespace or DeleteOptions in Kubernetes' protobuf envelope; nothing for others.
std::optional<boost::json::object> from_protobuf(std::string_view bytes);

std::string base64(std::string_view text);

}  // namespace slipway::test
