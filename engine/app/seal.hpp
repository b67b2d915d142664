// What a copy of a source held when it was made, kept beside it, so that who builds from it later can tell.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::app {

/// Files and links of a folder by path: "f", "x" (a program) or "l", and the digest of the content or target.
class Seal {
public:
    void add(char kind, const std::string& path, std::string_view content);
    std::string text() const;

    static Result<Seal> of_folder(const std::string& folder);
    /// The first path that is not the same; empty when they are equal.
    std::string difference(const std::string& sealed) const;

private:
    std::map<std::string, std::string> entries_;
};

/// Where the seal of a copy stands.
std::string seal_of(const std::string& copy);

}  // namespace slipway::app
