// Any text may stand where a template is expected.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "slipway/lifecycle/templates.hpp"

using namespace slipway::lifecycle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kState = TemplateState::parse(
        R"({"nuon": {"id": "i", "inputs": {"inputs": {"a": "1"}}, "components": {"db": {"outputs": {"l": [1, 2], "n": null}}}}})");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const bool is = is_template(text);
    const auto strict =
        render(text, *kState, "x", {.max_output_bytes = 1U << 16U, .max_work_bytes = 1U << 20U});
    const auto lenient = render(
        text, *kState, "x", {.lenient = true, .max_output_bytes = 1U << 16U, .max_work_bytes = 1U << 20U});
    if (!is && (!strict || *strict != text)) {
        std::abort();
    }  // passes through byte for byte
    // Lenient only ever allows more, and may do more for it.
    if (strict && !lenient && lenient.error().message.find("more than") == std::string::npos) {
        std::abort();
    }
    if (strict && strict->size() > (1U << 16U) && is) {
        std::abort();
    }
    if (strict && !check_template(text).empty()) {
        // An unknown function in a branch that was not taken is found by the check alone.
        if (text.find("if") == text.npos && text.find("range") == text.npos &&
            text.find("with") == text.npos && text.find("and") == text.npos && text.find("or") == text.npos) {
            std::abort();
        }
    }
    for (const auto& reference : find_references(text)) {
        if (reference.offset >= size) {
            std::abort();
        }
    }
    return 0;
}
