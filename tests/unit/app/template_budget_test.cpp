// Hostile templates: whatever they are, they end soon, in an error at its place, and the host keeps its
// memory.
#include <doctest/doctest.h>

#include <string>

#include "slipway/lifecycle/templates.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

namespace {

const std::string kState = R"({"nuon": {"id": "i", "text": "abcdefgh", "list": [1, 2, 3, 4, 5, 6, 7, 8]}})";

/// `body` many times over, with $x growing in each turn.
std::string loop(const std::string& begin, const std::string& body) {
    return "{{ $x := " + begin + " }}{{ range until 100000 }}{{ $x = " + body +
           " }}{{ end }}{{ len $x }}{{ .nuon.id }}";
}

Error refusal(const std::string& text) {
    const auto state = TemplateState::parse(kState);
    REQUIRE(state);
    const auto out = render(text, *state, "here", {.max_work_bytes = 3U << 20U});
    REQUIRE_FALSE(out);
    CHECK(out.error().error_class == ErrorClass::kAuthoring);
    CHECK(out.error().message.starts_with("here:1:"));
    return out.error();
}

void refused(const std::string& text) {
    static_cast<void>(refusal(text));
}

std::string times(const std::string& text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += text;
    }
    return out;
}

}  // namespace

TEST_CASE("a value that doubles in a loop is refused before it is there") {
    for (const auto* body : {"concat $x $x", "list $x $x", "prepend $x $x", "append $x $x",
                             "toStrings (concat $x $x)", "reverse (concat $x $x)"}) {
        CAPTURE(body);
        refused(loop("list 1", body));
    }
    for (const auto* body : {R"(printf "%s%s" $x $x)", "print $x $x", "cat $x $x", R"(join $x (list 1 2 3))",
                             R"(replace "a" $x $x)", "quote $x $x", "b64enc $x", "toJson $x",
                             "indent 1000 $x", R"(repeat 3 $x)", R"(join "" (splitList "" (print $x $x)))"}) {
        CAPTURE(body);
        refused(loop("\"a\"", body));
    }
    refused(loop("dict \"a\" 1", "dict \"a\" $x \"b\" $x"));
    refused(loop("dict \"a\" 1", "merge (dict (toJson $x) $x) $x"));
}

TEST_CASE("a value that is nested deeper in each turn is refused at its place") {
    const Error error =
        refusal("{{ .nuon.id }}{{ $x := list }}{{ range until 1000 }}{{ $x = list $x }}{{ end }}{{ $x }}");
    CHECK(error.message.find("nested too deeply") != std::string::npos);
    CHECK(error.message.starts_with("here:1:6"));
}

TEST_CASE("loops without a body and functions that look at everything are paid for") {
    const std::string range = "{{ range until 30000 }}";
    refused("{{ .nuon.id }}" + times(range, 4) + times("{{ end }}", 4));
    refused(
        "{{ .nuon.id }}{{ $l := until 30000 }}{{ range until 30000 }}{{ if has -1 $l }}{{ end }}{{ end }}");
    refused("{{ .nuon.id }}{{ $l := until 30000 }}{{ range $l }}{{ $m := uniq $l }}{{ end }}");
    refused(
        "{{ .nuon.id }}{{ $l := toJson (until 9000) }}{{ range until 9000 }}{{ $m := fromJson $l }}{{ end "
        "}}");
    refused(
        "{{ .nuon.id }}{{ range until 100000 }}{{ range until 100000 }}{{ .nuon.none | default 1 }}{{ end "
        "}}{{ end }}");
}

TEST_CASE("one call that makes much of little is refused") {
    for (const auto* call :
         {R"(join (repeat 9000 "ab") (until 90000))", R"(replace "a" (repeat 9000 "b") (repeat 90000 "a"))",
          R"(indent 1000 (repeat 90000 "\n"))", R"(nindent 1000 (repeat 90000 "\n"))",
          R"(splitList "" (repeat 900000 "a"))", R"(fromJson (print "[" (repeat 900000 "1,") "1]"))",
          R"(repeat 9223372036854775807 "ab")"}) {
        CAPTURE(call);
        refused(std::string("{{ .nuon.id }}{{ $x := ") + call + " }}");
    }
}

TEST_CASE("texts of nothing but braces, dots and marks are looked at once") {
    for (const std::string& text : std::vector<std::string>{
             times("{", 300'000), times("{", 300'000) + "}}", times("{{}}", 100'000),
             times("{{ a }}.", 60'000), "{{ .nuon.id }}" + times("{", 300'000),
             "{{ .nuon.id " + times(".a", 200'000), "{{ .nuon.id }}" + times("{{ .a }}", 120'000) + "{{",
             "{{ .nuon.id }}" + times("{{\"", 300'000)}) {
        CAPTURE(text.substr(0, 20));
        static_cast<void>(is_template(text));
        static_cast<void>(check_template(text));
        static_cast<void>(find_references(text));
    }
}

TEST_CASE("a page whose actions are all hostile ends, with what is wrong") {
    const auto state = TemplateState::parse(kState);
    const std::string bomb = loop("list 1", "concat $x $x");
    const auto page = render_page("{{ .nuon.id }}" + times(bomb, 200), *state);
    CHECK_FALSE(page.problems.empty());
    CHECK(page.text.size() < 200 * (bomb.size() + 20));
}

TEST_CASE("a template with too many parts is refused before each of them takes its place") {
    const std::string many = "{{ .nuon.id }}" + times("{{ . }}", 300'000);
    CHECK(refusal(many).message.find("too many parts") != std::string::npos);
    const std::string wide = "{{ list .nuon.id" + times(" 1", 300'000) + " }}";
    CHECK(refusal(wide).message.find("too long") != std::string::npos);
}

TEST_CASE("what packaged apps do stays far below the budget") {
    std::string state = R"({"nuon": {"components": {)";
    for (int i = 0; i < 1000; ++i) {
        state += (i > 0 ? ",\"c" : "\"c") + std::to_string(i) + R"(": {"outputs": {"url": ")" +
                 std::string(200, 'u') + "\"}}";
    }
    const auto parsed = TemplateState::parse(state + "}}}");
    REQUIRE(parsed);
    const auto page = render(
        "{{ range $name, $c := .nuon.components }}{{ $name }}: {{ dig \"outputs\" \"url\" \"-\" $c | quote "
        "}}\n"
        "{{ end }}{{ .nuon.components | toPrettyJson }}",
        *parsed, "readme", {.max_work_bytes = 8U << 20U});
    CHECK_MESSAGE(page.has_value(), (page ? "" : page.error().message));
}
