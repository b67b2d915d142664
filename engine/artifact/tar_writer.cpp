// POSIX tar: a plain ustar header, with a pax header in front where a path or a size does not fit into it.
#include <algorithm>
#include <array>
#include <cstring>

#include "engine/artifact/writers.hpp"

namespace slipway::artifact {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameMax = 100;
constexpr std::uint64_t kOctalSizeMax = 077777777777;
constexpr std::uint64_t kTime = 315'532'800;  // 1980-01-01, the first day that zip knows too

using Header = std::array<char, kBlock>;

void put_text(Header& header, std::size_t at, std::string_view text) {
    std::memcpy(header.data() + at, text.data(), text.size());
}

void put_octal(Header& header, std::size_t at, std::size_t width, std::uint64_t value) {
    for (std::size_t i = width - 1; i > 0; --i) {
        header[at + i - 1] = static_cast<char>('0' + (value & 7U));
        value >>= 3U;
    }
    header[at + width - 1] = '\0';
}

Header make_header(std::string_view name, std::uint64_t size, bool program, char type) {
    Header header{};
    put_text(header, 0, name.substr(0, kNameMax));
    put_octal(header, 100, 8, program ? 0755 : 0644);
    put_octal(header, 108, 8, 0);
    put_octal(header, 116, 8, 0);
    put_octal(header, 124, 12, size);
    put_octal(header, 136, 12, kTime);
    put_text(header, 148, "        ");
    header[156] = type;
    put_text(header, 257, std::string_view("ustar\00000", 8));
    put_octal(header, 329, 8, 0);
    put_octal(header, 337, 8, 0);
    std::uint64_t sum = 0;
    for (const char c : header) {
        sum += static_cast<unsigned char>(c);
    }
    put_octal(header, 148, 7, sum);
    return header;
}

std::string_view view(const Header& header) {
    return {header.data(), header.size()};
}

/// "<length> key=value\n", where the length counts itself.
std::string pax_line(std::string_view key, std::string_view value) {
    const std::string rest = " " + std::string(key) + "=" + std::string(value) + "\n";
    std::size_t length = rest.size();
    while (std::to_string(length).size() + rest.size() != length) {
        length = std::to_string(length).size() + rest.size();
    }
    return std::to_string(length) + rest;
}

bool fits_plainly(std::string_view path) {
    return path.size() <= kNameMax && std::all_of(path.begin(), path.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x80U;
           });
}

}  // namespace

Result<void> TarGzipWriter::put(std::string_view bytes) {
    sha_.add(bytes);
    written_ += bytes.size();
    return gzip_.add(bytes);
}

Result<void> TarGzipWriter::pad() {
    const auto over = static_cast<std::size_t>(written_ % kBlock);
    return over == 0 ? Result<void>() : put(std::string(kBlock - over, '\0'));
}

Result<void> TarGzipWriter::begin(const EntryHead& head, std::uint32_t) {
    if (head.size > kOctalSizeMax) {
        return usage_error(ErrorCode::kLimit, "'" + head.path + "' is larger than 8 GiB");
    }
    if (!fits_plainly(head.path)) {
        const std::string line = pax_line("path", head.path);
        SLIPWAY_CHECK(put(view(make_header("pax-header", line.size(), false, 'x'))));
        SLIPWAY_CHECK(put(line));
        SLIPWAY_CHECK(pad());
    }
    return put(view(make_header(head.path, head.size, head.program, '0')));
}

Result<void> TarGzipWriter::content(std::string_view bytes) {
    return put(bytes);
}

Result<void> TarGzipWriter::end() {
    return pad();
}

Result<Digest> TarGzipWriter::finish() {
    SLIPWAY_CHECK(put(std::string(2 * kBlock, '\0')));
    SLIPWAY_CHECK(gzip_.finish());
    return sha_.finish();
}

}  // namespace slipway::artifact
