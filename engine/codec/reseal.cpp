#include "engine/codec/reseal.hpp"

#include "engine/codec/event_codec.hpp"
#include "engine/codec/pack.hpp"
#include "engine/codec/run_codec.hpp"

namespace slipway::codec {
namespace {

Result<std::optional<std::string>> exchange(std::string_view bytes, const std::vector<SealedPart>& parts,
                                            const Sealer& sealer) {
    std::string fresh;
    PackWriter out(fresh);
    std::size_t copied = 0;
    for (const auto& part : parts) {
        PackReader in(bytes.substr(part.at, part.size));
        SLIPWAY_TRY(const auto sealed, sealer.renew(in.blob(), part.place));
        if (sealed) {
            out.raw(bytes.substr(copied, part.at - copied));
            out.blob(*sealed);
            copied = part.at + part.size;
        }
    }
    if (copied == 0) {
        return std::optional<std::string>{};
    }
    out.raw(bytes.substr(copied));
    return std::optional<std::string>{std::move(fresh)};
}

}  // namespace

Result<std::optional<std::string>> reseal_slices(const RunId& run, std::string_view bytes,
                                                 const Sealer& sealer) {
    std::vector<SealedPart> parts;
    SLIPWAY_CHECK(decode_slice(run, bytes, {&sealer, nullptr, &parts}));
    return exchange(bytes, parts, sealer);
}

Result<std::optional<std::string>> reseal_run(const RunId& run, std::string_view bytes,
                                              const Sealer& sealer) {
    std::vector<SealedPart> parts;
    SLIPWAY_CHECK(decode_run(run, bytes, {&sealer, nullptr, &parts}));
    return exchange(bytes, parts, sealer);
}

}  // namespace slipway::codec
