// Where findings point: lines, columns, carets, and what a terminal gets to see.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <map>

#include "engine/app/load.hpp"
#include "slipway/lifecycle/report.hpp"

using namespace slipway;
using namespace slipway::lifecycle;

namespace {

const std::string kComponent =
    "name = \"db\"\ntype = \"terraform_module\"\nterraform_version = \"1.11.3\"\n"
    "[public_repo]\nrepo = \"a/b\"\ndirectory = \".\"\nbranch = \"main\"\n[vars]\n";

/// What is said about one component, without the files that the app lacks.
std::vector<Diagnostic> findings(const std::string& component,
                                 const std::string& file = "components/db.toml") {
    auto loaded =
        app::load_folder(app::AppFolder::in_memory("shop", {{"metadata.toml", "version = \"v2\"\n"},
                                                            {"runner.toml", "runner_type = \"aws\"\n"},
                                                            {file, component}}));
    std::erase_if(loaded.diagnostics, [&](const Diagnostic& d) { return d.line == 0; });
    return loaded.diagnostics;
}

std::string with_crlf(std::string text) {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 2)) {
        text.insert(at, 1, '\r');
    }
    return text;
}

}  // namespace

TEST_CASE("a finding inside a text of many lines is on its line, whatever ends the lines") {
    for (const std::string quote : {"\"\"\"", "'''"}) {
        std::string text = kComponent + "q = " + quote + "\n";
        for (int i = 0; i < 100; ++i) {
            text += "some text \xC3\xA9\n";
        }
        text += "  {{ .nuon.components.nope.outputs.x }}\n" + quote + "\n";
        for (const std::string& file : {text, with_crlf(text)}) {
            const auto found = findings(file);
            REQUIRE(found.size() == 1);
            CHECK(found[0].line == 110);
            CHECK(found[0].column == 6);
            CHECK(found[0].source_line == "  {{ .nuon.components.nope.outputs.x }}");
            CHECK(found[0].caret == 6);
        }
    }
}

TEST_CASE("a line that goes on behind a backslash counts with either end") {
    const std::string text =
        kComponent + "q = \"\"\"one \\\n   two\n {{ .nuon.components.nope.outputs.x }}\"\"\"\n";
    for (const std::string& file : {text, with_crlf(text)}) {
        const auto found = findings(file);
        REQUIRE(found.size() == 1);
        CHECK(found[0].line == 11);
        CHECK(found[0].column == 5);
    }
}

TEST_CASE("columns count characters, and UTF-16 units for SARIF") {
    const auto found =
        findings(kComponent + "q = \"\xC3\xA9\xF0\x9F\x98\x80{{ .nuon.components.nope.outputs.x }}\"\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].column == 11);
    CHECK(found[0].utf16_column == 12);
    const std::string text = to_text(found[0], true);
    CHECK(text.starts_with("components/db.toml:9:11: error: "));
    CHECK(text.ends_with("\n    " + std::string(10, ' ') + "^"));
    const auto report = boost::json::parse(to_sarif(found));
    CHECK(report.at_pointer("/runs/0/results/0/locations/0/physicalLocation/region/startColumn").as_int64() ==
          12);
}

TEST_CASE("a mark of byte order at the beginning of a file moves no column") {
    const auto found = findings("\xEF\xBB\xBFnmae = 1\n" + kComponent);
    REQUIRE(!found.empty());
    CHECK(found[0].line == 1);
    CHECK(found[0].column == 1);
    CHECK(found[0].source_line == "nmae = 1");
    const auto inside =
        findings("\xEF\xBB\xBFvar_name = \"{{ .nuon.components.nope.outputs.x }}\"\n" + kComponent);
    REQUIRE(!inside.empty());
    CHECK(std::any_of(inside.begin(), inside.end(), [](const Diagnostic& d) {
        return d.column == 16 && d.source_line.substr(d.caret - 1).starts_with(".nuon");
    }));
}

TEST_CASE("of a long line the part around the place is shown, with the caret below it") {
    const auto found = findings(kComponent + "q = \"" + std::string(3000, 'x') +
                                "{{ .nuon.components.nope.outputs.x }}" + std::string(3000, 'y') + "\"\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].column == 3009);
    CHECK(found[0].source_line.size() < 250);
    CHECK(found[0].source_line.substr(found[0].caret - 1).starts_with(".nuon.components.nope"));
    const std::string text = to_text(found[0], true);
    CHECK(text.size() - text.rfind('\n') < 200);
}

TEST_CASE("a window into a long line of wide characters holds whole ones") {
    std::string wide;
    for (int i = 0; i < 500; ++i) {
        wide += "\xE2\x82\xAC";
    }
    for (const std::string shift : {"", "a", "ab"}) {
        const auto found = findings(kComponent + "q = \"" + shift + wide +
                                    "{{ .nuon.components.nope.outputs.x }}" + wide + "\"\n");
        REQUIRE(found.size() == 1);
        CHECK(printable(found[0].source_line) == found[0].source_line);
        CHECK(found[0].column == 509 + shift.size());
    }
}

TEST_CASE("a hostile text reaches the terminal as escapes") {
    CHECK(printable("a\x1b[31mRED\x07\n\r\t\x7f") == "a\\u001b[31mRED\\u0007\\n\\r\\t\\u007f");
    CHECK(printable("\xC2\x9B"
                    "2J") == "\\u009b2J");
    CHECK(printable("\xE2\x80\xAEx\xE2\x81\xA6") == "\\u202ex\\u2066");
    CHECK(printable("\xff\xC3(\xE2\x82") == "\\xff\\xc3(\\xe2\\x82");
    CHECK(printable("\xED\xA0\x80\xC0\xAF") == "\\xed\\xa0\\x80\\xc0\\xaf");
    CHECK(printable("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 plain 'text'") ==
          "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 plain 'text'");
    CHECK(printable("") == "");

    const std::string escaped = "name = \"a\\u001b[31mRED\\u0007\"\n\"k\\u001b[2J\\nerror: x\" = 1\n";
    const std::string raw = "name = \"a\"\n# \x1b]0;owned\x07\rerror: raw\n";
    for (const std::string& hostile : {escaped, raw}) {
        const auto found = findings(hostile, "components/\x1b[1m.toml");
        REQUIRE(!found.empty());
        for (const auto& d : found) {
            const std::string text = to_text(d, true);
            CHECK(text.find_first_of("\x1b\x07\r") == std::string::npos);
            CHECK(std::count(text.begin(), text.end(), '\n') <= 2);
        }
    }
}

TEST_CASE("the caret stands below its place though what is before it is written as escapes") {
    const Diagnostic d{Severity::kError, "a", 1, 4, "", "m", "", "a\x1b\tb", 4, 4};
    CHECK(to_text(d, true) == "a:1:4: error: m\n    a\\u001b\tb\n           \t^");
}
