// Components that need each other in a circle, each circle with the places that make it.
#include <algorithm>

#include "engine/app/check_tools.hpp"
#include "engine/app/cycle.hpp"

namespace slipway::app {

namespace {

constexpr std::size_t kMostCircles = 100;

/// Where a component says that it needs another.
struct NeedPlace {
    Spot at;
    std::string key;
    std::string_view how = "needs";
};

class CycleCheck {
public:
    CycleCheck(const std::vector<AppDocument>& documents, const Names& names, Reading& reading)
        : documents_(documents), names_(names), reading_(reading) {}

    void run(const std::vector<lifecycle::Component>& components) {
        Needs needs;
        for (const auto& component : components) {
            needs[component.name] = component.dependencies;
        }
        for (const auto& circle : find_cycles(needs, kMostCircles)) {
            tell(circle);
        }
    }

private:
    void tell(const std::vector<std::string>& circle) {
        std::string hint;
        NeedPlace last;
        for (std::size_t i = 0; i + 1 < circle.size(); ++i) {
            last = place_of_need(circle[i], circle[i + 1]);
            hint += (hint.empty() ? "" : ", ") + circle[i] + " " + std::string(last.how) + " " +
                    circle[i + 1] + " (" + reading_.sources.name(last.at.file) + ":" +
                    std::to_string(last.at.line) + ")";
        }
        reading_.findings.error(last.at, last.key,
                                "components depend on each other in a circle: " + show_path(circle), hint);
    }

    /// The list entry, the template or the context: in this order, as an author would look.
    NeedPlace place_of_need(const std::string& from, const std::string& to) const {
        const AppDocument* document = document_of(from);
        if (document == nullptr) {
            return {};
        }
        const TomlValue* list = document->root.find("dependencies");
        for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
            if (list->items[i].kind == TomlKind::kString && list->items[i].text == to) {
                return {list->items[i].at, at_index("dependencies", i), "lists"};
            }
        }
        if (const auto read = reading_.component_reads.find({from, to});
            read != reading_.component_reads.end()) {
            const TemplateRead& found = read->second;
            return {spot_in_string(reading_.sources, *found.value, found.offset), found.key, "reads"};
        }
        const TomlValue* context = text_member(document->root, "kubernetes_context");
        if (context != nullptr && names_.contexts.contains(context->text)) {
            return {context->at, "kubernetes_context", "runs in the cluster of"};
        }
        return {document->root.at, {}};
    }

    const AppDocument* document_of(const std::string& name) const {
        for (const auto* document : of_section(documents_, "components")) {
            if (document->root.string_at("name") == name) {
                return document;
            }
        }
        return nullptr;
    }

    const std::vector<AppDocument>& documents_;
    const Names& names_;
    Reading& reading_;
};

}  // namespace

void check_cycles(const std::vector<AppDocument>& documents, const Names& names,
                  const std::vector<lifecycle::Component>& components, Reading& reading) {
    CycleCheck(documents, names, reading).run(components);
}

}  // namespace slipway::app
