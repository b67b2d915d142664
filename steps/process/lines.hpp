// What a program says, cut into lines as it comes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace slipway::process {

/// A line that grows beyond this is handed over in pieces.
inline constexpr std::size_t kLineMax = std::size_t{64} * 1024;

class Lines {
public:
    using Take = std::function<void(std::string)>;

    /// Calls `take` for every line that has ended, and for whole pieces of one that is too long. Each byte is
    /// looked at once, however slowly its line comes to an end.
    void add(std::string_view bytes, const Take& take);
    /// What is left, which no end of line has followed.
    void finish(const Take& take);

private:
    std::string partial_;
};

}  // namespace slipway::process
