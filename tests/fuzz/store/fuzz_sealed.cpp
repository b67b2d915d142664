// Any bytes: nothing that was not sealed opens.
#include <cstdlib>

#include "slipway/secrets.hpp"

namespace {

struct OneKey final : slipway::KeyProvider {
    slipway::Result<slipway::Key> current() override {
        slipway::Key key;
        key.id = "k";
        return key;
    }
    slipway::Result<slipway::Key> find(std::string_view id) override {
        if (id != "k") {
            return slipway::environment_error(slipway::ErrorCode::kKey, "no such key");
        }
        return current();
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const slipway::Sealer sealer(std::make_shared<OneKey>());
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (sealer.open(bytes, "context that nothing was sealed with")) {
        std::abort();
    }
    const auto sealed = sealer.seal(bytes, bytes);
    if (!sealed || sealer.open(*sealed, bytes).value_or("wrong") != bytes) {
        std::abort();
    }
    return 0;
}
