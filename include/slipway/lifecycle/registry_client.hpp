// Registries: artifacts go to and come from any registry that speaks OCI distribution, each byte compared
// with its digest.
//
//   RegistryClient client({.credentials = ask_the_host});
//   auto pushed = client.push(*store, artifact, *parse_image_name("ghcr.io/acme/shop/web:1f0c"));
//   auto pulled = client.pull(*store, *parse_image_name("ghcr.io/acme/shop/web@sha256:…"));
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "slipway/lifecycle/artifact.hpp"
#include "slipway/lifecycle/oci.hpp"

namespace slipway::lifecycle {

struct RegistryCredentials {
    std::string user;
    std::string password;  ///< or an identity token, as the registry wants it
};

struct RegistryClientOptions {
    /// Asked for a host when it demands credentials; nothing: go on without. Called from the caller's thread.
    std::function<Result<std::optional<RegistryCredentials>>(const std::string& host)> credentials = {};
    std::set<std::string> plain_http = {};    ///< hosts ("127.0.0.1:5000") that are spoken to without TLS
    std::string ca_file = {};                 ///< PEM; empty: what the system trusts
    DurationMs io_timeout_ms = 30'000;        ///< of a connection that does not move
    DurationMs total_timeout_ms = 7'200'000;  ///< of one push, pull or resolve with all its tries
    DurationMs retry_delay_ms = 250;          ///< doubled each time
    std::uint32_t tries = 4;                  ///< of one request that fails in passing: 5xx, 429, time-outs
    std::uint64_t chunk_bytes = std::uint64_t{8} * 1024 * 1024;
    std::uint64_t blob_max = std::uint64_t{64} * 1024 * 1024 * 1024;
    std::uint64_t pull_max = std::uint64_t{128} * 1024 * 1024 * 1024;  ///< of all blobs of one pull
    std::function<bool()> cancelled = {};
    std::function<void(const std::string& what, std::uint64_t done, std::uint64_t all)> progress = {};
};

/// What a push had to do.
struct PushReport {
    std::size_t blobs_sent = 0;
    std::size_t blobs_there = 0;  ///< found complete, from an earlier push or another artifact
};

/// Thread-safe. Every error names the registry, the request and the digest. Credentials go to the host that
/// they are for and to the token service that it names, never along a redirect to another host.
class RegistryClient {
public:
    explicit RegistryClient(RegistryClientOptions options);
    ~RegistryClient();
    RegistryClient(const RegistryClient&) = delete;
    RegistryClient& operator=(const RegistryClient&) = delete;

    /// What a tag or digest names now. kNotFound; kForbidden: no, or wrong, credentials.
    Result<OciDescriptor> resolve(const ImageName& name);
    /// Blobs that are there are not sent again, so an interrupted push goes on from the last complete one;
    /// the manifest comes last, by its digest and then under `name.tag` (when there is one).
    /// `cancelled` is asked several times a second, and ends it with kStopped.
    Result<PushReport> push(const ArtifactStore& store, const OciDescriptor& artifact, const ImageName& name,
                            const std::function<bool()>& cancelled = {});
    /// One more tag for what was pushed under the same repository.
    Result<void> tag(const ArtifactStore& store, const OciDescriptor& artifact, const ImageName& name,
                     const std::function<bool()>& cancelled = {});
    /// Everything below a tag or digest. kCorrupt: the registry sent something else than it was asked for.
    /// kLimit, before any blob is fetched: they are too large, each or all together.
    Result<OciDescriptor> pull(const ArtifactStore& store, const ImageName& name);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace slipway::lifecycle
