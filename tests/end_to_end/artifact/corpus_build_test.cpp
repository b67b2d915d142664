// The public packaged apps, built: their repositories, chart repositories and images are stand-ins that this
// test makes, everything else is real.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "slipway/lifecycle/archive.hpp"
#include "slipway/lifecycle/install.hpp"
#include "slipway/lifecycle/registry_client.hpp"
#include "slipway/lifecycle/source.hpp"
#include "tests/crash/artifact/app_rig.hpp"
#include "tests/end_to_end/artifact/fake_registry.hpp"
#include "tests/end_to_end/artifact/registry_rig.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::Answer;
using slipway::test::Asked;
using slipway::test::BuildHost;
using slipway::test::FakeRegistry;
using slipway::test::find_part;
using slipway::test::RealRegistry;
using slipway::test::TempFolder;

namespace {

constexpr std::size_t kApps = 28;

std::string chart_yaml(const std::string& name, const std::string& version) {
    return "apiVersion: v2\nname: " + name + "\nversion: " + version + "\n";
}

/// A chart repository that has every chart that it is asked for. The path of its URL is <chart>/<version>.
Answer chart_repository(const Asked& asked, const std::string& host) {
    std::string path = asked.target.substr(1);
    const auto slash = path.find('/');
    const std::string chart = path.substr(0, slash);
    const std::string version = path.substr(slash + 1, path.find('/', slash + 1) - slash - 1);
    if (path.ends_with("/index.yaml")) {
        return {200,
                {},
                "apiVersion: v1\nentries:\n  " + chart + ":\n  - name: " + chart + "\n    version: " +
                    version + "\n    urls: [\"http://" + host + "/" + chart + "/" + version + "/c.tgz\"]\n"};
    }
    const TempFolder folder;
    folder.write("c/Chart.yaml", chart_yaml(chart, version));
    std::string bytes;
    const auto packed =
        pack_folder(folder.path("c"), ArchiveFormat::kTarGzip, append_to(bytes), {.prefix = chart});
    return packed ? Answer{200, {}, bytes} : Answer{500};
}

struct World {
    explicit World(const TempFolder& home)
        : folder(home),
          registry(RealRegistry::start(home.path("registry"))),
          charts([this](const Asked& asked) { return chart_repository(asked, charts.host()); }) {}

    /// Puts what a part's repository would hold into its stand-in; other parts may lie in the same one.
    void stock(const Repository& repository, const Component* component) {
        const auto kind = repository.kind;
        if (kind != RepositoryKind::kPublic && kind != RepositoryKind::kConnected) {
            return;
        }
        std::string name = repository.repo;
        std::replace_if(
            name.begin(), name.end(), [](char c) { return c == '/' || c == ':'; }, '_');
        const std::string below = "sources/" + name;
        mirrors[repository.repo] = folder.path(below);
        const std::string inside = below + "/" + repository.directory;
        folder.write(inside + "/README.md", "stands for " + repository.repo + "\n");
        if (component != nullptr && component->type == ComponentType::kHelmChart) {
            folder.write(inside + "/Chart.yaml", chart_yaml("stand-in", "0.1.0"));
        } else if (component != nullptr && component->manifest.kustomize) {
            const std::string inner = inside + "/" + component->manifest.kustomize->path;
            folder.write(inner + "/kustomization.yaml", "resources: [one.yaml]\n");
            folder.write(inner + "/one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n");
        } else {
            folder.write(inside + "/main.tf", "locals {}\n");
        }
    }

    /// As a sync does it: the app, and a checkout of each repository through the mirror map.
    Result<SyncRequest> load(const std::string& place) const {
        SLIPWAY_TRY(auto app, load_app(place));
        SourceOptions options;
        options.cache_dir = folder.path("cache");
        options.mirrors = mirrors;
        options.allow_network = false;
        options.app_repository = place;
        SyncRequest request;
        request.root = place;
        for (const auto& need : needed_sources(app.config)) {
            SLIPWAY_TRY(const auto found, checkout(need.repository.repo, need.repository.ref,
                                                   need.repository.directory, options));
            request.sources[need.key] = {found.path, found.content, found.commit};
        }
        request.app = std::move(app);
        return request;
    }

    /// Pushes an image under the name that the app asks for, behind a mirror of that registry.
    std::string image_for(const ImageName& wanted) {
        hosts.insert(wanted.host);
        const auto store = *ArtifactStore::open(folder.path("images"));
        const std::string config = R"({"architecture":"amd64","os":"linux","config":{},)"
                                   R"("rootfs":{"type":"layers","diff_ids":[]}})";
        OciManifest manifest;
        manifest.config = *store->put(media::kImageConfig, config);
        manifest.annotations = {{"name", wanted.str()}};
        const auto image = *store->put(media::kManifest, write_manifest(manifest));
        ImageName there = wanted;
        there.host = registry->host();
        there.repository = wanted.host + "/" + wanted.repository;
        std::replace(there.repository.begin(), there.repository.end(), ':', '-');
        RegistryClientOptions options;
        options.plain_http = {registry->host()};
        const auto pushed = RegistryClient(options).push(*store, image, there);
        REQUIRE_MESSAGE(pushed.has_value(), (pushed ? "" : pushed.error().message));
        return oci_digest(image.digest);
    }

