#include "slipway/ids.hpp"

#include <algorithm>

namespace slipway {
namespace {

constexpr std::size_t kIdLengthMax = 200;

constexpr bool is_id_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '/' || c == '-';
}

}  // namespace

bool is_valid_id(std::string_view text) {
    return !text.empty() && text.size() <= kIdLengthMax && std::all_of(text.begin(), text.end(), is_id_char);
}

}  // namespace slipway
