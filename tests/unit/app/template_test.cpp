// Rendering: what the template language of packaged apps means here.
#include <doctest/doctest.h>

#include <string>

#include "slipway/lifecycle/templates.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

namespace {

const std::string kState = R"json({"nuon": {
  "id": "in1", "name": "acme",
  "install": {"id": "in1", "inputs": {"region": "eu-west-1", "replicas": "3", "html": "<a & \"b\">"},
              "sandbox": {"outputs": {"vpc": {"id": "vpc-1", "subnets": ["s1", "s2"]}, "count": 2, "ratio": 0.5, "big": 1000000}}},
  "inputs": {"inputs": {"region": "eu-west-1", "empty": ""}},
  "components": {"populated": true, "db-main": {"outputs": {"url": "u"}}, "db": {"status": "active", "outputs": {"nothing": null, "b": true}}},
  "actions": {"workflows": {"check": {"status": "finished", "outputs": {"ok": "yes"}}}}
}, "action": {"inputs": {"who": "me"}}, "runbook_inputs": {"why": "drill"}})json";

struct Example {
    const char* text;
    const char* expected;
};

void check_all(std::initializer_list<Example> examples) {
    const auto state = TemplateState::parse(kState);
    REQUIRE(state);
    for (const auto& example : examples) {
        const auto out = render(example.text, *state, "here");
        CAPTURE(example.text);
        if (!out) {
            MESSAGE(out.error().message);
        }
        REQUIRE(out);
        CHECK(*out == example.expected);
    }
}

void check_refused(std::initializer_list<Example> examples) {
    const auto state = TemplateState::parse(kState);
    REQUIRE(state);
    for (const auto& example : examples) {
        const auto out = render(example.text, *state, "here");
        CAPTURE(example.text);
        REQUIRE_FALSE(out);
        CHECK(out.error().error_class == ErrorClass::kAuthoring);
        CHECK(out.error().message + " | " + out.error().hint == example.expected);
    }
}

}  // namespace

TEST_CASE("a text that names no root passes through byte for byte") {
    check_all({
        {"", ""},
        {"plain", "plain"},
        {"{{ request.object.metadata.name }}", "{{ request.object.metadata.name }}"},
        {"{{ .Values.image | quote }} {{- broken", "{{ .Values.image | quote }} {{- broken"},
        {"https://api.nuon.co/{{ .Chart }}", "https://api.nuon.co/{{ .Chart }}"},
        {"{{ x.nuon }} {{ .nuonce }}", "{{ x.nuon }} {{ .nuonce }}"},
        {"}} .nuon {{", "}} .nuon {{"},
    });
    CHECK_FALSE(is_template("{{ $labels.nuon }}"));
    CHECK(is_template("{{ $.nuon.id }}"));
    CHECK(is_template("{{.nuon.id}}"));
}

TEST_CASE("dotted paths read the state, under both names of the root") {
    check_all({
        {"{{.nuon.install.id}}-logs", "in1-logs"},
        {"{{ .slipway.install.id }}", "in1"},
        {"{{ .nuon.install.sandbox.outputs.vpc.id }}/{{.nuon.name}}", "vpc-1/acme"},
        {"{{ .action.inputs.who }} {{ .runbook_inputs.why }}", "me drill"},
        {"{{ .nuon.install.inputs.html }}", "<a & \"b\">"},
        {"{{ .nuon.install.sandbox.outputs.count }} {{ .nuon.install.sandbox.outputs.ratio }}", "2 0.5"},
        {"{{ .nuon.install.sandbox.outputs.big }}", "1000000"},
        {"{{ .nuon.install.sandbox.outputs.vpc }}", "map[id:vpc-1 subnets:[s1 s2]]"},
        {"{{ (index .nuon.components \"db-main\").outputs.url }}", "u"},
    });
}

TEST_CASE("a missing value is an error at its place, with the nearest name") {
    check_refused({
        {"{{ .nuon.instal.id }}",
         "here:1:4: '.nuon.instal.id' has no value: '.nuon' has no 'instal' | did you mean 'install'?"},
        {"a\n  {{ .nuon.install.sandbox.outputs.vcp.id }}",
         "here:2:6: '.nuon.install.sandbox.outputs.vcp.id' has no value: '.nuon.install.sandbox.outputs' has "
         "no 'vcp' | did you mean 'vpc'?"},
        {"{{ .nuon.install.id.x }}",
         "here:1:4: '.nuon.install.id.x' has no value: '.nuon.install.id' is a string and has no 'x' | "},
        {"{{ .nuon.components.db.outputs.nothing }}", "here:1:4: the value is empty (null) | "},
        {"{{ index .nuon.components \"dc\" }}", "here:1:4: the table has no 'dc' | did you mean 'db'?"},
        {"{{ if .nuon.inputs.inputs.nope }}x{{ end }}",
         "here:1:7: '.nuon.inputs.inputs.nope' has no value: '.nuon.inputs.inputs' has no 'nope' | it has "
         "'empty' or 'region'"},
        {"{{ join \",\" .nuon.nope }}",
         "here:1:13: '.nuon.nope' has no value: '.nuon' has no 'nope' | "
         "it has 'actions', 'components', 'id', 'inputs', 'install' or 'name'"},
    });
    const auto lenient = render("[{{ .nuon.nope.deep }}{{ .nuon.components.db.outputs.nothing }}]", kState,
                                "page", {.lenient = true});
    REQUIRE(lenient);
    CHECK(*lenient == "[]");
}

