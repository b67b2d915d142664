#include "engine/artifact/crc32.hpp"
#include "engine/artifact/disk.hpp"
#include "engine/artifact/folder_list.hpp"
#include "engine/artifact/writers.hpp"

namespace slipway::lifecycle {
namespace {

using artifact::ArchiveWriter;
using artifact::ListedFile;

Error changed(const std::string& path) {
    return environment_error(ErrorCode::kConflict, "'" + path + "' changed while it was packed",
                             "nothing should write to a folder that is being built; try again");
}

Result<std::uint32_t> checksum_of(const ListedFile& file) {
    std::uint32_t crc = 0;
    SLIPWAY_CHECK(artifact::read_in_pieces(file.real, [&](std::string_view bytes) -> Result<void> {
        crc = artifact::crc32(crc, bytes);
        return {};
    }));
    return crc;
}

Result<void> pack_file(ArchiveWriter& writer, const ListedFile& file, const std::string& prefix) {
    std::uint32_t expected = 0;
    if (writer.wants_checksum()) {
        SLIPWAY_TRY(expected, checksum_of(file));
    }
    SLIPWAY_CHECK(writer.begin({prefix + file.path, file.size, file.program}, expected));
    std::uint64_t left = file.size;
    std::uint32_t crc = 0;
    SLIPWAY_CHECK(artifact::read_in_pieces(file.real, [&](std::string_view bytes) -> Result<void> {
        if (bytes.size() > left) {
            return changed(file.path);
        }
        left -= bytes.size();
        if (writer.wants_checksum()) {
            crc = artifact::crc32(crc, bytes);
        }
        return writer.content(bytes);
    }));
    if (left != 0 || crc != expected) {
        return changed(file.path);
    }
    return writer.end();
}

}  // namespace

ByteSink append_to(std::string& out) {
    return [&out](std::string_view bytes) -> Result<void> {
        out += bytes;
        return {};
    };
}

Result<PackedArchive> pack_folder(const std::string& folder, ArchiveFormat format, const ByteSink& sink,
                                  const PackOptions& options) {
    SLIPWAY_TRY(const auto files, artifact::list_folder(folder, options));
    const std::string prefix = options.prefix.empty() ? "" : options.prefix + "/";
    artifact::TarGzipWriter tar(sink);
    artifact::ZipWriter zip(sink);
    ArchiveWriter& writer =
        format == ArchiveFormat::kZip ? static_cast<ArchiveWriter&>(zip) : static_cast<ArchiveWriter&>(tar);
    PackedArchive out;
    for (const auto& file : files) {
        SLIPWAY_CHECK(pack_file(writer, file, prefix));
        ++out.files;
        out.bytes += file.size;
    }
    SLIPWAY_TRY(out.content, writer.finish());
    return out;
}

}  // namespace slipway::lifecycle
