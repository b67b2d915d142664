// The only file that knows toml++.
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "engine/app/toml_tree.hpp"

namespace slipway::app {

namespace {

/// Translates toml++'s positions (columns in code points) into ours (bytes).
class Positions {
public:
    Positions(const std::string& text, std::uint32_t file) : text_(text), file_(file) {
        lines_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') {
                lines_.push_back(i + 1);
            }
        }
    }

    Spot at(const toml::source_position& position) const {
        Spot spot{file_, position.line, position.column};
        if (position.line == 0 || position.line > lines_.size()) {
            return spot;
        }
        const std::size_t begin = lines_[position.line - 1];
        std::size_t i = begin + (position.line == 1 ? byte_order_mark(text_) : 0);
        for (std::uint32_t left = position.column; left > 1 && i < text_.size() && text_[i] != '\n'; --left) {
            ++i;
            while (i < text_.size() && (static_cast<unsigned char>(text_[i]) & 0xC0U) == 0x80U) {
                ++i;
            }
        }
        spot.column = static_cast<std::uint32_t>(i - begin + 1);
        return spot;
    }

private:
    const std::string& text_;
    std::uint32_t file_;
    std::vector<std::size_t> lines_;
};

template <class T>
std::string date_text(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

TomlValue convert(const toml::node& from, const Positions& positions);

void convert_table(const toml::table& from, const Positions& positions, TomlValue& out) {
    out.kind = TomlKind::kTable;
    out.members.reserve(from.size());
    for (const auto& [key, value] : from) {
        TomlMember member{std::string(key.str()), positions.at(key.source().begin),
                          convert(value, positions)};
        out.members.push_back(std::move(member));
    }
    std::stable_sort(out.members.begin(), out.members.end(), [](const TomlMember& a, const TomlMember& b) {
        return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
    });
}

TomlValue convert(const toml::node& from, const Positions& positions) {
    TomlValue out;
    out.at = positions.at(from.source().begin);
    if (const auto* table = from.as_table()) {
        convert_table(*table, positions, out);
    } else if (const auto* array = from.as_array()) {
        out.kind = TomlKind::kArray;
        out.items.reserve(array->size());
        for (const auto& item : *array) {
            out.items.push_back(convert(item, positions));
        }
    } else if (const auto* text = from.as_string()) {
        out.kind = TomlKind::kString;
        out.text = text->get();
    } else if (const auto* integer = from.as_integer()) {
        out.kind = TomlKind::kInteger;
        out.integer = integer->get();
    } else if (const auto* real = from.as_floating_point()) {
        out.kind = TomlKind::kFloat;
        out.real = real->get();
    } else if (const auto* boolean = from.as_boolean()) {
        out.kind = TomlKind::kBool;
        out.boolean = boolean->get();
    } else {
        out.kind = TomlKind::kDate;
        if (const auto* date = from.as_date()) {
            out.text = date_text(date->get());
        }
        if (const auto* time = from.as_time()) {
            out.text = date_text(time->get());
        }
        if (const auto* both = from.as_date_time()) {
            out.text = date_text(both->get());
        }
    }
    return out;
}

}  // namespace

bool parse_toml(const Sources& sources, std::uint32_t file, TomlValue& out, std::string& problem,
                Spot& spot) {
    const std::string& text = sources.text(file);
    const Positions positions(text, file);
    spot = Spot{file, 1, 1};
    try {
        const toml::table table = toml::parse(text, sources.name(file));
        convert_table(table, positions, out);
        out.at = Spot{file, 1, 1};
        return true;
    } catch (const toml::parse_error& e) {
        problem = std::string(e.description());
        spot = positions.at(e.source().begin);
    } catch (const std::exception& e) {
        problem = std::string("cannot be read as TOML: ") + e.what();
    }
    return false;
}

}  // namespace slipway::app
