// What is built from a checkout is what was checked out.
#include <doctest/doctest.h>

#include <fstream>

#include "slipway/lifecycle/source.hpp"
#include "tests/crash/artifact/app_rig.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::BuildHost;
using slipway::test::TempFolder;

TEST_CASE("what is packed is what was checked out: a copy that changed since is refused, and made anew") {
    const TempFolder folder;
    REQUIRE(test::write_app({.folder = folder.path("in")}));
    auto loaded = test::load_version({.folder = folder.path("in")});
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
    AppVersion version = *loaded;
    const std::string key = "component.chart0";
    const std::string source = "acme/chart0";
    SourceOptions options;
    options.mirrors[source] = version.sources.at(key).path;
    options.cache_dir = folder.path("cache");
    auto checkout = lifecycle::checkout(source, "", ".", options);
    REQUIRE_MESSAGE(checkout.has_value(), (checkout ? "" : checkout.error().message));
    version.sources[key] = {checkout->path, checkout->content, ""};
    const auto host = BuildHost::open(folder.path("state"));
    REQUIRE(host);
    { std::ofstream(checkout->path + "/Chart.yaml", std::ios::app) << "description: another\n"; }
    const auto refused = host->build(version, RunId{"build-1"}, {.components = {"chart0"}});
    REQUIRE_FALSE(refused);
    CHECK_MESSAGE(refused.error().message.find("'Chart.yaml' in " + checkout->path +
                                               " is not what was checked") != std::string::npos,
                  refused.error().message);
    CHECK(host->artifacts->records("twelve", "chart0").empty());
    checkout = lifecycle::checkout(source, "", ".", options);
    REQUIRE(checkout);
    version.sources[key] = {checkout->path, checkout->content, ""};
    const auto built = host->build(version, RunId{"build-2"}, {.components = {"chart0"}});
    CHECK_MESSAGE(built.has_value(), (built ? "" : built.error().message));
}
