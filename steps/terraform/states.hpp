// A kept state as one JSON text, and the names under which the directory keeps it.
#pragma once

#include <string>
#include <string_view>

#include "slipway/steps/terraform.hpp"

namespace slipway::terraform {

std::string encode_kept(const TerraformState& state);
Result<TerraformState> decode_kept(std::string_view text);

/// A key as the name of a folder: one to one.
std::string folder_of(std::string_view key);

}  // namespace slipway::terraform
