#include "engine/codec/payload.hpp"

#include "engine/codec/reseal.hpp"

namespace slipway::codec {
namespace {

// The first byte of a payload in a record.
enum class PayloadForm : std::uint8_t { kInline = 0, kInlineSealed = 1, kBlob = 2, kBlobSensitive = 3 };
constexpr std::uint8_t kPayloadFormLast = 3;

// The first byte of a stored blob.
constexpr char kBlobPlain = 0;
constexpr char kBlobSealed = 1;

std::string place_text(const RunId& run, StepIndex step, std::string_view field) {
    return run.str() + "|" + (step == kNoStep ? std::string("run") : std::to_string(step)) + "|" +
           std::string(field);
}

std::string blob_place(const Digest& digest) {
    return "blob|" + digest.hex();
}

Error no_key(const std::string& place) {
    return environment_error(
        ErrorCode::kKey, "something sensitive has to be stored or read (" + place + ") and there is no key",
        "give the engine a KeyProvider");
}

Error bad_blob(const Digest& digest, const std::string& why) {
    return environment_error(ErrorCode::kCorrupt, "blob " + digest.hex() + ": " + why);
}

Result<std::string> seal(const Sealer* sealer, std::string_view plain, const std::string& place) {
    return sealer == nullptr ? Result<std::string>(no_key(place)) : sealer->seal(plain, place);
}

Result<std::string> unseal(const Sealer* sealer, std::string_view sealed, const std::string& place) {
    return sealer == nullptr ? Result<std::string>(no_key(place)) : sealer->open(sealed, place);
}

std::string_view digest_bytes(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

}  // namespace

Result<Blob> make_blob(const Payload& content, const EncodeContext& context) {
    Blob blob{sha256(content.bytes), {}};
    if (!content.sensitive) {
        blob.bytes.reserve(content.bytes.size() + 1);
        blob.bytes.push_back(kBlobPlain);
        blob.bytes += content.bytes;
        return blob;
    }
    SLIPWAY_TRY(const std::string sealed, seal(context.sealer, content.bytes, blob_place(blob.digest)));
    blob.bytes.push_back(kBlobSealed);
    blob.bytes += sealed;
    return blob;
}

Result<Payload> open_blob(const Digest& digest, std::string_view stored, const DecodeContext& context) {
    if (stored.empty() || (stored[0] != kBlobPlain && stored[0] != kBlobSealed)) {
        return bad_blob(digest, "it does not begin as a blob does");
    }
    Payload content{std::string(stored.substr(1)), stored[0] == kBlobSealed};
    if (content.sensitive) {
        SLIPWAY_TRY(content.bytes, unseal(context.sealer, stored.substr(1), blob_place(digest)));
    }
    if (sha256(content.bytes) != digest) {
        return bad_blob(digest, "its content is not that of its digest");
    }
    return content;
}

Result<std::optional<std::string>> reseal_blob(const Digest& digest, std::string_view stored,
                                               const Sealer& sealer) {
    if (stored.empty() || stored[0] != kBlobSealed) {
        return std::optional<std::string>{};
    }
    SLIPWAY_TRY(auto sealed, sealer.renew(stored.substr(1), blob_place(digest)));
    if (sealed) {
        sealed->insert(sealed->begin(), kBlobSealed);
    }
    return sealed;
}

void RecordWriter::payload(const Payload& value, StepIndex step, std::string_view field) {
    if (error_) {
        return;
    }
    if (value.bytes.size() > kInlineBytesMax && context_.blobs != nullptr) {
        auto blob = make_blob(value, context_);
        if (!blob) {
            error_ = blob.error();
            return;
        }
        pack.u8(
            static_cast<std::uint8_t>(value.sensitive ? PayloadForm::kBlobSensitive : PayloadForm::kBlob));
        pack.raw(digest_bytes(blob->digest));
        context_.blobs->push_back(std::move(*blob));
        return;
    }
    if (!value.sensitive) {
        pack.u8(static_cast<std::uint8_t>(PayloadForm::kInline));
        pack.blob(value.bytes);
        return;
    }
    auto sealed = seal(context_.sealer, value.bytes, place_text(run_, step, field));
    if (!sealed) {
        error_ = sealed.error();
        return;
    }
    pack.u8(static_cast<std::uint8_t>(PayloadForm::kInlineSealed));
    pack.blob(*sealed);
}

void RecordReader::fail(Error error) {
    if (!error_) {
        error_ = std::move(error);
    }
    pack.fail();
}

Payload RecordReader::payload(StepIndex step, std::string_view field) {
    const std::uint8_t form = pack.u8();
    if (!ok() || form > kPayloadFormLast) {
        pack.fail();
        return {};
    }
    if (form == static_cast<std::uint8_t>(PayloadForm::kInline)) {
        return {std::string(pack.blob()), false};
    }
    if (form == static_cast<std::uint8_t>(PayloadForm::kInlineSealed)) {
        const std::size_t at = pack.position();
        const std::string_view sealed = pack.blob();
        if (!ok()) {
            return {};
        }
        if (context_.parts != nullptr) {
            context_.parts->push_back({at, pack.position() - at, place_text(run_, step, field)});
            return {};
        }
        auto plain = unseal(context_.sealer, sealed, place_text(run_, step, field));
        if (!plain) {
            fail(plain.error());
            return {};
        }
        return {std::move(*plain), true};
    }
    const Digest digest = read_digest(pack);
    if (ok() && context_.refs != nullptr) {
        context_.refs->push_back(digest);
    }
    if (!ok() || context_.parts != nullptr) {
        return {};
    }
    auto content = load_blob(digest);
    if (!content) {
        fail(content.error());
        return {};
    }
    content->sensitive = form == static_cast<std::uint8_t>(PayloadForm::kBlobSensitive);
    return std::move(*content);
}

Result<Payload> RecordReader::load_blob(const Digest& digest) const {
    if (!context_.load_blob) {
        return bad_blob(digest, "a record refers to it and nothing is there to load it from");
    }
    SLIPWAY_TRY(const std::string stored, context_.load_blob(digest));
    return open_blob(digest, stored, context_);
}

Error RecordReader::failure(const std::string& place) const {
    if (error_) {
        Error error = *error_;
        error.message = place + ": " + error.message;
        return error;
    }
    return environment_error(ErrorCode::kCorrupt,
                             place + ": the bytes do not decode at " + std::to_string(pack.position()));
}

void write_digest(PackWriter& pack, const Digest& digest) {
    pack.raw(digest_bytes(digest));
}

Digest read_digest(PackReader& pack) {
    Digest digest;
    const std::string_view bytes = pack.raw(digest.bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        digest.bytes[i] = static_cast<std::uint8_t>(bytes[i]);
    }
    return digest;
}

}  // namespace slipway::codec
