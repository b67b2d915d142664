#include "slipway/ids.hpp"

#include <algorithm>
#include <array>

namespace slipway {
namespace {

constexpr std::size_t kIdLengthMax = 200;

// A table: every commit checks the id of every run in it.
constexpr std::array<bool, 256> make_id_chars() {
    std::array<bool, 256> table{};
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}

constexpr auto kIdChars = make_id_chars();

}  // namespace

bool is_valid_id(std::string_view text) {
    return !text.empty() && text.size() <= kIdLengthMax && std::all_of(text.begin(), text.end(), [](char c) {
        return kIdChars[static_cast<unsigned char>(c)];
    });
}

}  // namespace slipway
