// Any bytes may stand in a state file after a crash, and in a kept state: whole or kCorrupt, never half.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "steps/terraform/plan_mask.hpp"
#include "steps/terraform/state_file.hpp"
#include "steps/terraform/states.hpp"

using namespace slipway;
using namespace slipway::terraform;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto state = read_state(bytes);
        state && (state->lineage.empty() || state->sha256.size() != 64)) {
        std::abort();
    }
    PlanMask mask;
    mask.add_text("hunter2-hunter2");
    if (const auto outputs = outputs_of(bytes, mask); outputs && outputs->json.empty()) {
        std::abort();
    }
    if (const auto kept = decode_kept(bytes)) {
        const auto again = decode_kept(encode_kept(*kept));
        if (!again || *again != *kept) {
            std::abort();
        }
    }
    return 0;
}