TEST_CASE("defaults take what is missing") {
    check_all({
        {"{{ .nuon.nope.deep | default \"x\" }}", "x"},
        {"{{ default \"x\" .nuon.inputs.inputs.empty }}", "x"},
        {"{{ default \"x\" .nuon.id }}", "in1"},
        {"{{ dig \"outputs\" \"vpc\" \"id\" \"none\" .nuon.install.sandbox }}", "vpc-1"},
        {"{{ dig \"outputs\" \"vcp\" \"id\" \"none\" .nuon.install.sandbox }}", "none"},
        {"{{ coalesce .nuon.nope .nuon.inputs.inputs.empty \"z\" }}", "z"},
        {"{{ $d := default dict (index (default dict .nuon.actions.workflows) \"gone\") }}{{ dig \"a\" \"-\" "
         "$d }}",
         "-"},
        {"{{ if index .nuon.actions.workflows \"gone\" }}a{{ else }}b{{ end }}", "b"},
    });
}

TEST_CASE("conditions, loops, variables and blanks") {
    check_all({
        {"{{ if eq .nuon.install.inputs.replicas \"3\" }}three{{ else if .nuon.id }}id{{ else }}no{{ end }}",
         "three"},
        {"{{ if and .nuon.id (not .nuon.inputs.inputs.empty) }}y{{ end }}", "y"},
        {"{{ if or .nuon.inputs.inputs.empty false }}y{{ else }}n{{ end }}", "n"},
        {"{{ if and false .nuon.nope }}y{{ else }}cut short{{ end }}", "cut short"},
        {"{{ range $i, $s := .nuon.install.sandbox.outputs.vpc.subnets }}{{ $i }}={{ $s }};{{ end }}",
         "0=s1;1=s2;"},
        {"{{ range .nuon.install.sandbox.outputs.vpc.subnets }}{{ . }}{{ if eq . \"s1\" }}{{ continue }}{{ "
         "end }}!{{ break }}{{ end }}",
         "s1s2!"},
        {"{{ range $k, $v := .nuon.install.inputs }}{{ $k }},{{ end }}", "html,region,replicas,"},
        {"{{ range .nuon.inputs.inputs.empty }}a{{ else }}none{{ end }}", "none"},
        {"{{ with .nuon.components.db }}{{ .status }} {{ $.nuon.id }}{{ end }}", "active in1"},
        {"{{ $x := 1 }}{{ if .nuon.id }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"},
        {"a  {{- .nuon.id -}}  b", "ain1b"},
        {"a {{/* .nuon is spoken of here */}}b{{ .nuon.id }}", "a bin1"},
        {"{{ \"}}\" }}{{ .nuon.id }}", "}}in1"},
        {"{{ `raw \"text\"` }}{{ .nuon.id }}", "raw \"text\"in1"},
    });
}

