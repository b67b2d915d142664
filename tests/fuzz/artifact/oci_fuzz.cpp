// OCI documents, image names, challenges and charts of strangers: read or refused, never believed half.
#include <cstdint>
#include <cstdlib>

#include "engine/artifact/chart.hpp"
#include "engine/artifact/http.hpp"
#include "engine/artifact/registry_link.hpp"
#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/oci.hpp"

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace slipway;
    using namespace slipway::lifecycle;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto manifest = parse_manifest(text)) {
        const auto again = parse_manifest(write_manifest(*manifest));
        require(again && *again == *manifest);
        require(!parse_index(text));
    }
    if (const auto index = parse_index(text)) {
        const auto again = parse_index(write_index(*index));
        require(again && *again == *index);
    }
    if (const auto name = parse_image_name(text)) {
        const auto again = parse_image_name(name->str());
        require(again && again->str() == name->str());
    }
    if (const auto input = parse_build_input(text)) {
        const auto again = parse_build_input(write_build_input(*input));
        require(again && *again == *input);
    }
    if (const auto url = artifact::parse_url(text)) {
        require(artifact::parse_url(url->str()).has_value());
    }
    (void)artifact::parse_challenge(text);
    (void)artifact::parse_chart_yaml(text, "Chart.yaml");
    const artifact::HelmIgnore rules(text);
    (void)rules.leaves_out("templates/a.yaml", false);
    return 0;
}
