// Packing by hand: little-endian fixed fields, minimal varints, length-prefixed bytes. No allocation but the
// output's own.
//
//   std::string out;                        PackReader in(out);
//   PackWriter w(out);                      const std::uint32_t n = in.u32();
//   w.u32(7); w.blob("name");               const std::string_view name = in.blob();
//                                           if (!in.ok() || !in.at_end()) { … damaged … }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::codec {

/// CRC-32C (Castagnoli) of `data`; `seed` is the checksum of what came before it.
std::uint32_t crc32c(std::string_view data, std::uint32_t seed = 0);

/// Appends to a string that the caller owns.
class PackWriter {
public:
    explicit PackWriter(std::string& out) : out_(&out) {}

    void u8(std::uint8_t value) { out_->push_back(static_cast<char>(value)); }
    void boolean(bool value) { u8(value ? 1 : 0); }
    void u16(std::uint16_t value) { fixed(value, 2); }
    void u32(std::uint32_t value) { fixed(value, 4); }
    void u64(std::uint64_t value) { fixed(value, 8); }
    void varint(std::uint64_t value) {
        while (value >= 0x80U) {
            u8(static_cast<std::uint8_t>(value | 0x80U));
            value >>= 7U;
        }
        u8(static_cast<std::uint8_t>(value));
    }
    /// Zigzag, so that small negative numbers stay small.
    void signed_varint(std::int64_t value) {
        varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
    }
    /// The bytes alone: the reader has to know how many.
    void raw(std::string_view bytes) { out_->append(bytes); }
    /// A varint length, then the bytes.
    void blob(std::string_view bytes) {
        varint(bytes.size());
        raw(bytes);
    }
    std::size_t size() const { return out_->size(); }

private:
    void fixed(std::uint64_t value, std::size_t width) {
        char bytes[8];
        for (std::size_t i = 0; i < width; ++i) {
            bytes[i] = static_cast<char>(value >> (8 * i));
        }
        out_->append(bytes, width);
    }

    std::string* out_;
};

/// Reads what PackWriter wrote. Any failure (too short, over-long varint, bad boolean) is sticky: later reads
/// give zero and empty, so that a decoder may read on and ask ok() once. Views point into the input.
class PackReader {
public:
    explicit PackReader(std::string_view data) : data_(data) {}

    bool ok() const { return ok_; }
    bool at_end() const { return ok_ && at_ == data_.size(); }
    std::size_t position() const { return at_; }
    std::size_t remaining() const { return ok_ ? data_.size() - at_ : 0; }
    /// For a decoder that finds a value it cannot accept.
    void fail() { ok_ = false; }

    std::uint8_t u8() { return static_cast<std::uint8_t>(fixed(1)); }
    bool boolean() {
        const std::uint8_t value = u8();
        if (value > 1) {
            fail();
        }
        return ok_ && value == 1;
    }
    std::uint16_t u16() { return static_cast<std::uint16_t>(fixed(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(fixed(4)); }
    std::uint64_t u64() { return fixed(8); }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t byte = u8();
            const bool too_large = shift == 63 && byte > 1;
            const bool over_long = shift > 0 && byte == 0;
            if (!ok_ || too_large || over_long) {
                break;
            }
            value |= (byte & 0x7fU) << shift;
            if (byte < 0x80U) {
                return value;
            }
        }
        fail();
        return 0;
    }
    std::int64_t signed_varint() {
        const std::uint64_t value = varint();
        return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
    }
    /// A number of items of at least `item_bytes` each that are still to come: a wrong count cannot make a
    /// decoder reserve more than the input could hold.
    std::size_t count(std::size_t item_bytes = 1) {
        const std::uint64_t value = varint();
        if (!ok_ || value > remaining() / (item_bytes == 0 ? 1 : item_bytes)) {
            fail();
            return 0;
        }
        return static_cast<std::size_t>(value);
    }
    std::string_view raw(std::size_t size) {
        if (!ok_ || size > data_.size() - at_) {
            fail();
            return {};
        }
        const std::string_view bytes = data_.substr(at_, size);
        at_ += size;
        return bytes;
    }
    std::string_view blob() { return raw(count()); }

private:
    std::uint64_t fixed(std::size_t width) {
        const std::string_view bytes = raw(width);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
        }
        return value;
    }

    std::string_view data_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

}  // namespace slipway::codec
