// Nothing that was asked for is dropped: what a workflow does not take is refused, what it lacks is named.
#include "request_check.hpp"

#include <doctest/doctest.h>

using namespace slipway;
using lifecycle::Request;
using lifecycle::RequestKind;

namespace {

lifecycle::AppConfig app() {
    lifecycle::AppConfig config;
    for (const char* name : {"web", "database"}) {
        lifecycle::Component component;
        component.name = name;
        config.components.push_back(component);
    }
    lifecycle::Action action;
    action.name = "health";
    config.actions.push_back(action);
    return config;
}

Error refused(const Request& request) {
    const auto done = host::check_request(app(), request);
    REQUIRE_FALSE(done.has_value());
    CHECK_FALSE(done.error().hint.empty());
    return done.error();
}

bool has(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a component where the workflow takes none is refused, not dropped") {
    for (const auto kind : {RequestKind::kProvision, RequestKind::kReprovision, RequestKind::kDeployAll,
                            RequestKind::kDeprovision, RequestKind::kInputUpdate, RequestKind::kActionRun}) {
        Request request{.kind = kind, .component = "web"};
        request.action = kind == RequestKind::kActionRun ? "health" : "";
        CHECK(has(refused(request).message, "takes no component"));
    }
}

TEST_CASE("actions, dependents and changed inputs belong to their workflows") {
    CHECK(has(refused({.kind = RequestKind::kProvision, .action = "health"}).message, "takes no action"));
    CHECK(
        has(refused({.kind = RequestKind::kProvision, .action_inputs = {{"a", "b"}}}).message, "no action"));
    CHECK(has(refused({.kind = RequestKind::kDeployAll, .with_dependents = true}).message, "dependents"));
    CHECK(has(refused({.kind = RequestKind::kDeployAll, .changed_inputs = {"a"}}).message, "changed inputs"));
}

TEST_CASE("a missing name is asked for by its option, with the names that there are") {
    const auto component = refused({.kind = RequestKind::kDeployOne});
    CHECK(has(component.message, "--component"));
    CHECK(has(component.hint, "web, database"));
    const auto action = refused({.kind = RequestKind::kActionRun});
    CHECK(has(action.message, "--action"));
    CHECK(has(action.hint, "health"));
}

TEST_CASE("a wrong name is answered with the nearest one, or with all") {
    CHECK(has(refused({.kind = RequestKind::kTeardownOne, .component = "databse"}).hint, "'database'"));
    CHECK(has(refused({.kind = RequestKind::kDeployOne, .component = "zzzzzz"}).hint, "web, database"));
    CHECK(has(refused({.kind = RequestKind::kActionRun, .action = "helth"}).hint, "'health'"));
    CHECK(host::names_hint("x", "actions", {}) == "there are no actions");
}

TEST_CASE("what fits passes") {
    CHECK(host::check_request(app(), {.kind = RequestKind::kProvision}));
    CHECK(host::check_request(
        app(), {.kind = RequestKind::kDeployOne, .component = "web", .with_dependents = true}));
    CHECK(host::check_request(app(), {.kind = RequestKind::kActionRun, .action = "health"}));
    CHECK(host::check_request(
        app(), {.kind = RequestKind::kInputUpdate, .with_dependents = true, .changed_inputs = {"a"}}));
}
