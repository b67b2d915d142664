// What encoding needs beside the values: the key for what is sensitive, and a place for payloads too large
// for a record.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "slipway/secrets.hpp"
#include "slipway/store.hpp"

namespace slipway::codec {

/// Larger payloads go into blobs of their own.
inline constexpr std::size_t kInlineBytesMax = 64U << 10U;

struct EncodeContext {
    const Sealer* sealer = nullptr;  ///< none: a sensitive payload is an error (kKey)
    std::vector<Blob>* blobs =
        nullptr;  ///< collects what the record refers to; none: everything stays inline
};

/// Where a sealed payload lies in a record.
struct SealedPart {
    std::size_t at = 0;    ///< of the length before it
    std::size_t size = 0;  ///< of that length and the sealed bytes
    std::string place;     ///< what it is bound to
};

struct DecodeContext {
    const Sealer* sealer = nullptr;
    /// Gives a blob's stored bytes; none: a record that refers to a blob is an error (kCorrupt).
    std::function<Result<std::string>(const Digest&)> load_blob = nullptr;
    /// Set: nothing is opened or loaded; payloads come out empty and it is noted where the sealed ones lie.
    std::vector<SealedPart>* parts = nullptr;
    std::vector<Digest>* refs = nullptr;  ///< with `parts`: the blobs that hold payloads of it
};

/// One content-addressed blob: sealed when sensitive.
Result<Blob> make_blob(const Payload& content, const EncodeContext& context);
/// Reads what make_blob made; kCorrupt when the content is not that of the digest.
Result<Payload> open_blob(const Digest& digest, std::string_view stored, const DecodeContext& context);

}  // namespace slipway::codec
