#include "engine/runtime/mask.hpp"

namespace slipway::runtime {
namespace {

void clear(Payload& payload) {
    if (payload.sensitive) {
        payload.bytes.clear();
    }
}

}  // namespace

void mask(Event& event) {
    std::visit(
        [](auto& body) {
            if constexpr (requires { body.input; }) {
                clear(body.input);
            }
            if constexpr (requires { body.output; }) {
                clear(body.output);
            }
            if constexpr (requires { body.what; }) {
                clear(body.what);
            }
            if constexpr (requires { body.evidence; }) {
                clear(body.evidence.data);
            }
            if constexpr (requires { body.resolution; }) {
                clear(body.resolution.payload);
            }
        },
        event.body);
}

}  // namespace slipway::runtime
