// YAML of manifests and charts as JSON, read as kubectl and helm read it (YAML 1.1 scalars: "yes" is true).
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::kubernetes {

inline constexpr std::size_t kMaxYaml = 16ULL * 1024 * 1024;

/// All documents of a stream; empty ones are left out. Authoring errors name the document. Aliases are
/// followed as long as what they unfold to stays within bounds.
Result<std::vector<boost::json::value>> parse_yaml(std::string_view text, std::string_view what);

/// The documents of a stream as text, without the separators and without those that hold nothing.
std::vector<std::string> split_yaml(std::string_view text);

/// A plain scalar by the rules of YAML 1.1, as go-yaml applies them.
boost::json::value plain_scalar(const std::string& text);

}  // namespace slipway::kubernetes
