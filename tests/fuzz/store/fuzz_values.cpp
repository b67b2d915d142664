// Any bytes as a value of the database: what decodes has that one spelling, everything else is refused.
#include <cstdlib>

#include "engine/store/rocksdb_keys.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace slipway;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto head = store::decode_partition(0, bytes);
    if (head && store::encode_partition(*head) != bytes) {
        std::abort();
    }
    if (const auto run = store::decode_run("run", bytes)) {
        const RunCheckpoint checkpoint{run->run, run->tick, run->state, run->summary, run->finished};
        const auto history_bytes = store::history_bytes_of("run", bytes);
        const bool with_state = history_bytes && run->bytes == *history_bytes + run->state.size();
        if (!history_bytes || (with_state && store::encode_run(checkpoint, *history_bytes, true) != bytes)) {
            std::abort();
        }
    }
    const RunId id{"run"};
    if (const auto block = store::decode_history(id, store::history_key(id, 9), bytes)) {
        if (block->last_seq != 9 || store::encode_history(*block) != bytes) {
            std::abort();
        }
    }
    if (store::tick_of(bytes).has_value() != (size == 12)) {
        std::abort();
    }
    return 0;
}
