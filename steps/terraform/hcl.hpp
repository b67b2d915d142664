// Values as text of Terraform's own language: variable files that are handed over by a descriptor have no
// name that ends in .json, so they are read as this.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "slipway/result.hpp"

namespace slipway::terraform {

/// A quoted string whose value is exactly `text`: no template in it is ever evaluated.
std::string hcl_quote(std::string_view text);
/// A literal expression with the value of `value`.
std::string hcl_literal(const boost::json::value& value);
/// `name = value` lines; an authoring error for a name that no variable can have.
Result<std::string> hcl_assignments(const boost::json::object& values);

}  // namespace slipway::terraform
