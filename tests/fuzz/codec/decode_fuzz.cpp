// Any bytes into every decoder. The first byte chooses which; what decodes must encode and decode again to
// the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/codec/admission_codec.hpp"
#include "engine/codec/event_codec.hpp"
#include "engine/codec/run_codec.hpp"
#include "engine/codec/workflow_codec.hpp"

namespace {

using namespace slipway;

const RunId kRun("run");

void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void slice(std::string_view bytes) {
    const auto events = codec::decode_slice(kRun, bytes, {});
    if (!events || events->empty()) {
        return;
    }
    const auto again = codec::encode_slice(kRun, *events, {});
    if (again) {
        const auto back = codec::decode_slice(kRun, *again, {});
        must(back.has_value() && back->size() == events->size());
    }
}

void run(std::string_view bytes) {
    const auto state = codec::decode_run(kRun, bytes, {});
    if (state) {
        const auto again = codec::encode_run(*state, {});
        must(again.has_value());
        const auto back = codec::decode_run(kRun, *again, {});
        must(back.has_value() && *back == *state);
    }
}

void spec(std::string_view bytes) {
    auto decoded = codec::decode_spec(bytes);
    if (decoded) {
        must(codec::encode_spec(*decoded) == bytes);
        (void)Workflow::build(std::move(*decoded));
    }
}

void others(std::string_view bytes) {
    if (const auto summary = codec::decode_summary(bytes)) {
        must(codec::encode_summary(*summary) == bytes);
    }
    if (const auto state = codec::decode_admission(bytes)) {
        const auto back = codec::decode_admission(codec::encode_admission(*state));
        must(back.has_value() && *back == *state);
    }
    if (const auto events = codec::decode_admission_events(bytes); events && !events->empty()) {
        must(codec::encode_admission_events(*events) == bytes);
    }
    (void)codec::open_blob(Digest{}, bytes, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 's':
            slice(bytes);
            break;
        case 'r':
            run(bytes);
            break;
        case 'w':
            spec(bytes);
            break;
        default:
            others(bytes);
            break;
    }
    return 0;
}
