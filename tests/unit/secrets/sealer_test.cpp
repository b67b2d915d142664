#include <doctest/doctest.h>

#include <map>
#include <set>

#include "slipway/secrets.hpp"

namespace slipway {
namespace {

struct MapKeys final : KeyProvider {
    std::map<std::string, Key> keys;
    std::string last;

    void add(const std::string& id, std::uint8_t fill) {
        Key key;
        key.id = id;
        key.bytes.fill(fill);
        keys[id] = key;
        last = id;
    }
    Result<Key> current() override { return keys.at(last); }
    Result<Key> find(std::string_view id) override {
        const auto it = keys.find(std::string(id));
        if (it == keys.end()) {
            return environment_error(ErrorCode::kKey, "no key " + std::string(id));
        }
        return it->second;
    }
};

std::shared_ptr<MapKeys> one_key() {
    auto keys = std::make_shared<MapKeys>();
    keys->add("k1", 7);
    return keys;
}

TEST_CASE("what was sealed opens, and shows nothing meanwhile") {
    const Sealer sealer(one_key());
    for (const std::string& plain :
         {std::string(), std::string("canary"), std::string(100000, 'x'), std::string("\0\xff", 2)}) {
        for (const std::string context : {"", "run/a"}) {
            const auto sealed = sealer.seal(plain, context);
            REQUIRE(sealed);
            CHECK((plain.size() < 4 || sealed->find(plain) == std::string::npos));
            const auto opened = sealer.open(*sealed, context);
            REQUIRE(opened);
            CHECK(*opened == plain);
        }
    }
}

TEST_CASE("sealing twice gives two texts") {
    const Sealer sealer(one_key());
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        seen.insert(sealer.seal("same", "same").value_or(""));
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("another context does not open it") {
    const Sealer sealer(one_key());
    const auto sealed = sealer.seal("canary", "run/a");
    REQUIRE(sealed);
    for (const std::string_view context : {"", "run/b", "run/", "run/aa"}) {
        const auto opened = sealer.open(*sealed, context);
        REQUIRE(!opened);
        CHECK(opened.error().code == ErrorCode::kCorrupt);
    }
}

TEST_CASE("a missing key and a wrong key are told apart, with the key named") {
    const auto keys = one_key();
    const Sealer sealer(keys);
    const auto sealed = sealer.seal("canary", "c");
    REQUIRE(sealed);
    keys->add("k1", 8);
    const auto wrong = sealer.open(*sealed, "c");
    REQUIRE(!wrong);
    CHECK(wrong.error().code == ErrorCode::kCorrupt);
    CHECK(wrong.error().message.find("k1") != std::string::npos);
    keys->keys.clear();
    const auto missing = sealer.open(*sealed, "c");
    REQUIRE(!missing);
    CHECK(missing.error().code == ErrorCode::kKey);
    CHECK(missing.error().message.find("k1") != std::string::npos);
}

TEST_CASE("after a rotation old and new text opens") {
    const auto keys = one_key();
    const Sealer sealer(keys);
    const auto old_text = sealer.seal("old", "c");
    keys->add("k2", 9);
    const auto new_text = sealer.seal("new", "c");
    REQUIRE(old_text);
    REQUIRE(new_text);
    CHECK(new_text->substr(2, 2) == "k2");
    CHECK(sealer.open(*old_text, "c").value_or("") == "old");
    CHECK(sealer.open(*new_text, "c").value_or("") == "new");
}

TEST_CASE("every damaged bit and every shorter text is refused") {
    const Sealer sealer(one_key());
    const auto sealed = sealer.seal("canary", "c");
    REQUIRE(sealed);
    for (std::size_t bit = 0; bit < sealed->size() * 8; ++bit) {
        std::string damaged = *sealed;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        CHECK(!sealer.open(damaged, "c"));
    }
    for (std::size_t size = 0; size < sealed->size(); ++size) {
        CHECK(!sealer.open(sealed->substr(0, size), "c"));
    }
    CHECK(!sealer.open(*sealed + "x", "c"));
}

TEST_CASE("a key id that does not fit is refused") {
    const auto keys = std::make_shared<MapKeys>();
    keys->add(std::string(65, 'k'), 1);
    CHECK(!Sealer(keys).seal("x", "c"));
    keys->add("", 1);
    CHECK(!Sealer(keys).seal("x", "c"));
}

}  // namespace
}  // namespace slipway
