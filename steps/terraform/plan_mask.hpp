// Takes secret values out of what people and policies are shown of a plan.
#pragma once

#include <boost/json/fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "slipway/redact.hpp"

namespace slipway::terraform {

inline constexpr std::string_view kMasked = "(sensitive value)";

class PlanMask {
public:
    /// Every text and number inside `value` is secret.
    void add(const boost::json::value& value);
    void add_text(std::string_view text);
    /// Adds what `marks` (Terraform's before_sensitive and its kin) calls sensitive in `value`.
    void add_marked(const boost::json::value& value, const boost::json::value& marks);

    /// Known secrets in any form are blotted out; one too short for that only where it is the whole text.
    std::string text(std::string_view text) const;
    /// Masks what `marks` calls sensitive, then every known secret, in keys as well.
    boost::json::value mask(const boost::json::value& value, const boost::json::value& marks) const;

private:
    Redactor redactor_;
    std::set<std::string, std::less<>> whole_;
};

}  // namespace slipway::terraform
