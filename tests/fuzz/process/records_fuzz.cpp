// Any bytes may stand in an attempt's directory: what is taken for a record is a whole one.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "steps/process/json_complete.hpp"
#include "steps/process/records.hpp"

using namespace slipway;
using namespace slipway::process;

namespace {

bool is_refusal(const Error& error) {
    return error.code == ErrorCode::kCorrupt || error.code == ErrorCode::kUnsupportedFormat;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const bool complete = is_complete_json_object(bytes);
    const auto started = parse_started(bytes);
    const auto exit = parse_exit(bytes);
    if ((started || exit) && !complete) {
        std::abort();
    }
    if ((!started && !is_refusal(started.error())) || (!exit && !is_refusal(exit.error()))) {
        std::abort();
    }
    if (started && (started->supervisor.pid <= 0 || started->child.pid <= 0)) {
        std::abort();
    }
    if (exit && exit->succeeded() && (exit->rc != 0 || !exit->started)) {
        std::abort();
    }
    return 0;
}
