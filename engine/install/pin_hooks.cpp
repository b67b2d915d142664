// Who is asked what a name means now.
#include "slipway/lifecycle/pins.hpp"
#include "slipway/lifecycle/registry_client.hpp"
#include "slipway/lifecycle/source.hpp"

namespace slipway::lifecycle {

PinHooks pin_hooks(RegistryClient& registry, const SourceOptions& options) {
    PinHooks hooks;
    hooks.folder = [&options](const Outside& one) -> Result<SourceFolder> {
        SLIPWAY_TRY(const auto found, checkout(one.place, one.ref, one.directory, options));
        return SourceFolder{found.path, found.content, found.commit};
    };
    if (!options.allow_network) {
        return hooks;
    }
    hooks.image = [&registry](const ImageName& name) -> Result<Digest> {
        SLIPWAY_TRY(const auto found, registry.resolve(name));
        return found.digest;
    };
    hooks.text = large_https_text;
    return hooks;
}

}  // namespace slipway::lifecycle
