#include "steps/terraform/variables.hpp"

#include <openssl/hmac.h>

#include <array>
#include <boost/json.hpp>
#include <cctype>

#include "steps/terraform/hcl.hpp"

namespace slipway::terraform {
namespace {

// Just enough of a scanner to see words, texts and brackets of a configuration file; comments are skipped.
class Words {
public:
    explicit Words(std::string_view text) : text_(text) {}

    // Empty at the end. Texts come with their opening quote, so that they cannot be taken for words.
    std::string next() {
        skip_space();
        if (at_ >= text_.size()) {
            return {};
        }
        const char c = text_[at_];
        if (c == '"') {
            return quoted();
        }
        if (!is_word(c)) {
            return {text_[at_++]};
        }
        const auto from = at_;
        while (at_ < text_.size() && is_word(text_[at_])) {
            ++at_;
        }
        return std::string(text_.substr(from, at_ - from));
    }

private:
    static bool is_word(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    }
    bool starts(std::string_view mark) const { return text_.substr(at_).starts_with(mark); }
    void skip_to(std::string_view mark) {
        const auto end = text_.find(mark, at_);
        at_ = end == std::string_view::npos ? text_.size() : end + mark.size();
    }
    void skip_space() {
        while (at_ < text_.size()) {
            if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
                ++at_;
            } else if (starts("#") || starts("//")) {
                skip_to("\n");
            } else if (starts("/*")) {
                skip_to("*/");
            } else {
                return;
            }
        }
    }
    std::string quoted() {
        std::string out = "\"";
        for (++at_; at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n'; ++at_) {
            at_ += text_[at_] == '\\' ? 1U : 0U;
            out += at_ < text_.size() ? text_[at_] : ' ';
        }
        ++at_;
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

bool is_structural(const std::string& type) {
    static const std::set<std::string> kTypes = {"list", "set", "map", "object", "tuple", "any"};
    return kTypes.contains(type);
}

// Reads the block behind its opening bracket; true when its own `type = …` is a structural one.
bool has_structural_type(Words& words) {
    bool found = false;
    int depth = 1;
    std::string before;
    std::string before_that;
    for (auto word = words.next(); !word.empty() && depth > 0; word = depth > 0 ? words.next() : "") {
        depth += word == "{" ? 1 : word == "}" ? -1 : 0;
        found = found || (depth == 1 && before == "=" && before_that == "type" && is_structural(word));
        before_that = std::exchange(before, word);
        if (depth == 0) {
            break;
        }
    }
    return found;
}

std::string keyed_digest(std::string_view nonce, std::string_view text) {
    Digest digest;
    unsigned size = 0;
    HMAC(EVP_sha256(), nonce.data(), static_cast<int>(nonce.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.bytes.data(), &size);
    return digest.hex();
}

json::object with_structures(const json::object& vars, const std::set<std::string>& structural) {
    json::object out = vars;
    for (auto& member : out) {
        const std::string name(member.key().data(), member.key().size());
        if (!member.value().is_string() || !structural.contains(name)) {
            continue;
        }
        const auto& text = member.value().get_string();
        auto parsed = parse_json(std::string_view(text.data(), text.size()), name);
        if (parsed && (parsed->is_array() || parsed->is_object() || parsed->is_null())) {
            member.value() = std::move(*parsed);
        }
    }
    return out;
}

}  // namespace

std::set<std::string> structural_variables(std::string_view module_text) {
    std::set<std::string> found;
    Words words(module_text);
    int depth = 0;
    for (auto word = words.next(); !word.empty(); word = words.next()) {
        if (depth == 0 && word == "variable") {
            const auto name = words.next();
            if (name.size() > 1 && words.next() == "{" && has_structural_type(words)) {
                found.insert(name[0] == '"' ? name.substr(1) : name);
            }
            continue;
        }
        depth += word == "{" ? 1 : word == "}" ? -1 : 0;
    }
    return found;
}

Result<VariableFiles> render_variables(const PlanInput& input, std::string_view module_text,
                                       std::string_view nonce) {
    VariableFiles files;
    json::array digested;
    for (const auto& file : input.var_files) {
        digested.emplace_back(file.contents);
        if (!file.name.ends_with(".json")) {
            files.contents.push_back(file.contents + "\n");
            continue;
        }
        SLIPWAY_TRY(auto values, parse_object(file.contents, "the variable file " + file.name));
        SLIPWAY_TRY(auto text, hcl_assignments(values));
        files.contents.push_back(std::move(text));
    }
    SLIPWAY_TRY(auto text, hcl_assignments(with_structures(input.vars, structural_variables(module_text))));
    files.contents.push_back(text.empty() ? "\n" : std::move(text));
    digested.emplace_back(input.vars);
    files.digest = keyed_digest(nonce, canonical(digested));
    return files;
}

}  // namespace slipway::terraform
