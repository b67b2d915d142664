// An artifact, and a client at a registry that says whatever it is told to.
#pragma once

#include <string>

#include "slipway/lifecycle/registry_client.hpp"
#include "tests/end_to_end/artifact/fake_registry.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;             // NOLINT: tests only
using namespace slipway::lifecycle;  // NOLINT: tests only
using slipway::test::Answer;
using slipway::test::Asked;
using slipway::test::FakeRegistry;
using slipway::test::TempFolder;

/// An artifact as a registry would have it.
struct Content {
    std::string config = "{}";
    std::string layer = std::string(5000, 'l');
    OciManifest manifest;
    std::string bytes;

    Content() {
        manifest.config = {std::string(media::kEmpty), sha256(config), config.size(), {}, {}};
        manifest.layers = {{std::string(media::kZip), sha256(layer), layer.size(), {}, {}}};
        bytes = write_manifest(manifest);
    }
    std::string digest() const { return oci_digest(sha256(bytes)); }
    std::string layer_digest() const { return oci_digest(sha256(layer)); }

    /// What an honest registry answers.
    Answer honest(const Asked& asked) const {
        if (asked.target.find("/manifests/") != std::string::npos) {
            return {200, {{"Content-Type", std::string(media::kManifest)}}, bytes};
        }
        if (asked.target.ends_with(layer_digest())) {
            return {200, {}, layer};
        }
        if (asked.target.ends_with(oci_digest(sha256(config)))) {
            return {200, {}, config};
        }
        return {404, {}, "{}"};
    }
};

struct Rig {
    explicit Rig(FakeRegistry::Handler handler) : registry(std::move(handler)) {
        options.plain_http = {registry.host()};
        options.retry_delay_ms = 1;
        options.io_timeout_ms = 300;
    }
    ImageName name(const std::string& reference) const {
        return *parse_image_name(registry.host() + "/acme/web" + reference);
    }
    Result<OciDescriptor> pull(const std::string& reference) {
        return RegistryClient(options).pull(*store, name(reference));
    }

    TempFolder folder;
    std::shared_ptr<ArtifactStore> store = *ArtifactStore::open(folder.path("a"));
    FakeRegistry registry;
    RegistryClientOptions options;
};
