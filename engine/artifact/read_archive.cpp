// Archives of strangers: read by libarchive, believed in nothing.
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <sys/stat.h>

#include <memory>
#include <set>

#include "engine/artifact/disk.hpp"
#include "engine/artifact/safe_path.hpp"
#include "slipway/lifecycle/archive.hpp"

namespace slipway::lifecycle {
namespace {

struct Close {
    void operator()(struct ::archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct ::archive, Close>;

constexpr std::size_t kPiece = std::size_t{64} * 1024;

Error forbidden(const std::string& path, const std::string& why) {
    return Error{ErrorClass::kEnvironment,
                 ErrorCode::kForbidden,
                 "archive entry '" + path.substr(0, 300) + "' " + why,
                 {}};
}

Error broken(struct ::archive* reader) {
    const char* text = archive_error_string(reader);
    return environment_error(ErrorCode::kCorrupt,
                             std::string("the archive does not decode: ") + (text == nullptr ? "?" : text));
}

/// Names are UTF-8 whatever the host's locale is; libarchive converts them by that of the thread.
class Utf8Names {
public:
    Utf8Names() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (locale_ != nullptr) {
            before_ = ::uselocale(locale_);
        }
    }
    ~Utf8Names() {
        if (locale_ != nullptr) {
            ::uselocale(before_);
            ::freelocale(locale_);
        }
    }
    Utf8Names(const Utf8Names&) = delete;
    Utf8Names& operator=(const Utf8Names&) = delete;

private:
    locale_t locale_;
    locale_t before_ = nullptr;
};

Reader make_reader() {
    Reader reader(archive_read_new());
    if (reader) {
        archive_read_support_filter_gzip(reader.get());
        archive_read_support_format_tar(reader.get());
        archive_read_support_format_zip(reader.get());
    }
    return reader;
}

class Reading {
public:
    Reading(struct ::archive* reader, const ReadLimits& limits, const ArchiveVisitor& visitor)
        : reader_(reader), limits_(limits), visitor_(visitor) {}

    Result<void> run() {
        for (;;) {
            struct ::archive_entry* entry = nullptr;
            const int code = archive_read_next_header(reader_, &entry);
            if (code == ARCHIVE_EOF) {
                return {};
            }
            // A warning is a header that was understood in part: whatever it hides is not taken.
            if (code != ARCHIVE_OK) {
                return broken(reader_);
            }
            if (++entries_ > limits_.entries_max) {
                return environment_error(
                    ErrorCode::kLimit,
                    "the archive has more than " + std::to_string(limits_.entries_max) + " entries");
            }
            SLIPWAY_CHECK(one(entry));
        }
    }

private:
    Result<void> one(struct ::archive_entry* entry) {
        const char* name = archive_entry_pathname(entry);
        if (name == nullptr) {
            return environment_error(ErrorCode::kCorrupt, "an entry of the archive has no readable name");
        }
        const std::string path = name;
        if (archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr) {
            return forbidden(path, "is a link");
        }
        const auto type = archive_entry_filetype(entry);
        if (type != AE_IFREG && type != AE_IFDIR) {
            return forbidden(path, "is neither a file nor a folder");
        }
        ArchiveFile file;
        if (!artifact::normal_inside(path, file.path)) {
            return forbidden(path, "leads out of the archive");
        }
        if (type == AE_IFDIR) {
            return {};
        }
        if (file.path.empty() || !seen_.insert(file.path).second) {
            return forbidden(path, "is there twice or has no name");
        }
        file.program = (archive_entry_perm(entry) & S_IXUSR) != 0;
        const std::function<Result<void>(const ByteSink&)> content = [this, &file](const ByteSink& sink) {
            return pass_on(file, sink);
        };
        return visitor_(file, content);
    }

    Result<void> pass_on(const ArchiveFile& file, const ByteSink& sink) {
        std::string buffer(kPiece, '\0');
        std::uint64_t size = 0;
        for (;;) {
            const la_ssize_t n = archive_read_data(reader_, buffer.data(), buffer.size());
            if (n == 0) {
                return {};
            }
            if (n < 0) {
                return broken(reader_);
            }
            size += static_cast<std::uint64_t>(n);
            total_ += static_cast<std::uint64_t>(n);
            if (size > limits_.file_max || total_ > limits_.total_max) {
                return environment_error(
                    ErrorCode::kLimit,
                    "archive entry '" + file.path.substr(0, 300) + "' goes beyond the limit of " +
                        std::to_string(size > limits_.file_max ? limits_.file_max : limits_.total_max) +
                        " bytes");
            }
            SLIPWAY_CHECK(sink(std::string_view(buffer.data(), static_cast<std::size_t>(n))));
        }
    }

    struct ::archive* reader_;
    const ReadLimits& limits_;
    const ArchiveVisitor& visitor_;
    std::set<std::string> seen_;
    std::uint64_t entries_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace

Result<void> read_archive_bytes(std::string_view bytes, const ReadLimits& limits,
                                const ArchiveVisitor& visitor) {
    const Utf8Names names;
    const Reader reader = make_reader();
    if (!reader || archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        return broken(reader.get());
    }
    return Reading(reader.get(), limits, visitor).run();
}

Result<void> read_archive(const std::string& file, const ReadLimits& limits, const ArchiveVisitor& visitor) {
    SLIPWAY_TRY(const auto opened, artifact::open_to_read(file));
    const Utf8Names names;
    const Reader reader = make_reader();
    if (!reader || archive_read_open_fd(reader.get(), opened.get(), kPiece) != ARCHIVE_OK) {
        return broken(reader.get());
    }
    return Reading(reader.get(), limits, visitor).run();
}

}  // namespace slipway::lifecycle
