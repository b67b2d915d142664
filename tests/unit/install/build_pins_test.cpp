// What was pinned at the sync is part of what a build is built from.
#include <doctest/doctest.h>

#include <algorithm>

#include "slipway/lifecycle/build.hpp"
#include "slipway/lifecycle/diff.hpp"
#include "slipway/lifecycle/pins.hpp"
#include "tests/unit/install/sample_app.hpp"

using namespace sample;  // NOLINT: tests only

TEST_CASE("another image behind an unpinned FROM is a reason to build, and the reason says so") {
    const auto pinned_to = [](const std::string& content) {
        auto version = app();
        version.sources["component.net base image nginx:1.25"] = {{}, content, {}};
        version.sources["component.net remote base https://h/r"] = {{}, "git-tree:" + content, content + "c"};
        version.sources["component.network base image other:1"] = {{}, content, {}};  // not of this component
        return version;
    };
    const auto before = pinned_to("sha256:" + std::string(64, '1'));
    const auto after = pinned_to("sha256:" + std::string(64, '2'));
    const auto& net = *std::find_if(before.config.components.begin(), before.config.components.end(),
                                    [](const Component& one) { return one.name == "net"; });
    const BuildCause old = build_cause(before, net, "");
    const BuildCause now = build_cause(after, net, "");
    CHECK(old.key() != now.key());
    const auto moved = what_moved(old, now);
    REQUIRE(moved.size() == 2);
    CHECK(moved[0] == "base image nginx:1.25 moved from sha256:111111111111 to sha256:222222222222");
    CHECK(moved[1].starts_with("remote base https://h/r moved from commit "));
    CHECK(what_moved(build_cause(app(), net, ""), old).front() == "base image nginx:1.25 is new");
    const auto diff = compare_versions(before, after);
    REQUIRE(diff.names("component", DiffKind::kChanged) == std::vector<std::string>{"net"});
    CHECK(to_text(diff).find("base image nginx:1.25") != std::string::npos);
}

TEST_CASE("a chart is fetched in the version that it was pinned to") {
    auto version = app();
    Component& net = version.config.components.front();
    net.type = ComponentType::kHelmChart;
    net.repository = {RepositoryKind::kHelm, "https://charts.example.com", "", "", "redis", "^1.2", {}};
    CHECK(pinned_chart(version, net).version.empty());
    const std::string key = "component." + net.name + " chart redis of https://charts.example.com";
    version.sources[key] = {{}, "1.10.0 sha256:" + std::string(64, '4'), {}};
    CHECK(pinned_chart(version, net).version == "1.10.0");
    CHECK(pinned_chart(version, net).digest == "sha256:" + std::string(64, '4'));
    version.sources[key].content = "not pinned";
    CHECK(pinned_chart(version, net).version.empty());
}
