#include <doctest/doctest.h>

#include <limits>

#include "engine/codec/pack.hpp"
#include "slipway/ids.hpp"

namespace slipway::codec {
namespace {

TEST_CASE("packed fields come back") {
    std::string bytes;
    PackWriter w(bytes);
    w.u8(0xab);
    w.u16(0x1234);
    w.u32(0x89abcdef);
    w.u64(0x0123456789abcdefULL);
    w.boolean(true);
    w.blob(std::string_view("a\0b", 3));
    w.blob("");
    PackReader in(bytes);
    CHECK(in.u8() == 0xab);
    CHECK(in.u16() == 0x1234);
    CHECK(in.u32() == 0x89abcdef);
    CHECK(in.u64() == 0x0123456789abcdefULL);
    CHECK(in.boolean());
    CHECK(in.blob() == std::string_view("a\0b", 3));
    CHECK(in.blob().empty());
    CHECK(in.at_end());
}

TEST_CASE("varints come back at every width") {
    for (unsigned shift = 0; shift < 64; ++shift) {
        for (const std::uint64_t near : {0U, 1U, 2U}) {
            const std::uint64_t value = (std::uint64_t{1} << shift) - 1 + near;
            std::string bytes;
            PackWriter(bytes).varint(value);
            PackReader in(bytes);
            CHECK(in.varint() == value);
            CHECK(in.at_end());
        }
    }
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, std::int64_t{-64}, std::int64_t{1700000000000},
          std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        std::string bytes;
        PackWriter(bytes).signed_varint(value);
        PackReader in(bytes);
        CHECK(in.signed_varint() == value);
        CHECK(in.at_end());
    }
}

TEST_CASE("a value has one spelling only") {
    for (const std::string_view bytes :
         {std::string_view("\x80\x00", 2), std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10),
          std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11),
          std::string_view("\x80", 1)}) {
        PackReader in(bytes);
        CHECK(in.varint() == 0);
        CHECK(!in.ok());
    }
    PackReader two(std::string_view("\x02", 1));
    CHECK(!two.boolean());
    CHECK(!two.ok());
}

TEST_CASE("a failure sticks, and a count cannot ask for more than there is") {
    PackReader in(std::string_view("\x01\x02\x03", 3));
    CHECK(in.u32() == 0);
    CHECK(in.u8() == 0);
    CHECK(in.remaining() == 0);
    CHECK(!in.at_end());
    std::string bytes;
    PackWriter w(bytes);
    w.varint(5);
    w.raw("123456789");
    CHECK(PackReader(bytes).count(1) == 5);
    CHECK(PackReader(bytes).count(2) == 0);
    CHECK(PackReader(std::string_view("\x05"
                                      "1234",
                                      5))
              .blob()
              .empty());
}

TEST_CASE("checksums and digests are the known ones") {
    CHECK(crc32c("123456789") == 0xe3069283U);
    CHECK(crc32c("6789", crc32c("12345")) == 0xe3069283U);
    CHECK(crc32c("") == 0);
    CHECK(sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(Digest::from_hex(sha256("abc").hex()) == sha256("abc"));
    CHECK(Digest::from_hex("BA").is_zero());
    CHECK(Digest::from_hex(std::string(64, 'G')).is_zero());
}

}  // namespace
}  // namespace slipway::codec
