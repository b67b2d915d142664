// What templates read.
#include <doctest/doctest.h>

#include "slipway/lifecycle/templates.hpp"

using namespace slipway::lifecycle;

namespace {

std::string shown(std::string_view text) {
    std::string out;
    for (const auto& r : find_references(text)) {
        out += std::string(out.empty() ? "" : " ") + std::string(to_string(r.kind)) + ":" + r.name + "@" +
               std::to_string(r.offset);
    }
    return out;
}

}  // namespace

TEST_CASE("references are found in every spelling") {
    CHECK(shown("{{.nuon.components.db.outputs.url}}") == "component:db@2");
    CHECK(shown("{{ .nuon.inputs.inputs.a }} {{ .nuon.install.inputs.b }}") == "input:a@3 input:b@31");
    CHECK(shown("{{ .nuon.install.sandbox.outputs.x }}{{ .nuon.sandbox.outputs.y }}") ==
          "sandbox:sandbox@3 sandbox:sandbox@40");
    CHECK(shown("{{ .nuon.actions.workflows.check.outputs.ok }}") == "action:check@3");
    CHECK(shown("{{ .nuon.actions.check.outputs.ok }}") == "action:check@3");
    CHECK(shown("{{ index .nuon.components \"my-app\" \"outputs\" }}") == "component:my-app@9");
    CHECK(shown("{{ (index .nuon.components \"my-app\").outputs.x }}") == "component:my-app@10");
    CHECK(shown("{{ get .nuon.components \"a\" }}") == "component:a@7");
    CHECK(shown("{{ dig \"db\" \"outputs\" \"x\" \"none\" .nuon.components }}") == "component:db@33");
    CHECK(shown("{{ index (default dict .nuon.actions.workflows) \"k8s\" }}") == "action:k8s@23");
    CHECK(shown("{{ range $n, $c := .nuon.components.components }}{{ end }}") == "component:@19");
    CHECK(shown("{{ if .nuon.components.populated }}{{ end }}") == "component:@6");
    CHECK(shown("{{ with .nuon.components.a }}{{ $.nuon.components.b.outputs.x }}{{ else }}{{ .slipway.id "
                "}}{{ end }}") == "component:a@8 component:b@32 install:id@77");
    CHECK(shown("{{ .nuon.secrets.s }} {{ .nuon.install.secrets.t }}") == "secret:s@3 secret:t@25");
    CHECK(shown("{{ .nuon.install_stack.outputs.region }}") == "install_stack:install_stack@3");
    CHECK(shown("{{ .runbook_inputs.a }}{{ .action.inputs.b }}") == "runbook_input:a@3 action_input:b@26");
    CHECK(shown("{{ .nuon.cloud_account.aws.region }}{{ .nuon.tpyo }}") ==
          "other:cloud_account@3 unknown:tpyo@39");
    CHECK(shown("{{ .nuon.components.a.outputs.x | default .nuon.components.b.outputs.x }}") ==
          "component:a@3 component:b@42");
}

TEST_CASE("a text without a root has no references, and a broken one those that can be seen") {
    CHECK(shown(".nuon.components.db.outputs.x").empty());
    CHECK(shown("{{ x.nuon.components.db }}").empty());
    CHECK(shown("{{ .nuon.components.my-app.outputs.x }} {{ .nuon.components.db.outputs.y") ==
          "component:my@3 component:db@43");
    const auto found = find_references("{{ .nuon.components.db.outputs.a.b }}");
    REQUIRE(found.size() == 1);
    CHECK(found[0].path == "nuon.components.db.outputs.a.b");
}

TEST_CASE("a root as a whole is a reference, however it is passed on") {
    const auto paths = [](std::string_view text) {
        std::string out;
        for (const auto& r : find_references(text)) {
            out += (out.empty() ? "" : " ") + (r.path.empty() ? std::string("(all)") : r.path);
        }
        return out;
    };
    CHECK(shown("{{ $n := .nuon }}{{ $n.inputs.inputs.pw }}") == "install:@9");
    CHECK(paths("{{ $n := .nuon }}{{ $n.inputs.inputs.pw }}") == "nuon");
    CHECK(paths("{{ with .nuon }}{{ .inputs.inputs.pw }}{{ end }}") == "nuon");
    CHECK(paths("{{ .nuon | toJson }}") == "nuon");
    CHECK(paths("{{ toJson . }}{{ .slipway.id }}") == "(all) slipway.id");
    CHECK(paths("{{ $all := $ }}{{ $all.nuon.id }}{{ .nuon.name }}") == "(all) nuon.name");
    CHECK(paths("{{ . | toJson }}{{ .nuon.id }}") == "(all) nuon.id");
    CHECK(paths("{{ (.).nuon.id }}{{ .nuon.name }}") == "nuon.id nuon.name");
    CHECK(paths("{{ index . \"nuon\" \"inputs\" }}{{ .nuon.id }}") == "nuon.inputs nuon.id");
    CHECK(paths("{{ index $ .nuon.id }}") == "(all) nuon.id");
    // Below a range or a with the dot is something else, `$` is not.
    CHECK(paths("{{ range .nuon.components }}{{ . }}{{ else }}{{ . }}{{ end }}") == "nuon.components (all)");
    CHECK(paths("{{ with .nuon.id }}{{ toJson $ }}{{ end }}") == "nuon.id (all)");
}

TEST_CASE("fallbacks and names that are not literal are read as well") {
    CHECK(shown("{{ default .nuon.inputs.inputs.a .nuon.inputs.inputs.b }}") == "input:a@11 input:b@33");
    CHECK(shown("{{ (default .nuon.inputs.inputs.a .nuon.inputs.inputs.b) }}") == "input:a@12 input:b@34");
    CHECK(shown("{{ index .nuon.components .nuon.inputs.inputs.a }}") == "component:@9 input:a@26");
    CHECK(shown("{{ index .nuon.inputs.inputs $x }}") == "input:@9");
    CHECK(shown("{{ dig \"db\" .nuon.id .nuon.components }}") == "install:id@12 component:db@21");
}
