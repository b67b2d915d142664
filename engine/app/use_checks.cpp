// What is declared and never used, and templates that miss their dot.
#include <algorithm>
#include <set>

#include "engine/app/check_tools.hpp"
#include "engine/app/template_lexer.hpp"

namespace slipway::app {

using lifecycle::Reference;
using lifecycle::ReferenceKind;

namespace {

template <class Visit>
void for_each_string(const TomlValue& value, const std::string& key, Visit&& visit) {
    if (value.kind == TomlKind::kString && !value.pending) {
        visit(value, key);
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        for_each_string(value.items[i], at_index(key, i), visit);
    }
    for (const auto& member : value.members) {
        for_each_string(member.value, below(key, member.key), visit);
    }
}

/// "{{nuon.install.id}}": where `nuon` stands in an action without its dot.
std::size_t dotless_root(const std::string& text) {
    std::size_t close = 0;
    for (std::size_t open = text.find("{{"); open != std::string::npos; open = text.find("{{", close)) {
        close = std::min(text.find("}}", open + 2), text.size());
        const std::string_view seen = std::string_view(text).substr(0, close);
        for (const std::string_view root : {"nuon.", "slipway."}) {
            for (std::size_t at = seen.find(root, open + 2); at < close; at = seen.find(root, at + 1)) {
                const char before = text[at - 1];
                const std::size_t behind = at + root.size();
                const bool free_before = !is_word_char(before) && before != '.' && before != '/' &&
                                         before != '"' && before != '\'' && before != '-';
                if (free_before && behind < close && is_word_char(text[behind])) {
                    return at;
                }
            }
        }
    }
    return std::string::npos;
}

/// `{{ index . "nuon" … }}`: a text that reads the state in this way alone passes through as well.
std::size_t looked_up_root(const std::string& text) {
    if (lifecycle::is_template(text)) {
        return std::string::npos;
    }
    std::size_t close = 0;
    for (std::size_t open = text.find("{{"); open != std::string::npos; open = text.find("{{", close)) {
        close = std::min(text.find("}}", open + 2), text.size());
        const std::string_view seen = std::string_view(text).substr(0, close);
        for (const std::string_view root : {". \"nuon\"", "$ \"nuon\"", ". \"slipway\"", "$ \"slipway\""}) {
            if (const std::size_t at = seen.find(root, open); at != std::string_view::npos) {
                return at;
            }
        }
    }
    return std::string::npos;
}

}  // namespace

void check_dotless(const AppDocument& document, Reading& reading) {
    for_each_string(document.root, "", [&](const TomlValue& value, const std::string& key) {
        const std::size_t at = dotless_root(value.text);
        if (at != std::string::npos) {
            reading.findings.warning(spot_in_string(reading.sources, value, at), key,
                                     "is not a template: it passes through as it stands",
                                     "write '{{." +
                                         value.text.substr(at, value.text.find_first_of(" }|)", at) - at) +
                                         "}}' with its dot");
        }
        if (const std::size_t by_name = looked_up_root(value.text); by_name != std::string::npos) {
            reading.findings.warning(spot_in_string(reading.sources, value, by_name), key,
                                     "is not a template: it passes through as it stands",
                                     "begin with the dotted name: index .nuon \"…\"");
        }
    });
}

void check_unused_inputs(const std::vector<AppDocument>& documents, const std::vector<Reference>& references,
                         Reading& reading) {
    std::set<std::string> used;
    for (const auto& reference : references) {
        if (reference.kind == ReferenceKind::kInput) {
            used.insert(reference.name);
        }
        const bool everything = reference.kind == ReferenceKind::kInput && reference.name.empty();
        const bool root = reference.path.empty() || reference.path == "nuon" || reference.path == "slipway" ||
                          reference.path == "nuon.install" || reference.path == "slipway.install";
        if (everything || root) {
            return;
        }
    }
    for (const auto& entry : entries_of(documents, "inputs", "input")) {
        const TomlValue* name = text_member(*entry.table, "name");
        if (name != nullptr && !used.contains(name->text)) {
            reading.findings.warning(name->at, below(entry.key, "name"),
                                     "no template of the app reads the input '" + name->text + "'",
                                     "read it as .nuon.inputs.inputs." + name->text + ", or leave it out");
        }
    }
}

}  // namespace slipway::app
