#include "slipway/lifecycle/state.hpp"

namespace slipway::lifecycle {

RenderedPage readme_page(const AppVersion& version, const Install& install, const InstallState& state) {
    const std::string& text = version.config.metadata.readme.value;
    const auto known = TemplateState::parse(state_document(version, install, state, true).json);
    if (!known) {
        return {text, {{0, known.error().message, {}}}};
    }
    return render_page(text, *known);
}

}  // namespace slipway::lifecycle
