#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "slipway/secrets.hpp"
#include "tests/unit/secrets/folder.hpp"

namespace slipway {
namespace {

using testing::Folder;

unsigned mode_of(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0U;
}

TEST_CASE("a key file is created privately and read back") {
    const Folder folder;
    const auto first = open_file_keys(folder.file("keys"));
    REQUIRE(first);
    CHECK(mode_of(folder.file("keys")) == 0600);
    const auto second = open_file_keys(folder.file("keys"));
    REQUIRE(second);
    const auto key = (*first)->current();
    REQUIRE(key);
    CHECK(key->id.size() == 16);
    CHECK((*second)->current()->bytes == key->bytes);
    CHECK((*second)->find(key->id)->bytes == key->bytes);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a key file that others may read is refused") {
    const Folder folder;
    REQUIRE(open_file_keys(folder.file("keys")));
    for (const mode_t mode : {0640U, 0604U, 0620U}) {
        REQUIRE(::chmod(folder.file("keys").c_str(), mode) == 0);
        const auto keys = open_file_keys(folder.file("keys"));
        REQUIRE(!keys);
        CHECK(keys.error().code == ErrorCode::kForbidden);
        CHECK(keys.error().message.find(folder.file("keys")) != std::string::npos);
    }
}

TEST_CASE("what is not a key file is refused and left as it is") {
    const Folder folder;
    for (const std::string content : {"", "\n", "garbage", "slipway-key-1 00\n", "slipway-key-2 00\n"}) {
        const std::string path = folder.file("keys");
        std::ofstream(path) << content;
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
        const auto keys = open_file_keys(path);
        REQUIRE(!keys);
        CHECK(keys.error().code == ErrorCode::kKey);
        CHECK(std::filesystem::file_size(path) == content.size());
    }
    CHECK(!open_file_keys(folder.path));
    CHECK(!open_file_keys(folder.file("absent/keys")));
}

TEST_CASE("a rotation is seen by those who look for its key, and keeps the old one") {
    const Folder folder;
    const auto before = open_file_keys(folder.file("keys"));
    REQUIRE(before);
    const Sealer old_sealer(*before);
    const auto old_text = old_sealer.seal("old", "c");
    REQUIRE(old_text);
    const auto id = rotate_file_keys(folder.file("keys"));
    REQUIRE(id);
    CHECK(mode_of(folder.file("keys")) == 0600);
    const auto after = open_file_keys(folder.file("keys"));
    REQUIRE(after);
    CHECK((*after)->current()->id == *id);
    const Sealer new_sealer(*after);
    CHECK(new_sealer.open(*old_text, "c").value_or("") == "old");
    CHECK(old_sealer.open(new_sealer.seal("new", "c").value_or(""), "c").value_or("") == "new");
}

TEST_CASE("a provider that is open seals with the new key as soon as the file was rotated") {
    const Folder folder;
    const auto keys = open_file_keys(folder.file("keys"));
    REQUIRE(keys);
    const Sealer sealer(*keys);
    const auto before = sealer.current_key();
    const auto sealed = sealer.seal("canary", "c");
    REQUIRE((before && sealed));
    CHECK(!sealer.renew(*sealed, "c")->has_value());
    const auto id = rotate_file_keys(folder.file("keys"));
    REQUIRE(id);
    CHECK(sealer.current_key().value_or("") == *id);
    const auto fresh = sealer.renew(*sealed, "c");
    REQUIRE((fresh && *fresh));
    CHECK(Sealer::key_of(**fresh).value_or("") == *id);
    CHECK(Sealer::key_of(*sealed).value_or("") == *before);
    // A file that is gone or damaged changes nothing for those who have it open.
    std::filesystem::remove(folder.file("keys"));
    CHECK(sealer.current_key().value_or("") == *id);
    std::ofstream(folder.file("keys")) << "garbage";
    CHECK(sealer.open(**fresh, "c").value_or("") == "canary");
}

TEST_CASE("a rotated file that could not be read is looked at again once it can be") {
    const Folder folder;
    const std::string path = folder.file("keys");
    const auto keys = open_file_keys(path);
    REQUIRE(keys);
    const auto before = (*keys)->current()->id;
    std::filesystem::copy_file(path, folder.file("new"));
    ::chmod(folder.file("new").c_str(), 0600);
    const auto id = rotate_file_keys(folder.file("new"));
    REQUIRE(id);
    ::chmod(folder.file("new").c_str(), 0644);
    std::filesystem::rename(folder.file("new"), path);
    CHECK((*keys)->current()->id == before);  // others may read it: refused
    ::chmod(path.c_str(), 0600);
    CHECK((*keys)->current()->id == *id);
}

TEST_CASE("a key that is not current can be removed, and what it sealed names it") {
    const Folder folder;
    const std::string path = folder.file("keys");
    const auto first = (*open_file_keys(path))->current()->id;
    const auto sealed = Sealer(*open_file_keys(path)).seal("canary", "c");
    REQUIRE(sealed);
    CHECK(remove_file_key(path, first).error().code == ErrorCode::kRefused);
    REQUIRE(rotate_file_keys(path));
    CHECK(remove_file_key(path, "absent").error().code == ErrorCode::kNotFound);
    REQUIRE(remove_file_key(path, first));
    CHECK(mode_of(path) == 0600);
    const auto opened = Sealer(*open_file_keys(path)).open(*sealed, "c");
    REQUIRE(!opened);
    CHECK(opened.error().code == ErrorCode::kKey);
    CHECK(opened.error().message.find(first) != std::string::npos);
}

TEST_CASE("another key file opens nothing, and says which key is missing") {
    const Folder folder;
    const auto mine = open_file_keys(folder.file("mine"));
    const auto other = open_file_keys(folder.file("other"));
    REQUIRE(mine);
    REQUIRE(other);
    const auto sealed = Sealer(*mine).seal("canary", "c");
    REQUIRE(sealed);
    const auto opened = Sealer(*other).open(*sealed, "c");
    REQUIRE(!opened);
    CHECK(opened.error().code == ErrorCode::kKey);
    CHECK(opened.error().message.find((*mine)->current()->id) != std::string::npos);
}

TEST_CASE("several that create the file at once end with one key") {
    const Folder folder;
    std::vector<std::string> ids(8);
    std::vector<std::thread> threads;
    for (auto& id : ids) {
        threads.emplace_back([&] {
            if (const auto keys = open_file_keys(folder.file("keys"))) {
                id = (*keys)->current()->id;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (const auto& id : ids) {
        CHECK(!id.empty());
        CHECK(id == ids.front());
    }
}

}  // namespace
}  // namespace slipway
