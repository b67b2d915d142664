// A TOML document as a plain tree that remembers where everything was written. Everything else in this room
// works on it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/diagnostic.hpp"

namespace slipway::app {

/// A byte in one of the files of an app; `file` is an index into Sources.
struct Spot {
    std::uint32_t file = 0;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

enum class TomlKind : std::uint8_t { kString, kInteger, kFloat, kBool, kDate, kArray, kTable };
/// "a string", "a list", …
std::string_view describe(TomlKind kind);

struct TomlMember;

struct TomlValue {
    TomlKind kind = TomlKind::kTable;
    std::string text;  ///< kString; kDate as ISO text
    std::int64_t integer = 0;
    double real = 0;
    bool boolean = false;
    std::vector<TomlMember> members;  ///< kTable, in the order of the file
    std::vector<TomlValue> items;     ///< kArray
    Spot at;
    std::string location;  ///< what stood in place of `text` before it was inlined
    bool inlined = false;  ///< `text` is the content of a file, `at` its first byte
    bool pending = false;  ///< a network location that is not fetched

    const TomlValue* find(std::string_view key) const;
    TomlValue* find(std::string_view key);
    /// The text of a string member; empty when it is absent or no string.
    std::string string_at(std::string_view key) const;
    bool bool_at(std::string_view key, bool fallback) const;
    std::int64_t integer_at(std::string_view key) const;
};

struct TomlMember {
    std::string key;
    Spot at;  ///< of the key
    TomlValue value;
};

/// The bytes of a mark that some editors put before a text.
std::size_t byte_order_mark(std::string_view text);

/// The texts of the files, for positions inside of strings and for the lines that diagnostics show.
class Sources {
public:
    std::uint32_t add(std::string name, std::string text);
    const std::string& name(std::uint32_t file) const { return files_.at(file).name; }
    const std::string& text(std::uint32_t file) const { return files_.at(file).text; }
    /// The whole line, without its end and without a mark at the beginning of the file.
    std::string_view line(const Spot& spot) const;
    /// How many bytes of its line stand before a spot, such a mark left out.
    std::size_t before(const Spot& spot) const;

private:
    struct File {
        std::string name;
        std::string text;
    };
    std::deque<File> files_;
};

/// Parses file `file` of `sources`. False with the parser's finding in `problem` and its place in `spot`.
bool parse_toml(const Sources& sources, std::uint32_t file, TomlValue& out, std::string& problem, Spot& spot);

/// The place of byte `offset` of a string value: inside the quotes as written, or inside the inlined file.
Spot spot_in_string(const Sources& sources, const TomlValue& value, std::size_t offset);

/// A number, bool, string or date as text; lists and tables as JSON.
std::string scalar_text(const TomlValue& value);
/// The whole value as JSON text.
std::string to_json(const TomlValue& value);

}  // namespace slipway::app
