// Folders become archives: the same bytes in every directory, time zone and umask.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <ctime>

#include "slipway/lifecycle/archive.hpp"
#include "slipway/lifecycle/artifact.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::TempFolder;

namespace {

namespace fs = std::filesystem;

void fill(const TempFolder& folder, const std::string& below) {
    folder.write(below + "/zz.tf", "last\n");
    folder.write(below + "/main.tf", "module\n");
    folder.write(below + "/sub/run.sh", "#!/bin/sh\n");
    fs::permissions(folder.path(below + "/sub/run.sh"), fs::perms::owner_all);
    folder.write(below + "/.git/config", "not part of it");
    folder.write(below + "/.terraform/x", "not part of it");
}

std::string packed(const std::string& folder, ArchiveFormat format) {
    std::string out;
    const auto result = pack_folder(folder, format, append_to(out));
    REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
    return out;
}

/// In a child, so that umask and time zone stay what they are here.
Digest packed_elsewhere(const std::string& folder, ArchiveFormat format, mode_t mask, const char* zone) {
    int pipes[2];
    REQUIRE(::pipe(pipes) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::umask(mask);
        ::setenv("TZ", zone, 1);
        ::tzset();
        std::string out;
        const bool ok = pack_folder(folder, format, append_to(out)).has_value();
        const Digest digest = ok ? sha256(out) : Digest{};
        const bool told = ::write(pipes[1], digest.bytes.data(), 32) == 32;
        ::_exit(ok && told ? 0 : 1);
    }
    Digest digest;
    CHECK(::read(pipes[0], digest.bytes.data(), 32) == 32);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    ::close(pipes[0]);
    ::close(pipes[1]);
    return digest;
}

}  // namespace

TEST_CASE("the same content gives the same digest in other folders, times, umasks and time zones") {
    const TempFolder one;
    const TempFolder other;
    fill(one, "m");
    fill(other, "some/where/else");
    for (const auto& entry : fs::recursive_directory_iterator(other.path())) {
        fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(9999));
    }
    // Group and others do not count, the owner's right to execute does.
    fs::permissions(other.path("some/where/else/main.tf"), fs::perms(0644));
    for (const auto format : {ArchiveFormat::kTarGzip, ArchiveFormat::kZip}) {
        const Digest expected = sha256(packed(one.path("m"), format));
        CHECK(sha256(packed(other.path("some/where/else"), format)) == expected);
        CHECK(packed_elsewhere(one.path("m"), format, 0, "Asia/Kathmandu") == expected);
        CHECK(packed_elsewhere(other.path("some/where/else"), format, 077, "America/St_Johns") == expected);
        one.write("m/main.tf", "modulE\n");
        CHECK(sha256(packed(one.path("m"), format)) != expected);
        one.write("m/main.tf", "module\n");
    }
}

TEST_CASE("links are followed inside, and refused when they lead out") {
    const TempFolder folder;
    folder.write("m/a/file", "text");
    fs::create_symlink("a/file", folder.path("m/link"));
    fs::create_directory_symlink("a", folder.path("m/b"));
    std::vector<std::string> paths;
    CHECK(read_archive_bytes(packed(folder.path("m"), ArchiveFormat::kZip), {},
                             [&](const ArchiveFile& file, const auto&) {
                                 paths.push_back(file.path);
                                 return Result<void>();
                             }));
    CHECK(paths == std::vector<std::string>{"a/file", "b/file", "link"});

    folder.write("secret", "outside");
    const auto refused = [&](const std::string& name) {
        std::string out;
        const auto result = pack_folder(folder.path("m"), ArchiveFormat::kZip, append_to(out));
        fs::remove(folder.path("m/" + name));
        return result ? "accepted" : result.error().message;
    };
    fs::create_symlink("../secret", folder.path("m/out"));
    CHECK(refused("out") == "'out' is a link that leads out of its folder");
    fs::create_symlink("nowhere", folder.path("m/dangling"));
    CHECK(refused("dangling").starts_with("'dangling' leads nowhere"));
    fs::create_directory_symlink("..", folder.path("m/a/up"));
    CHECK(refused("a/up") == "'a/up' is a link to a folder that it stands in");
    ::mkfifo(folder.path("m/pipe").c_str(), 0600);
    CHECK(refused("pipe") == "'pipe' is neither a file nor a folder");
}

TEST_CASE("limits of a folder") {
    const TempFolder folder;
    folder.write("a", "12345");
    folder.write("b", "12345");
    std::string out;
    PackOptions options;
    options.files_max = 1;
    CHECK(pack_folder(folder.path(), ArchiveFormat::kZip, append_to(out), options).error().code ==
          ErrorCode::kLimit);
    options = {};
    options.bytes_max = 9;
    CHECK(pack_folder(folder.path(), ArchiveFormat::kZip, append_to(out), options).error().code ==
          ErrorCode::kLimit);
    CHECK(pack_folder(folder.path("none"), ArchiveFormat::kZip, append_to(out)).error().code ==
          ErrorCode::kNotFound);
}

TEST_CASE("an archive is unpacked privately, and not at all when something is wrong with it") {
    const TempFolder folder;
    fill(folder, "m");
    std::string bytes = packed(folder.path("m"), ArchiveFormat::kTarGzip);
    const auto file = folder.write("m.tgz", bytes);
    REQUIRE(unpack_archive(file, folder.path("out")));
    CHECK(test::file_content(folder.path("out/main.tf")) == "module\n");
    struct stat status {};
    REQUIRE(::stat(folder.path("out/sub/run.sh").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700U);
    REQUIRE(::stat(folder.path("out/main.tf").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    CHECK(unpack_archive(file, folder.path("out")).error().code == ErrorCode::kAlreadyExists);
    bytes.resize(bytes.size() - 1600);
    folder.write("m.tgz", bytes);
    CHECK_FALSE(unpack_archive(file, folder.path("cut")));
    CHECK_FALSE(fs::exists(folder.path("cut")));
}

TEST_CASE("links to folders of links are counted, not followed for ever") {
    TempFolder folder;
    // Every level names the next one ten times: 10^20 ways to the bottom, which holds no file.
    for (int level = 0; level < 20; ++level) {
        const std::string here = "in/" + std::to_string(level);
        fs::create_directories(folder.path(here));
        fs::create_directories(folder.path("in/" + std::to_string(level + 1)));
        for (int i = 0; i < 10; ++i) {
            fs::create_directory_symlink("../" + std::to_string(level + 1),
                                         folder.path(here + "/" + std::to_string(i)));
        }
    }
    std::string out;
    const auto result =
        pack_folder(folder.path("in"), ArchiveFormat::kTarGzip, append_to(out), {.files_max = 1000});
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::kLimit);
}
