// Archives: folders become bytes that depend on nothing but names, contents and the right to execute;
// archives of strangers are read without trusting them.
//
//   std::string bytes;
//   auto packed = pack_folder("./chart", ArchiveFormat::kTarGzip, append_to(bytes), {.prefix = "shop"});
//   auto read = unpack_archive("chart.tgz", "/var/lib/x/chart", {});
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::lifecycle {

/// Takes bytes as they come; an error ends the writing and is handed on.
using ByteSink = std::function<Result<void>(std::string_view)>;
/// `out` must outlive the sink.
ByteSink append_to(std::string& out);

/// Neither compresses: what a compressor makes depends on its version, and a digest must not.
enum class ArchiveFormat : std::uint8_t { kTarGzip = 1, kZip = 2 };

struct PackOptions {
    std::string prefix = {};  ///< a folder that everything is put below; may be empty
    /// True for what is left out ("a/b.txt"; of a folder all of it). `.git` and `.terraform` always are.
    std::function<bool(std::string_view path, bool folder)> leave_out = {};
    std::uint64_t bytes_max = std::uint64_t{2} * 1024 * 1024 * 1024;
    std::uint64_t files_max = 60'000;  ///< and folders
};

struct PackedArchive {
    Digest content;  ///< of the archive without its wrapping (of the zip itself)
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;  ///< of all contents
};

/// Files in byte order of their paths, times 1980-01-01, no owners, modes 0644 or 0755, no entries for
/// folders. Links are followed as long as they stay inside of `folder`; one that leads out is kForbidden.
/// kLimit above the limits, kConflict when a file changes meanwhile.
Result<PackedArchive> pack_folder(const std::string& folder, ArchiveFormat format, const ByteSink& sink,
                                  const PackOptions& options = {});

struct ReadLimits {
    std::uint64_t entries_max = 100'000;
    std::uint64_t file_max = std::uint64_t{512} * 1024 * 1024;
    std::uint64_t total_max = std::uint64_t{2} * 1024 * 1024 * 1024;
};

struct ArchiveFile {
    std::string path;  ///< relative, normal, never leads out
    bool program = false;
};
/// Called once for each regular file; `content` may be called once, within the call.
using ArchiveVisitor = std::function<Result<void>(
    const ArchiveFile& file, const std::function<Result<void>(const ByteSink&)>& content)>;

/// Reads tar (plain or gzip) and zip. Refused with the entry's name: absolute paths, `..`, links, devices, a
/// path given twice (kForbidden); sizes above the limits, counted as they are read and not as they are
/// declared (kLimit); what does not decode (kCorrupt).
Result<void> read_archive(const std::string& file, const ReadLimits& limits, const ArchiveVisitor& visitor);
Result<void> read_archive_bytes(std::string_view bytes, const ReadLimits& limits,
                                const ArchiveVisitor& visitor);
/// Into `folder`, which must not exist (made 0700; files 0600, programs 0700). On an error nothing is left.
Result<void> unpack_archive(const std::string& file, const std::string& folder,
                            const ReadLimits& limits = {});

}  // namespace slipway::lifecycle
