// gzip by libarchive, which is here already: a compressed stream is an archive of one nameless file.
#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "steps/helm/release.hpp"

namespace slipway::helm {
namespace {

constexpr std::size_t kMaxRelease = 64ULL * 1024 * 1024;

Error broken(archive* handle, const char* what) {
    const char* text = ::archive_error_string(handle);
    return environment_error(ErrorCode::kCorrupt, std::string("the record of a release cannot be ") + what +
                                                      ": " + (text == nullptr ? "?" : text));
}

}  // namespace

Result<std::string> gunzip(const std::string& bytes) {
    const std::unique_ptr<archive, int (*)(archive*)> reader(::archive_read_new(), ::archive_read_free);
    ::archive_read_support_filter_gzip(reader.get());
    ::archive_read_support_format_raw(reader.get());
    archive_entry* entry = nullptr;
    if (::archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
        ::archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
        return broken(reader.get(), "unpacked");
    }
    std::string out;
    char buffer[16384];
    for (;;) {
        const auto got = ::archive_read_data(reader.get(), buffer, sizeof buffer);
        if (got == 0) {
            return out;
        }
        if (got < 0) {
            return broken(reader.get(), "unpacked");
        }
        out.append(buffer, static_cast<std::size_t>(got));
        if (out.size() > kMaxRelease) {
            return environment_error(ErrorCode::kLimit, "the record of a release is larger than 64 MiB");
        }
    }
}

Result<std::string> gzip(const std::string& bytes) {
    const std::unique_ptr<archive, int (*)(archive*)> writer(::archive_write_new(), ::archive_write_free);
    std::string out(bytes.size() + bytes.size() / 100 + 4096, '\0');
    std::size_t used = 0;
    ::archive_write_add_filter_gzip(writer.get());
    ::archive_write_set_format_raw(writer.get());
    ::archive_write_set_bytes_per_block(writer.get(), 0);
    if (::archive_write_open_memory(writer.get(), out.data(), out.size(), &used) != ARCHIVE_OK) {
        return broken(writer.get(), "packed");
    }
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(::archive_entry_new(),
                                                                         ::archive_entry_free);
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_pathname(entry.get(), "release");
    if (::archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK ||
        ::archive_write_data(writer.get(), bytes.data(), bytes.size()) !=
            static_cast<la_ssize_t>(bytes.size()) ||
        ::archive_write_close(writer.get()) != ARCHIVE_OK) {
        return broken(writer.get(), "packed");
    }
    out.resize(used);
    return out;
}

}  // namespace slipway::helm
