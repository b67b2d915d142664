#include "steps/helm/values.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "steps/kubernetes/yaml.hpp"

namespace slipway::helm {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxIndex = 1000;

struct Part {
    std::string name;                  ///< of a member
    std::vector<std::size_t> indices;  ///< behind it
};

Result<Part> part_of(const std::string& text, const std::string& key) {
    Part part;
    const auto bracket = text.find('[');
    part.name = text.substr(0, bracket);
    auto at = bracket;
    while (at != std::string::npos && at < text.size()) {
        std::size_t index = 0;
        const auto end = text.find(']', at);
        const char* from = text.data() + at + 1;
        const char* to = end == std::string::npos ? from : text.data() + end;
        const auto [stop, code] = std::from_chars(from, to, index);
        if (text[at] != '[' || end == std::string::npos || code != std::errc() || stop != to ||
            index > kMaxIndex) {
            return authoring_error("values: " + key + " is no path");
        }
        part.indices.push_back(index);
        at = end + 1;
    }
    if (part.name.empty()) {
        return authoring_error("values: " + key + " is no path");
    }
    return part;
}

Result<std::vector<Part>> parts_of(const std::string& key) {
    std::vector<Part> out;
    std::string piece;
    for (std::size_t i = 0; i <= key.size(); ++i) {
        if (i < key.size() && key[i] == '\\' && i + 1 < key.size()) {
            piece += key[++i];
        } else if (i == key.size() || key[i] == '.') {
            SLIPWAY_TRY(auto part, part_of(piece, key));
            out.push_back(std::move(part));
            piece.clear();
        } else {
            piece += key[i];
        }
    }
    return out;
}

json::value typed(const json::value& value) {
    if (!value.is_string()) {
        return value;
    }
    const auto text = std::string(value.get_string());
    if (text == "true" || text == "false") {
        return text == "true";
    }
    if (text == "null") {
        return nullptr;
    }
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = code == std::errc() && end == text.data() + text.size();
    return whole && (text == "0" || (text[0] != '0' && !text.starts_with("-0"))) ? json::value(number)
                                                                                 : value;
}

void put(json::object& root, const std::vector<Part>& parts, json::value value) {
    json::value* at = nullptr;
    json::object* object = &root;
    for (const auto& part : parts) {
        if (at != nullptr) {
            if (!at->is_object()) {
                *at = json::object();
            }
            object = &at->get_object();
        }
        at = &(*object)[part.name];
        for (const auto index : part.indices) {
            if (!at->is_array()) {
                *at = json::array();
            }
            auto& list = at->get_array();
            if (list.size() <= index) {
                list.resize(index + 1);
            }
            at = &list[index];
        }
    }
    *at = std::move(value);
}

void note(const std::string& path, const json::value& value, const std::string& from,
          std::map<std::string, std::string>& out) {
    if (value.is_object() && !value.get_object().empty()) {
        for (const auto& member : value.get_object()) {
            const auto key = std::string(member.key());
            note(path.empty() ? key : path + "." + key, member.value(), from, out);
        }
        return;
    }
    // What stood there before, as a value or as a whole branch, is replaced.
    std::erase_if(out, [&](const auto& entry) {
        return entry.first == path || entry.first.starts_with(path + ".") ||
               path.starts_with(entry.first + ".");
    });
    out[path] = from;
}

}  // namespace

Result<json::object> tree_of(const json::object& values) {
    json::object root;
    for (const auto& member : values) {
        SLIPWAY_TRY(const auto parts, parts_of(std::string(member.key())));
        put(root, parts, typed(member.value()));
    }
    return root;
}

Result<std::map<std::string, std::string>> provenance(const std::vector<ValuesFile>& files) {
    std::map<std::string, std::string> out;
    for (const auto& file : files) {
        SLIPWAY_TRY(const auto documents, kubernetes::parse_yaml(file.contents, file.name));
        for (const auto& document : documents) {
            if (!document.is_object()) {
                return authoring_error(file.name + " holds no map of values");
            }
            note("", document, file.name, out);
        }
    }
    out.erase("");
    return out;
}

}  // namespace slipway::helm