    /// The home of a user whose tools know of the mirrors.
    std::string home_with_mirrors() const {
        std::string text;
        for (const auto& host : hosts) {
            text += "[[registry]]\nprefix = \"" + host + "\"\nlocation = \"" + registry->host() + "/" + host +
                    "\"\ninsecure = true\n";
        }
        folder.write("tools/.config/containers/registries.conf", text);
        return folder.path("tools");
    }

    const TempFolder& folder;
    std::unique_ptr<RealRegistry> registry;
    FakeRegistry charts;
    std::set<std::string> hosts;
    std::map<std::string, std::string> chart_mirrors;
    std::map<std::string, std::string> mirrors;
};

struct App {
    AppVersion version;
    BuildRequest request;
};

/// Synced into the registry; a second sync finds nothing new.
App prepare(World& world, InstallRegistry& registry, const std::string& place) {
    auto loaded = load_app(place);
    REQUIRE(loaded);
    REQUIRE(loaded->ok());
    CHECK(loaded->pending.empty());
    world.stock(loaded->config.sandbox.repository, nullptr);
    for (const auto& component : loaded->config.components) {
        world.stock(component.repository, &component);
        if (component.repository.kind == RepositoryKind::kHelm) {
            const std::string version =
                component.repository.version.empty() ? "1.0.0" : component.repository.version;
            world.chart_mirrors[component.repository.repo] =
                "http://" + world.charts.host() + "/" + component.repository.chart + "/" + version;
        }
    }
    for (const auto& action : loaded->config.actions) {
        for (const auto& step : action.steps) {
            world.stock(step.repository, nullptr);
        }
    }
    const auto request = world.load(place);
    REQUIRE_MESSAGE(request.has_value(), (request ? "" : request.error().message));
    const auto synced = registry.sync_version(*request);
    REQUIRE_MESSAGE(synced.has_value(), (synced ? "" : synced.error().message));
    CHECK(registry.sync_version(*world.load(place)).value()->digest == (*synced)->digest);
    CHECK(registry.versions((*synced)->app).size() == 1);
    App app{**synced, {}};
    for (const auto& [component, name] : images_to_resolve(app.version.config)) {
        app.request.image_digests[component] = world.image_for(*parse_image_name(name));
    }
    return app;
}

/// Of each type of component, and of sandboxes, how many.
std::map<std::string, std::size_t> check_built(const BuildHost& host, const App& app) {
    std::map<std::string, std::string> types{{"sandbox", "sandbox"}};
    for (const auto& component : app.version.config.components) {
        REQUIRE(types.emplace(component.name, to_string(component.type)).second);
    }
    std::map<std::string, std::size_t> built;
    const auto plans = plan_builds(app.version, *host.artifacts, app.request);
    REQUIRE(plans);
    CHECK(plans->size() == types.size());
    for (const auto& plan : *plans) {
        CAPTURE(plan.component);
        if (plan.kind.empty()) {
            std::printf("%s/%s: %s\n", app.version.app.c_str(), plan.component.c_str(),
                        plan.left_out.c_str());
            // Only what an install alone can tell.
            CHECK(plan.per_install);
            continue;
        }
        REQUIRE(plan.record.has_value());
        CHECK_FALSE(plan.needed());
        CHECK(host.artifacts->verify(plan.record->artifact));
        ++built[types.at(plan.component)];
    }
    return built;
}

}  // namespace

TEST_CASE("all public packaged apps are synced and built") {
    const char* corpus = std::getenv("SLIPWAY_CORPUS");
    if (corpus == nullptr || find_part("docker-registry").empty() || find_part("skopeo").empty() ||
        find_part("helm", true).empty() || find_part("kubectl", true).empty()) {
        if (corpus == nullptr) {
            std::puts("SLIPWAY-ABSENT-PART: packaged apps");
        }
        return;
    }
    const TempFolder home;
    World world(home);
    std::vector<App> apps;
    RegistryOptions where;
    where.directory = home.path("installs");
    auto registry = InstallRegistry::open(std::move(where));
    REQUIRE(registry);
    for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
        if (entry.is_directory()) {
            apps.push_back(prepare(world, **registry, entry.path().string()));
        }
    }
    CHECK(apps.size() == kApps);
    BuildOptions options;
    options.chart_mirrors = world.chart_mirrors;
    options.env["HOME"] = world.home_with_mirrors();
    const std::string helm = find_part("helm", true);
    options.tool_dirs = {helm.substr(0, helm.rfind('/')), "/usr/local/bin", "/usr/bin", "/bin"};
    const auto host = BuildHost::open(home.path("state"), options);
    REQUIRE(host);
    std::map<std::string, std::size_t> totals;
    for (const auto& app : apps) {
        CAPTURE(app.version.app);
        const auto built = host->build(app.version, RunId{"build-" + app.version.app}, app.request);
        REQUIRE_MESSAGE(built.has_value(), (built ? "" : built.error().message));
        for (const auto& [type, count] : check_built(*host, app)) {
            totals[type] += count;
        }
    }
    // Counted on the command line, without our parser: grep -h '^type' over the components' files, and the
    // files sandbox.toml.
    CHECK(totals == std::map<std::string, std::size_t>{{"container_image", 15},
                                                       {"helm_chart", 43},
                                                       {"kubernetes_manifest", 42},
                                                       {"pulumi", 2},
                                                       {"sandbox", 28},
                                                       {"terraform_module", 48}});
}
