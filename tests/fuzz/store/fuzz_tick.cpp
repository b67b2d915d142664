// Any bytes: the decoder answers, its two forms agree, and what it accepts without a bad slice encodes to the
// same bytes.
#include <cstdlib>

#include "engine/store/tick_record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace slipway;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const std::uint64_t tick : {std::uint64_t{5}, std::uint64_t{7}}) {
        const auto record = store::decode_tick(bytes, tick);
        const bool sound = store::check_tick(bytes, tick).has_value();
        if (!record) {
            continue;
        }
        if (!sound || record->tick != tick) {
            std::abort();
        }
        if (record->bad_runs.empty()) {
            Commit commit;
            commit.expected_tick = tick - 1;
            commit.admission = record->admission;
            commit.runs = record->runs;
            std::string again;
            store::encode_tick(commit, again);
            if (again.size() != size) {
                std::abort();
            }
        }
    }
    return 0;
}
