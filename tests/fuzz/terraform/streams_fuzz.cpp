// Any bytes may stand in the -json stream of a killed Terraform: read the same in one piece and in pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "steps/terraform/journal.hpp"

using namespace slipway::terraform;

namespace {

bool is_equal(const Journal& a, const Journal& b) {
    const auto same = [](const Operation& x, const Operation& y) {
        return x.address == y.address && x.action == y.action && x.end == y.end && x.id_key == y.id_key &&
               x.id_value == y.id_value;
    };
    return std::equal(a.operations.begin(), a.operations.end(), b.operations.begin(), b.operations.end(),
                      same) &&
           a.errors.size() == b.errors.size() && a.planned == b.planned && a.applied == b.applied &&
           a.lines == b.lines && a.damaged == b.damaged;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = read_journal(bytes);
    JournalReader reader;
    const std::size_t step = size == 0 ? 1 : data[size / 2] % 61 + 1;
    for (std::size_t at = 0; at < size; at += step) {
        reader.feed(bytes.substr(at, step));
    }
    if (!is_equal(whole, reader.journal()) || whole.damaged > whole.lines ||
        whole.ended() > whole.operations.size() || whole.errors.size() > 100) {
        std::abort();
    }
    return 0;
}
