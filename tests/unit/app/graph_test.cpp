// The order of components.
#include <doctest/doctest.h>

#include "slipway/lifecycle/app.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using Strings = std::vector<std::string>;

namespace {

Component component(std::string name, Strings needs) {
    Component out;
    out.name = std::move(name);
    out.dependencies = std::move(needs);
    return out;
}

}  // namespace

TEST_CASE("dependencies come first, names decide among equals") {
    const auto graph = ComponentGraph::build({component("web", {"db", "cache"}), component("db", {"vpc"}),
                                              component("cache", {"vpc"}), component("vpc", {}),
                                              component("alone", {}), component("mail", {"web"})});
    REQUIRE(graph);
    CHECK(graph->order() == Strings{"alone", "vpc", "cache", "db", "web", "mail"});
    CHECK(graph->reverse_order() == Strings{"mail", "web", "db", "cache", "vpc", "alone"});
    CHECK(graph->direct_dependencies("web") == Strings{"cache", "db"});
    CHECK(graph->direct_dependents("vpc") == Strings{"cache", "db"});
    CHECK(graph->dependencies_of("web") == Strings{"vpc", "cache", "db"});
    CHECK(graph->dependents_of("db") == Strings{"web", "mail"});
    CHECK(graph->dependents_of("nobody").empty());
    CHECK(graph->direct_dependents("nobody").empty());
    CHECK(ComponentGraph::build({})->order().empty());
}

TEST_CASE("a cycle is reported as its path") {
    const auto graph = ComponentGraph::build(
        {component("a", {"b"}), component("b", {"c"}), component("c", {"b"}), component("d", {})});
    REQUIRE_FALSE(graph);
    CHECK(graph.error().message == "components depend on each other in a circle: b -> c -> b");
    CHECK_FALSE(ComponentGraph::build({component("a", {"a"})}));
    const auto unknown = ComponentGraph::build({component("a", {"x"})});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message == "component 'a' depends on 'x', which does not exist");
}
