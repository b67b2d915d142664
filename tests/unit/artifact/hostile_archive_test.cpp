// Archives of strangers. The entries are built by libarchive itself, which writes whatever it is told.
#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

#include <functional>

#include "engine/artifact/safe_path.hpp"
#include "slipway/lifecycle/archive.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

namespace {

using Fill = std::function<void(struct ::archive_entry*)>;

std::string tar_with(const std::vector<Fill>& entries, const std::string& content = "evil") {
    std::string buffer(1U << 20U, '\0');
    std::size_t used = 0;
    struct ::archive* writer = archive_write_new();
    archive_write_set_format_pax(writer);
    archive_write_add_filter_none(writer);
    archive_write_open_memory(writer, buffer.data(), buffer.size(), &used);
    for (const auto& fill : entries) {
        struct ::archive_entry* entry = archive_entry_new();
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        fill(entry);
        archive_write_header(writer, entry);
        if (archive_entry_filetype(entry) == AE_IFREG && archive_entry_size(entry) > 0) {
            archive_write_data(writer, content.data(), content.size());
        }
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    buffer.resize(used);
    return buffer;
}

Fill named(const std::string& name) {
    return [name](struct ::archive_entry* e) { archive_entry_set_pathname(e, name.c_str()); };
}

std::string refusal(const std::string& bytes, const ReadLimits& limits = {}) {
    const auto read = read_archive_bytes(bytes, limits, [](const ArchiveFile&, const auto& content) {
        return content([](std::string_view) { return Result<void>(); });
    });
    return read ? "accepted" : read.error().message;
}

}  // namespace

TEST_CASE("entries that lead out of an archive are refused by name") {
    for (const char* name : {"/etc/passwd", "../x", "a/../../x", "a/..", "c\\..\\x"}) {
        CAPTURE(name);
        CHECK(refusal(tar_with({named(name)})) ==
              "archive entry '" + std::string(name) + "' leads out of the archive");
    }
}

TEST_CASE("links and devices are refused by name") {
    const auto symlink = [](struct ::archive_entry* e) {
        archive_entry_set_pathname(e, "ln");
        archive_entry_set_filetype(e, AE_IFLNK);
        archive_entry_set_symlink(e, "/etc/passwd");
        archive_entry_set_size(e, 0);
    };
    const auto hardlink = [](struct ::archive_entry* e) {
        archive_entry_set_pathname(e, "hard");
        archive_entry_set_hardlink(e, "f");
        archive_entry_set_size(e, 0);
    };
    const auto fifo = [](struct ::archive_entry* e) {
        archive_entry_set_pathname(e, "pipe");
        archive_entry_set_filetype(e, AE_IFIFO);
        archive_entry_set_size(e, 0);
    };
    CHECK(refusal(tar_with({symlink})) == "archive entry 'ln' is a link");
    CHECK(refusal(tar_with({named("f"), hardlink})) == "archive entry 'hard' is a link");
    CHECK(refusal(tar_with({fifo})) == "archive entry 'pipe' is neither a file nor a folder");
}

TEST_CASE("a path given twice is refused, however it is written") {
    CHECK(refusal(tar_with({named("a/b"), named("./a//b")})) ==
          "archive entry './a//b' is there twice or has no name");
}

TEST_CASE("sizes and numbers are limited as they are read") {
    ReadLimits limits;
    limits.file_max = 3;
    CHECK(refusal(tar_with({named("a")}), limits) == "archive entry 'a' goes beyond the limit of 3 bytes");
    limits = {};
    limits.total_max = 7;
    CHECK(refusal(tar_with({named("a"), named("b")}), limits) ==
          "archive entry 'b' goes beyond the limit of 7 bytes");
    limits = {};
    limits.entries_max = 1;
    CHECK(refusal(tar_with({named("a"), named("b")}), limits) == "the archive has more than 1 entries");
}

TEST_CASE("garbage and cut archives are refused") {
    CHECK(refusal(std::string(2000, 'g')).starts_with("the archive does not decode"));
    const auto whole = tar_with({named("a"), named("b")});
    std::size_t refused = 0;
    for (std::size_t size = 1; size < 1500; size += 13) {
        refused += refusal(whole.substr(0, size)) == "accepted" ? 0 : 1;
    }
    CHECK(refused > 80);
}

TEST_CASE("paths of strangers are brought into one form") {
    std::string out;
    CHECK(artifact::normal_inside("./a//b/.", out));
    CHECK(out == "a/b");
    CHECK(artifact::normal_inside("", out));
    CHECK(out.empty());
    CHECK_FALSE(artifact::normal_inside("a/../b", out));
    CHECK_FALSE(artifact::normal_inside(std::string_view("a\0b", 3), out));
    CHECK_FALSE(artifact::normal_inside(std::string(300, 'n'), out));
    CHECK_FALSE(artifact::normal_inside("/", out));
}