TEST_CASE("functions of packaged apps") {
    check_all({
        {"{{ .nuon.install.sandbox.outputs.vpc.subnets | join \",\" }}", "s1,s2"},
        {"{{ index .nuon.install.sandbox.outputs.vpc.subnets 1 }}", "s2"},
        {"{{ .nuon.install.sandbox.outputs.vpc | toJson }}", R"({"id":"vpc-1","subnets":["s1","s2"]})"},
        {"{{ toPrettyJson .nuon.install.sandbox.outputs.vpc }}",
         "{\n  \"id\": \"vpc-1\",\n  \"subnets\": [\n    \"s1\",\n    \"s2\"\n  ]\n}"},
        {"{{ (\"{\\\"a\\\": [1, 2]}\" | fromJson).a }}{{ .nuon.id }}", "[1 2]in1"},
        {"{{ printf \"%s-%03d %q %v %.1f%%\" .nuon.id 7 \"a\\\"b\" true 0.25 }}",
         "in1-007 \"a\\\"b\" true 0.2%"},
        {"{{ .nuon.id | upper | quote }} {{ lower \"ABC\" }} {{ squote 1 }}", "\"IN1\" abc '1'"},
        {"{{ trim \"  x \" }}{{ replace \"a\" \"b\" .nuon.name }}{{ (split \"-\" \"p-q\")._1 }}", "xbcmeq"},
        {"{{ b64enc .nuon.id }} {{ b64enc .nuon.id | b64dec }}", "aW4x in1"},
        {"a:{{ nindent 2 \"x\\ny\" }}{{ indent 1 .nuon.id }}", "a:\n  x\n  y in1"},
        {"{{ len .nuon.install.sandbox.outputs.vpc.subnets }} {{ gt (len .nuon.id) 2 }} {{ lt 1 2 }}",
         "2 true true"},
        {"{{ index (values .nuon.inputs.inputs) 1 }} {{ get .nuon.inputs.inputs \"region\" }}",
         "eu-west-1 eu-west-1"},
        {"{{ ternary \"a\" \"b\" true }}{{ hasKey .nuon \"id\" }}{{ contains \"n\" .nuon.id }}{{ add 1 2 3 "
         "}}",
         "atruetrue6"},
        {"{{ keys .nuon.inputs.inputs | join \"/\" }} {{ splitList \",\" \"a,b\" | last }}{{ trimSuffix "
         "\"1\" .nuon.id }}",
         "empty/region bin"},
        {"{{ sha256sum \"\" | trunc 8 }}{{ .nuon.id }}", "e3b0c442in1"},
    });
}

TEST_CASE("functions that templates know elsewhere") {
    check_all({
        {"{{ .nuon.id }}{{ title \"a b-c\" }}{{ nospace \" a b \" }}{{ substr 1 3 \"abcd\" }}",
         "in1A B-Cabbc"},
        {"{{ .nuon.id }} {{ cat \"a\" 1 }} {{ snakecase \"SomeName x\" }} {{ kebabcase \"someName\" }}",
         "in1 a 1 some_name_x some-name"},
        {"{{ urlquery \"a b&c/ü\" }}{{ .nuon.id }}", "a+b%26c%2F%C3%BCin1"},
        {"{{ $l := list 3 1 2 }}{{ reverse $l }}{{ append $l 4 }}{{ prepend $l 0 }}{{ without $l 1 }}{{ "
         ".nuon.id }}",
         "[2 1 3][3 1 2 4][0 3 1 2][3 2]in1"},
        {"{{ $l := list 3 1 2 }}{{ slice $l 1 3 }}{{ rest $l }}{{ initial $l }}{{ slice \"abc\" 1 }}{{ "
         ".nuon.id }}",
         "[1 2][1 2][3 1]bcin1"},
        {"{{ compact (list 1 0 \"\" 2) }}{{ max 1 3 2 }}{{ min 3 1 }}{{ floor 1.5 }}{{ ceil 1.5 }}{{ "
         ".nuon.id }}",
         "[1 2]3112in1"},
        {"{{ pick .nuon.inputs.inputs \"region\" | toJson }}{{ omit .nuon.inputs.inputs \"region\" | toJson "
         "}}",
         R"({"region":"eu-west-1"}{"empty":""})"},
        {"{{ merge (dict \"a\" 1) (dict \"a\" 2 \"b\" 3) | toJson }}{{ .nuon.id }}", R"({"a":1,"b":3}in1)"},
        {"{{ pluck \"a\" (dict \"a\" 1) (dict \"b\" 2) (dict \"a\" 3) }}{{ .nuon.id }}", "[1 3]in1"},
        {"{{ range until 3 }}{{ . }}{{ end }}{{ .nuon.id }}{{ toStrings (list 1 true) | toJson }}",
         R"(012in1["1","true"])"},
        {"{{ kindOf .nuon }}{{ kindIs \"string\" .nuon.id }}{{ all 1 0 }}{{ any 1 0 }}", "maptruefalsetrue"},
        {"{{ required \"why\" .nuon.id }}", "in1"},
    });
    check_refused({
        {"{{ required \"the url is needed\" .nuon.nope }}", "here:1:4: required: the url is needed | "},
        {"{{ fail (print \"no \" .nuon.id) }}", "here:1:4: fail: no in1 | "},
        {"{{ slice .nuon.id 2 9 }}", "here:1:4: slice: there is no part from 2 to 9, the value has 3 | "},
        {"{{ until 99999999 }}{{ .nuon.id }}", "here:1:4: until: counts from 0 to at most 100000 | "},
    });
}

