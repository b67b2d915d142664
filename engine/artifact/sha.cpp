#include "engine/artifact/sha.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <vector>

#include "engine/artifact/disk.hpp"

namespace slipway::artifact {

struct Sha256::State {
    State() : context(EVP_MD_CTX_new()) {
        // Fails only where OpenSSL itself is broken; a wrong digest would make different contents equal.
        if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) {
            std::abort();
        }
    }
    ~State() { EVP_MD_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_shared<State>()) {}

void Sha256::add(std::string_view bytes) {
    if (EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) != 1) {
        std::abort();
    }
}

Digest Sha256::finish() {
    Digest digest;
    unsigned int length = 0;
    if (EVP_DigestFinal_ex(state_->context, digest.bytes.data(), &length) != 1 ||
        length != digest.bytes.size()) {
        std::abort();
    }
    return digest;
}

Result<FileDigest> sha256_of_file(const std::string& path) {
    Sha256 sha;
    FileDigest out;
    SLIPWAY_CHECK(read_in_pieces(path, [&](std::string_view bytes) -> Result<void> {
        sha.add(bytes);
        out.size += bytes.size();
        return {};
    }));
    out.digest = sha.finish();
    return out;
}

}  // namespace slipway::artifact
