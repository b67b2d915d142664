// Payloads inside records: inline or as a blob, in clear or sealed.
#pragma once

#include <optional>

#include "engine/codec/context.hpp"
#include "engine/codec/pack.hpp"

namespace slipway::codec {

void write_digest(PackWriter& pack, const Digest& digest);
Digest read_digest(PackReader& pack);

/// Writes values that may hold payloads. The first error sticks.
class RecordWriter {
public:
    RecordWriter(std::string& out, const RunId& run, const EncodeContext& context)
        : pack(out), run_(run), context_(context) {}

    /// `step` and `field` bind a sealed payload to its place.
    void payload(const Payload& value, StepIndex step, std::string_view field);
    const std::optional<Error>& error() const { return error_; }

    PackWriter pack;

private:
    const RunId& run_;
    const EncodeContext& context_;
    std::optional<Error> error_;
};

/// The other way round. pack.ok() is false, or error() is set, after the first thing that does not decode.
class RecordReader {
public:
    RecordReader(std::string_view bytes, const RunId& run, const DecodeContext& context)
        : pack(bytes), run_(run), context_(context) {}

    Payload payload(StepIndex step, std::string_view field);
    const std::optional<Error>& error() const { return error_; }
    bool ok() const { return pack.ok() && !error_; }
    /// The sticky error, or kCorrupt with `place` and the position.
    Error failure(const std::string& place) const;

    PackReader pack;

private:
    void fail(Error error);
    Result<Payload> load_blob(const Digest& digest) const;

    const RunId& run_;
    const DecodeContext& context_;
    std::optional<Error> error_;
};

}  // namespace slipway::codec
