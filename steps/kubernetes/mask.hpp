// Takes secret values out of what people and policies are shown.
#pragma once

#include <boost/json/value.hpp>
#include <set>
#include <string>
#include <string_view>

#include "slipway/executor.hpp"
#include "slipway/redact.hpp"

namespace slipway::kubernetes {

inline constexpr std::string_view kMasked = "(sensitive value)";

class Mask {
public:
    void add_text(std::string_view text);
    /// Every text and number inside `value` is secret.
    void add(const boost::json::value& value);
    /// What a Secret holds, as it is written and decoded.
    void add_secret_object(const boost::json::object& object);

    /// Known secrets in any form are blotted out; one too short for that only where it is the whole text.
    std::string text(std::string_view text) const;
    boost::json::value value(const boost::json::value& value) const;

private:
    Redactor redactor_;
    std::set<std::string, std::less<>> whole_;
};

/// Replaces every {"$secret": "reference"} in `value` by the secret, which `mask` then knows.
Result<void> resolve_secrets(boost::json::value& value, AttemptContext& context, Mask& mask);

std::string decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

}  // namespace slipway::kubernetes
