#include "steps/kubernetes/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <boost/json.hpp>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

namespace slipway::kubernetes {
namespace {

namespace json = boost::json;

constexpr int kMaxDepth = 100;
/// A text without aliases has fewer values than bytes; this many more may come of unfolding them.
constexpr std::size_t kUnfoldedMax = 100'000;

bool is_one_of(const std::string& text, const std::set<std::string>& words) {
    return words.contains(text);
}

json::value integer_or_null(std::string text) {
    std::erase(text, '_');
    const bool negative = text.starts_with('-');
    std::string digits = negative || text.starts_with('+') ? text.substr(1) : text;
    int base = 10;
    if (digits.size() > 1 && digits[0] == '0') {
        const char mark = static_cast<char>(std::tolower(static_cast<unsigned char>(digits[1])));
        base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
        digits.erase(0, mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
    }
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (digits.empty() || code != std::errc() || end != digits.data() + digits.size()) {
        return nullptr;
    }
    if (!negative) {
        return value <= INT64_MAX ? json::value(static_cast<std::int64_t>(value)) : json::value(value);
    }
    return value <= INT64_MAX ? json::value(-static_cast<std::int64_t>(value)) : json::value();
}

json::value float_or_null(const std::string& text) {
    const auto first = text.find_first_not_of("+-");
    // No digit at all is "first" beyond everything.
    if (first > 1 || text.find_first_not_of("+-.0123456789eE") != text.npos ||
        text.find_first_of("0123456789") == std::string::npos) {
        return nullptr;
    }
    const auto from = text[0] == '+' ? 1U : 0U;
    double value = 0;
    const auto [end, code] = std::from_chars(text.data() + from, text.data() + text.size(), value);
    return code == std::errc() && end == text.data() + text.size() ? json::value(value) : json::value();
}

class Converter {
public:
    explicit Converter(std::size_t text_bytes) : nodes_max_(text_bytes + kUnfoldedMax) {}

    Result<json::value> convert(const YAML::Node& node, int depth = 0) {
        if (depth > kMaxDepth || ++nodes_ > nodes_max_) {
            return authoring_error("the YAML is nested too deeply or unfolds to too much");
        }
        if (node.IsScalar()) {
            // "?" is what yaml-cpp calls a plain scalar; "!" a quoted one.
            return node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str" ? json::value(node.Scalar())
                                                                              : plain_scalar(node.Scalar());
        }
        if (node.IsSequence()) {
            json::array out;
            for (const auto& item : node) {
                SLIPWAY_TRY(auto value, convert(item, depth + 1));
                out.push_back(std::move(value));
            }
            return json::value(std::move(out));
        }
        if (node.IsMap()) {
            return map(node, depth);
        }
        return json::value();
    }

private:
    Result<json::value> map(const YAML::Node& node, int depth) {
        json::object out;
        json::object merged;
        for (const auto& member : node) {
            if (!member.first.IsScalar()) {
                return authoring_error("a key of the YAML is no text");
            }
            const auto& key = member.first.Scalar();
            SLIPWAY_TRY(auto value, convert(member.second, depth + 1));
            if (key == "<<" && value.is_object()) {
                merged = std::move(value.get_object());
            } else if (out.contains(key)) {
                return authoring_error("the key " + key + " stands twice in one YAML map");
            } else {
                out[key] = std::move(value);
            }
        }
        for (auto& member : merged) {
            if (!out.contains(member.key())) {
                out[member.key()] = std::move(member.value());
            }
        }
        return json::value(std::move(out));
    }

    std::size_t nodes_max_;
    std::size_t nodes_ = 0;
};

/// Keeps nothing. yaml-cpp takes a text that begins with ',' for documents without end, each at the same
/// place, and LoadAll would collect them until the memory is used up.
class EndlessDocuments final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override {
        if (mark.pos <= last_) {
            throw YAML::ParserException(mark, "this cannot begin a document");
        }
        last_ = mark.pos;
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

private:
    int last_ = -1;
};

/// Throws what yaml-cpp throws.
void check_documents(const std::string& text) {
    std::istringstream in(text);
    YAML::Parser parser(in);
    EndlessDocuments documents;
    while (parser.HandleNextDocument(documents)) {
    }
}

bool is_blank(std::string_view text) {
    std::size_t from = 0;
    while (from < text.size()) {
        const auto end = std::min(text.find('\n', from), text.size());
        const auto line = text.substr(from, end - from);
        const auto first = line.find_first_not_of(" \t\r");
        if (first != std::string_view::npos && line[first] != '#') {
            return false;
        }
        from = end + 1;
    }
    return true;
}

}  // namespace

json::value plain_scalar(const std::string& text) {
    static const std::set<std::string> kNull = {"", "~", "null", "Null", "NULL"};
    static const std::set<std::string> kTrue = {"y",  "Y",  "yes",  "Yes",  "YES", "on",
                                                "On", "ON", "true", "True", "TRUE"};
    static const std::set<std::string> kFalse = {"n",   "N",   "no",    "No",    "NO",   "off",
                                                 "Off", "OFF", "false", "False", "FALSE"};
    if (is_one_of(text, kNull)) {
        return nullptr;
    }
    if (is_one_of(text, kTrue) || is_one_of(text, kFalse)) {
        return is_one_of(text, kTrue);
    }
    if (auto number = integer_or_null(text); !number.is_null()) {
        return number;
    }
    if (auto number = float_or_null(text); !number.is_null()) {
        return number;
    }
    return json::value(text);
}

Result<std::vector<json::value>> parse_yaml(std::string_view text, std::string_view what) {
    if (text.size() > kMaxYaml) {
        return authoring_error(std::string(what) + " is longer than 16 MiB");
    }
    std::vector<json::value> out;
    try {
        check_documents(std::string(text));
        for (const auto& node : YAML::LoadAll(std::string(text))) {
            auto value = Converter(text.size()).convert(node);
            if (!value) {
                return authoring_error(std::string(what) + ", document " + std::to_string(out.size() + 1) +
                                       ": " + value.error().message);
            }
            if (!value->is_null()) {
                out.push_back(std::move(*value));
            }
        }
    } catch (const YAML::Exception& error) {
        return authoring_error(std::string(what) + " is not YAML: " + error.what());
    }
    return out;
}

std::vector<std::string> split_yaml(std::string_view text) {
    std::vector<std::string> out;
    std::string document;
    const auto take = [&] {
        if (!is_blank(document)) {
            out.push_back(document);
        }
        document.clear();
    };
    std::size_t from = 0;
    while (from < text.size()) {
        const auto end = std::min(text.find('\n', from), text.size());
        const auto line = text.substr(from, end - from);
        if (line.starts_with("---") && (line.size() == 3 || line[3] == ' ' || line[3] == '\r')) {
            take();
        } else {
            document += line;
            document += '\n';
        }
        from = end + 1;
    }
    take();
    return out;
}

}  // namespace slipway::kubernetes
