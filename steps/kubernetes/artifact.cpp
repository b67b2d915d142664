#include "steps/kubernetes/artifact.hpp"

#include <filesystem>

namespace slipway::kubernetes {

namespace fs = std::filesystem;

Result<std::string> unpack_artifact(process::Tools& tools, const ClusterOptions& options,
                                    const std::string& artifact) {
    if (!options.unpack) {
        return environment_error(ErrorCode::kUnsupported,
                                 "this host deploys nothing that was built: it cannot unpack " + artifact);
    }
    SLIPWAY_TRY(const auto folder, tools.folder());
    const auto place = folder + "/artifact";
    std::error_code code;
    if (fs::exists(place, code)) {
        return place;  // a later host goes on; the name is given to what is whole
    }
    const auto half = folder + "/artifact.part";
    fs::remove_all(half, code);
    SLIPWAY_CHECK(options.unpack(artifact, half));
    fs::rename(half, place, code);
    return code ? Result<std::string>(environment_error(ErrorCode::kIo, "cannot make " + place))
                : Result<std::string>(place);
}

}  // namespace slipway::kubernetes
