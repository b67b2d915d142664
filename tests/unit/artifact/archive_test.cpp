// The bytes of archives are the identity of artifacts: these digests must never change.
#include <doctest/doctest.h>

#include <array>

#include "engine/artifact/crc32.hpp"
#include "engine/artifact/sha.hpp"
#include "engine/artifact/writers.hpp"

using namespace slipway;
using namespace slipway::artifact;

namespace {

struct File {
    std::string path;
    std::string content;
    bool program = false;
};

const std::vector<File>& sample() {
    static const std::vector<File> kFiles = {
        {"main.tf", "output \"a\" {\n  value = 1\n}\n", false},
        {"scripts/run.sh", "#!/bin/sh\necho hi\n", true},
        {"empty", "", false},
        {"gr\xc3\xbc\xc3\x9f/datei", "x", false},
        {std::string(150, 'd') + "/" + std::string(100, 'f'), std::string(1000, 'y'), false},
    };
    return kFiles;
}

template <class Writer>
std::string written(const std::vector<File>& files, Digest& content, std::size_t piece = 7) {
    std::string out;
    Writer writer(lifecycle::append_to(out));
    for (const auto& file : files) {
        REQUIRE(writer.begin({file.path, file.content.size(), file.program}, crc32(0, file.content)));
        for (std::size_t at = 0; at < file.content.size(); at += piece) {
            REQUIRE(writer.content(std::string_view(file.content).substr(at, piece)));
        }
        REQUIRE(writer.end());
    }
    auto digest = writer.finish();
    REQUIRE(digest);
    content = *digest;
    return out;
}

std::vector<File> read_back(const std::string& bytes) {
    std::vector<File> files;
    const auto read = lifecycle::read_archive_bytes(
        bytes, {}, [&](const lifecycle::ArchiveFile& file, const auto& content) {
            files.push_back({file.path, "", file.program});
            return content(lifecycle::append_to(files.back().content));
        });
    CHECK_MESSAGE(read.has_value(), (read ? "" : read.error().message));
    return files;
}

void check_equal(const std::vector<File>& a, const std::vector<File>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        CHECK(a[i].path == b[i].path);
        CHECK(a[i].content == b[i].content);
        CHECK(a[i].program == b[i].program);
    }
}

}  // namespace

TEST_CASE("checksums and digests do not depend on how the bytes come") {
    CHECK(crc32(0, "123456789") == 0xcbf43926U);
    const std::string text(100'003, 'z');
    Sha256 sha;
    std::uint32_t crc = 0;
    for (std::size_t at = 0; at < text.size(); at += 313) {
        sha.add(std::string_view(text).substr(at, 313));
        crc = crc32(crc, std::string_view(text).substr(at, 313));
    }
    CHECK(sha.finish() == sha256(text));
    CHECK(crc == crc32(0, text));
}

TEST_CASE("golden: a tar.gz of known files") {
    Digest content;
    const auto bytes = written<TarGzipWriter>(sample(), content);
    CHECK(sha256(bytes).hex() == "5ff1e2f0d988049010003ffe44c9fa8acabdf694fe7f1ec3f4af7f16f5686eae");
    CHECK(content.hex() == "d43553a0217f76bd40af78d1f61da9f530272415d60a09d93f4e01b44ee377f4");
    check_equal(read_back(bytes), sample());
}

TEST_CASE("golden: a zip of known files") {
    Digest content;
    const auto bytes = written<ZipWriter>(sample(), content);
    CHECK(sha256(bytes).hex() == "816c2bad92cac9a2b4535d2e419f7e0744eee2ae980b40a2c797c0a166fa95d9");
    CHECK(content == sha256(bytes));
    check_equal(read_back(bytes), sample());
}

TEST_CASE("an archive does not depend on the pieces in which its content comes") {
    std::vector<File> files = {{"big", std::string(200'000, 'q'), false}, {"small", "s", false}};
    Digest one;
    Digest other;
    CHECK(written<TarGzipWriter>(files, one, 1'000'000) == written<TarGzipWriter>(files, other, 4'093));
    CHECK(one == other);
    CHECK(written<ZipWriter>(files, one, 1'000'000) == written<ZipWriter>(files, other, 4'093));
}

TEST_CASE("an empty archive is one") {
    Digest content;
    CHECK(read_back(written<TarGzipWriter>({}, content)).empty());
    CHECK(read_back(written<ZipWriter>({}, content)).empty());
}

TEST_CASE("a file that a zip cannot hold is refused") {
    ZipWriter writer([](std::string_view) { return Result<void>(); });
    const auto begun = writer.begin({"huge", std::uint64_t{1} << 32U, false}, 0);
    REQUIRE_FALSE(begun);
    CHECK(begun.error().code == ErrorCode::kLimit);
}
