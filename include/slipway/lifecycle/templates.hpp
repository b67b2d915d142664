// Templates: the part of the Go template language that packaged apps use, over a JSON document of an
// install's state.
//
//   auto text = slipway::lifecycle::render("{{ .nuon.install.id }}-logs",
//   R"({"nuon":{"install":{"id":"acme"}}})", "vars.name");
//   // "acme-logs"
//
// Only a text with an action that names one of the roots `.nuon`, `.slipway`, `.runbook_inputs` or `.action`
// is a template; every other text, whatever braces it holds, comes back byte for byte. Nothing is escaped for
// HTML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/result.hpp"

namespace slipway::lifecycle {

/// A state document, parsed once and rendered from many times. Immutable and cheap to copy; thread-safe.
/// `.slipway` is the same document as `.nuon`: whichever of the two the JSON holds serves both names.
class TemplateState {
public:
    /// `text`: a JSON object whose members are the roots, e.g. {"nuon": {...}, "runbook_inputs": {...}}.
    static Result<TemplateState> parse(std::string_view text);

    struct Document;
    const Document& document() const { return *document_; }

private:
    explicit TemplateState(std::shared_ptr<const Document> document) : document_(std::move(document)) {}
    std::shared_ptr<const Document> document_;
};

struct RenderOptions {
    /// A missing value prints nothing instead of failing the text. For read-me pages; never for anything that
    /// is applied.
    bool lenient = false;
    std::size_t max_output_bytes = 16U << 20U;
    /// What all loops and functions together may copy, make and look at: bounds memory and time, whatever the
    /// template.
    std::size_t max_work_bytes = 128U << 20U;
};

/// Renders `text`. Pure: no clock, no I/O, no random numbers. `where` names the text in errors
/// ("component.app.vars.region"). A missing value is an authoring error with the place inside the text
/// (line:column) and the nearest existing name.
Result<std::string> render(std::string_view text, const TemplateState& state, std::string_view where,
                           const RenderOptions& options = {});
Result<std::string> render(std::string_view text, std::string_view state_json, std::string_view where,
                           const RenderOptions& options = {});

/// Checks what needs no state: syntax, functions and their number of arguments, variables, formats of printf,
/// and names at the root of the state. Ok for a text that is no template.
struct TemplateProblem {
    std::size_t offset = 0;  ///< in bytes, into the text
    std::string message;
    std::string hint;
};
std::vector<TemplateProblem> check_template(std::string_view text);

/// A read-me page with the state of an install: what is not there yet prints nothing, an action that is wrong
/// or that is somebody else's stays as it was written, and is told.
struct RenderedPage {
    std::string text;
    std::vector<TemplateProblem> problems;  ///< offsets into the text as it was given
};
RenderedPage render_page(std::string_view text, const TemplateState& state);

/// True when `text` has an action that names a root.
bool is_template(std::string_view text);

enum class ReferenceKind : std::uint8_t {
    kInput = 1,         ///< .nuon.inputs.inputs.X, .nuon.install.inputs.X; an empty name means all of them
    kSandbox = 2,       ///< .nuon.sandbox…, .nuon.install.sandbox…
    kComponent = 3,     ///< .nuon.components.X…; an empty name means all of them
    kAction = 4,        ///< .nuon.actions.workflows.X…, .nuon.actions.X…
    kSecret = 5,        ///< .nuon.secrets.X, .nuon.install.secrets.X
    kInstallStack = 6,  ///< .nuon.install_stack…
    kInstall = 7,  ///< .nuon.install.id and its kin, .nuon.id, .nuon.name; an empty name: a root as a whole
    kRunbookInput = 8,  ///< .runbook_inputs.X
    kActionInput = 9,   ///< .action.inputs.X
    kOther = 10,        ///< app, org, runner, domain, cloud_account
    kUnknown = 11,      ///< a first segment that no state document has
};
std::string_view to_string(ReferenceKind kind);

struct Reference {
    ReferenceKind kind = ReferenceKind::kUnknown;
    std::string name;  ///< of the input, component, action or secret; the first segment for the others
    /// The whole dotted path as it is read, with its root, e.g. "nuon.components.vpc.outputs.id"; empty for
    /// `.` or `$` itself, which is everything.
    std::string path;
    std::size_t offset = 0;  ///< in bytes, into the text
    /// The component's var_name, where an app reads it by that; `name` is its name then. Only in what
    /// load_app gives.
    std::string alias = {};

    friend bool operator==(const Reference&, const Reference&) = default;
};

/// What a text reads, in order of appearance, `index`, `get` and `dig` with literal names included. For a
/// text whose syntax is broken, what can be seen by scanning its actions.
std::vector<Reference> find_references(std::string_view text);

}  // namespace slipway::lifecycle
