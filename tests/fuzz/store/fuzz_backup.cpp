// Any bytes as the manifest of a backup, as a secret reference, and as a record to be sealed anew.
#include <cstdlib>
#include <memory>

#include "engine/codec/reseal.hpp"
#include "engine/store/backup_files.hpp"

namespace {

class OneKey final : public slipway::KeyProvider {
public:
    slipway::Result<slipway::Key> current() override { return slipway::Key{"one", {}}; }
    slipway::Result<slipway::Key> find(std::string_view id) override {
        if (id != "one") {
            return slipway::environment_error(slipway::ErrorCode::kKey, "another key");
        }
        return current();
    }
};

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace slipway;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto manifest = store::decode_manifest(bytes)) {
        check(store::decode_manifest(store::encode_manifest(*manifest)).has_value());
        for (const auto& file : manifest->files) {
            check(file.name.find("..") == std::string::npos && file.name.front() != '/');
        }
    }
    if (const auto reference = parse_secret_reference(bytes)) {
        const auto again = parse_secret_reference("secret://" + reference->provider + "/" + reference->name);
        check(again && again->provider == reference->provider && again->name == reference->name);
    }
    static const Sealer sealer(std::make_shared<OneKey>());
    const RunId run("run");
    for (const auto& fresh : {codec::reseal_slices(run, bytes, sealer), codec::reseal_run(run, bytes, sealer),
                              codec::reseal_blob(Digest{}, bytes, sealer)}) {
        check(!fresh || !*fresh);  // nothing here was sealed with a key that is known
    }
    return 0;
}
