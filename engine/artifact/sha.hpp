// SHA-256 of bytes that come in pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::artifact {

class Sha256 {
public:
    Sha256();
    void add(std::string_view bytes);
    /// Once.
    Digest finish();

private:
    struct State;
    std::shared_ptr<State> state_;
};

struct FileDigest {
    Digest digest;
    std::uint64_t size = 0;
};
Result<FileDigest> sha256_of_file(const std::string& path);

}  // namespace slipway::artifact
