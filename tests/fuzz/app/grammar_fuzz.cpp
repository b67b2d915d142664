// Any text may stand where a cron expression, a duration, a name, YAML, Rego, HCL or .gitmodules is expected.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/app/app_checks.hpp"
#include "engine/app/checks.hpp"
#include "engine/app/location.hpp"
#include "engine/app/private_copy.hpp"
#include "engine/app/submodules.hpp"
#include "engine/app/syntax_checks.hpp"

using namespace slipway::app;

namespace {

void expect(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void expect_inside(const std::optional<SyntaxProblem>& problem, const std::string& text) {
    expect(!problem || (problem->offset <= text.size() && !problem->message.empty()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto duration = parse_duration(text);
    expect(!duration || *duration >= 0);
    static_cast<void>(cron_problem(text));
    expect(!is_name(text) || (!text.empty() && text.size() <= 128));
    static_cast<void>(is_interpolated_name(text));
    expect_inside(yaml_problem(text), text);
    expect_inside(rego_problem(text), text);
    expect_inside(hcl_problem(text), text);
    for (const auto* type : {"string", "number", "bool", "json", "list", "yaml", "hcl"}) {
        static_cast<void>(value_problem(type, text));
    }
    for (const auto& [path, url] : parse_gitmodules(text)) {
        std::string inside;
        expect(inside_path(path, inside) && inside == path && !url.empty());
        static_cast<void>(submodule_location("acme/app", url));
    }
    static_cast<void>(without_login(text));
    return 0;
}
