// Writers of archives. By hand and not by a library, since their bytes are an artifact's identity: a newer
// library may choose other bytes for the same content.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/artifact/sha.hpp"
#include "slipway/lifecycle/archive.hpp"

namespace slipway::artifact {

using lifecycle::ByteSink;

/// Gzip with stored blocks only.
class GzipWriter {
public:
    explicit GzipWriter(ByteSink sink) : sink_(std::move(sink)) {}
    Result<void> add(std::string_view bytes);
    Result<void> finish();

private:
    Result<void> block(std::string_view bytes, bool last);

    ByteSink sink_;
    std::string pending_;
    std::uint32_t crc_ = 0;
    std::uint64_t size_ = 0;
    bool begun_ = false;
};

struct EntryHead {
    std::string path;
    std::uint64_t size = 0;
    bool program = false;
};

/// One archive: begin, bytes of its content, end for each file; then finish.
class ArchiveWriter {
public:
    virtual ~ArchiveWriter() = default;
    /// Whether begin() needs the checksum of the content.
    virtual bool wants_checksum() const = 0;
    virtual Result<void> begin(const EntryHead& head, std::uint32_t checksum) = 0;
    virtual Result<void> content(std::string_view bytes) = 0;
    virtual Result<void> end() = 0;
    /// The digest of the archive without its wrapping.
    virtual Result<Digest> finish() = 0;
};

class TarGzipWriter final : public ArchiveWriter {
public:
    explicit TarGzipWriter(ByteSink sink) : gzip_(std::move(sink)) {}
    bool wants_checksum() const override { return false; }
    Result<void> begin(const EntryHead& head, std::uint32_t checksum) override;
    Result<void> content(std::string_view bytes) override;
    Result<void> end() override;
    Result<Digest> finish() override;

private:
    Result<void> put(std::string_view bytes);
    Result<void> pad();

    GzipWriter gzip_;
    Sha256 sha_;
    std::uint64_t written_ = 0;
};

class ZipWriter final : public ArchiveWriter {
public:
    explicit ZipWriter(ByteSink sink) : sink_(std::move(sink)) {}
    bool wants_checksum() const override { return true; }
    Result<void> begin(const EntryHead& head, std::uint32_t checksum) override;
    Result<void> content(std::string_view bytes) override;
    Result<void> end() override { return {}; }
    Result<Digest> finish() override;

private:
    Result<void> put(std::string_view bytes);

    ByteSink sink_;
    Sha256 sha_;
    std::string directory_;
    std::uint64_t written_ = 0;
    std::uint64_t count_ = 0;
};

}  // namespace slipway::artifact
