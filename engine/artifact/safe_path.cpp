#include "engine/artifact/safe_path.hpp"

namespace slipway::artifact {
namespace {

constexpr std::size_t kPathMax = 4096;
constexpr std::size_t kNameMax = 255;

}  // namespace

bool normal_inside(std::string_view path, std::string& out) {
    out.clear();
    if (path.size() > kPathMax || path.starts_with('/') || path.find('\0') != std::string_view::npos) {
        return false;
    }
    std::size_t from = 0;
    while (from <= path.size()) {
        const auto slash = path.find('/', from);
        const auto name = path.substr(from, slash == std::string_view::npos ? slash : slash - from);
        from = slash == std::string_view::npos ? path.size() + 1 : slash + 1;
        if (name.empty() || name == ".") {
            continue;
        }
        // Another system's separator and drive letter would lead out there.
        if (name == ".." || name.size() > kNameMax || name.find('\\') != std::string_view::npos) {
            return false;
        }
        out += (out.empty() ? "" : "/") + std::string(name);
    }
    return true;
}

}  // namespace slipway::artifact
