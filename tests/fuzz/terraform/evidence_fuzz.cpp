// Evidence is read back after a crash, maybe by a later version: any bytes give a value that is written the
// same, or nothing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "steps/terraform/apply_attempt.hpp"
#include "steps/terraform/outcome.hpp"

using namespace slipway;
using namespace slipway::terraform;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto armed = decode_armed(bytes)) {
        const auto again = decode_armed(encode_armed(*armed));
        if (!again || *again != *armed) {
            std::abort();
        }
    }
    if (const auto verdict = decode_verdict(bytes)) {
        const auto text = encode_verdict(*verdict);
        const auto again = decode_verdict(text);
        if (!again || encode_verdict(*again) != text) {
            std::abort();
        }
    }
    return 0;
}