TEST_CASE("a wrong template is refused at its place") {
    check_refused({
        {"{{ .nuon.id", "here:1:1: '{{' has no matching '}}' | "},
        {"{{ if .nuon.id }}x", "here:1:4: 'if' has no '{{ end }}' | "},
        {"{{ .nuon.id }}{{ end }}", "here:1:18: 'end' without a beginning | "},
        {"{{ .nuon.id | uper }}", "here:1:15: there is no function 'uper' | did you mean 'upper'?"},
        {"{{ .nuon.components.my-app.outputs.x }}",
         "here:1:23: '-' cannot stand in a dotted name | read such a name with index: index .nuon.components "
         "\"my-app\""},
        {"{{ join .nuon.id }}", "here:1:4: 'join' takes 2 arguments, not 1 | "},
        {"{{ .nuon.id .nuon.name }}",
         "here:1:4: this is a value and takes no arguments | call a function by its name"},
        {"{{ $x }}{{ .nuon.id }}", "here:1:4: '$x' is not declared | "},
        {"{{ index .nuon.install.sandbox.outputs.vpc.subnets 2 }}",
         "here:1:4: index: the list has 2 entries, there is no 2 (the first one is 0) | "},
        {"{{ eq .nuon.install.inputs.replicas 3 }}",
         "here:1:4: eq: cannot compare a string with a number; inputs are always strings, so compare them "
         "with \"…\" | "},
        {"{{ template \"x\" }}{{ .nuon.id }}", "here:1:4: 'template' is not supported | "},
        {"{{ fromJson .nuon.id }}", "here:1:4: fromJson: the text is not JSON: syntax error | "},
        {"{{ range .nuon.id }}{{ end }}", "here:1:10: range needs a list or a table, not a string | "},
        {"{{ \"open }}{{ .nuon.id }}", "here:1:1: '{{' has no matching '}}' | "},
        {"{{ now }}{{ .nuon.id }}",
         "here:1:4: there is no function 'now' | a template gives the same text for the same state; clock, "
         "chance and host are out "
         "of its reach"},
        {"{{ printf \"%s\" }}{{ .nuon.id }}",
         "here:1:4: printf: the format '%s' asks for more values than are given | "},
    });
}

TEST_CASE("a page shows what is there and keeps what is not a template of ours") {
    const auto state = TemplateState::parse(kState);
    REQUIRE(state);
    const auto page = render_page(
        "{{ .nuon.id }} {{ .nuon.nope.deep }}| {{ .Values.x }} {{ .nuon.a.* }} {{ if foreign .nuon }}x{{ end "
        "}} {{ upper "
        ".nuon.id }}",
        *state);
    CHECK(page.text == "in1 |  {{ .nuon.a.* }} {{ if foreign .nuon }}x{{ end }} IN1");
    REQUIRE(page.problems.size() == 3);
    CHECK(page.problems[0].message == "unexpected '*'");
    CHECK(page.problems[0].offset == 65);
    CHECK(render_page("plain {{ foreign", *state).text == "plain {{ foreign");
    CHECK(render_page("{{ .nuon.id", *state).text == "{{ .nuon.id");
}

TEST_CASE("limits hold") {
    const auto state = TemplateState::parse(R"({"nuon": {"l": [1,2,3,4,5,6,7,8,9,10]}})");
    REQUIRE(state);
    std::string loops = "{{ .nuon.l | len }}";
    for (int i = 0; i < 8; ++i) {
        loops = "{{ range .nuon.l }}" + loops + "{{ end }}";
    }
    CHECK(loops.size() < 500);
    for (int i = 0; i < 8; ++i) {
        loops = "{{ range $.nuon.l }}" + loops + "{{ end }}";
    }
    const auto endless = render("{{ .nuon.l }}" + loops, *state, "x", {.max_output_bytes = 1000});
    CHECK_FALSE(endless);
    CHECK_FALSE(render("{{ .nuon.l }}{{ repeat 99999999 \"abc\" }}", *state, "x"));
    std::string deep;
    for (int i = 0; i < 1000; ++i) {
        deep += "(";
    }
    CHECK_FALSE(render("{{ .nuon.l }}{{ " + deep + " }}", *state, "x"));
    std::string blocks;
    for (int i = 0; i < 1000; ++i) {
        blocks += "{{ if .nuon.l }}";
    }
    CHECK_FALSE(render(blocks, *state, "x"));
    CHECK_FALSE(TemplateState::parse("[1]"));
    CHECK_FALSE(TemplateState::parse("{"));
    CHECK_FALSE(render("{{ .nuon }}", "no json", "x"));
}

TEST_CASE("a template is checked without a state") {
    CHECK(check_template("{{ .nuon.whatever | default (dig \"a\" \"\" .nuon.x) }}").empty());
    CHECK(check_template("{{ foreign syntax ((( }}").empty());
    const auto problems = check_template("{{ if .nuon.a }}{{ jion \",\" (uper .nuon.b) }}{{ end }}");
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].hint == "did you mean 'join'?");
    CHECK(problems[1].offset == 29);
}
