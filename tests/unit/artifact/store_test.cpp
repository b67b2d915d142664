#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "slipway/lifecycle/archive.hpp"
#include "slipway/lifecycle/artifact.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::file_content;
using slipway::test::TempFolder;

namespace {

namespace fs = std::filesystem;

std::shared_ptr<ArtifactStore> open(const TempFolder& folder) {
    auto store = ArtifactStore::open(folder.path("artifacts"));
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().message));
    return *store;
}

BuildRecord record_of(const OciDescriptor& artifact, const std::string& what = "1") {
    return {"shop", "web", {{{"key x", what}}, {}}, artifact, "v", 5};
}

}  // namespace

TEST_CASE("a module package is what OpenTofu's documentation asks for") {
    const TempFolder folder;
    folder.write("m/main.tf", "x");
    const auto store = open(folder);
    const auto built = build_module(*store, folder.path("m"), {.source = "acme/m", .revision = "c0ffee"});
    REQUIRE(built);
    CHECK(built->artifact_type == "application/vnd.opentofu.modulepkg");
    const auto manifest = parse_manifest(*store->read(built->digest));
    REQUIRE(manifest);
    CHECK(manifest->artifact_type == "application/vnd.opentofu.modulepkg");
    CHECK(manifest->config.media_type == "application/vnd.oci.empty.v1+json");
    REQUIRE(manifest->layers.size() == 1);
    CHECK(manifest->layers[0].media_type == "archive/zip");
    CHECK(manifest->annotations ==
          std::map<std::string, std::string>{{"org.opencontainers.image.revision", "c0ffee"},
                                             {"org.opencontainers.image.source", "acme/m"}});
    CHECK(store->verify(*built));
}

TEST_CASE("a chart is packed as Helm packs it, without what .helmignore names") {
    const TempFolder folder;
    folder.write("c/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n");
    folder.write("c/templates/a.yaml", "a: 1\n");
    folder.write("c/notes.bak", "x");
    folder.write("c/.helmignore", "*.bak\n");
    const auto store = open(folder);
    const auto built = build_chart(*store, folder.path("c"), {});
    REQUIRE_MESSAGE(built.has_value(), (built ? "" : built.error().message));
    const auto manifest = parse_manifest(*store->read(built->digest));
    CHECK(manifest->config.media_type == "application/vnd.cncf.helm.config.v1+json");
    CHECK(manifest->layers[0].media_type == "application/vnd.cncf.helm.chart.content.v1.tar+gzip");
    CHECK(manifest->annotations.at("org.opencontainers.image.version") == "1.2.3");
    CHECK(manifest->layers[0].annotations.at("dev.slipway.content.digest").starts_with("sha256:"));
    std::vector<std::string> paths;
    CHECK(read_archive(store->path_of(manifest->layers[0].digest), {},
                       [&](const ArchiveFile& file, const auto&) {
                           paths.push_back(file.path);
                           return Result<void>();
                       }));
    CHECK(paths == std::vector<std::string>{"web/.helmignore", "web/Chart.yaml", "web/templates/a.yaml"});

    folder.write("c/Chart.yaml",
                 "apiVersion: v2\nname: web\nversion: 1\ndependencies: [{name: redis, version: 1}]\n");
    const auto missing = build_chart(*store, folder.path("c"), {});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message == "chart web depends on redis, which its charts/ folder does not hold");
    folder.write("c/charts/redis-1.tgz", "x");
    CHECK(build_chart(*store, folder.path("c"), {}));
}

TEST_CASE("a build that was recorded is found, and not when a part of it is gone or damaged in size") {
    const TempFolder folder;
    const auto store = open(folder);
    const auto built = build_manifests(*store, "kind: A\n", {});
    REQUIRE(built);
    const auto record = record_of(*built);
    CHECK_FALSE(store->find("shop", "web", record.cause.key())->has_value());
    REQUIRE(store->record(record));
    const auto found = store->find("shop", "web", record.cause.key());
    REQUIRE(found);
    REQUIRE(found->has_value());
    CHECK((*found)->artifact.digest == built->digest);
    CHECK((*found)->cause == record.cause);
    CHECK(store->records("shop", "web").size() == 1);

    const auto layer = parse_manifest(*store->read(built->digest))->layers[0].digest;
    fs::resize_file(store->path_of(layer), 3);
    CHECK_FALSE(store->find("shop", "web", record.cause.key())->has_value());
    // Building it again repairs it.
    REQUIRE(build_manifests(*store, "kind: A\n", {}));
    CHECK(store->find("shop", "web", record.cause.key())->has_value());
    fs::remove(store->path_of(layer));
    CHECK_FALSE(store->find("shop", "web", record.cause.key())->has_value());
}

TEST_CASE("a record is not written before what it names") {
    const TempFolder folder;
    const auto store = open(folder);
    const OciDescriptor nothing{std::string(media::kManifest), sha256("?"), 1, {}, {}};
    CHECK_FALSE(store->record(record_of(nothing)));
    CHECK(store->records("shop", "web").empty());
}

TEST_CASE("a damaged blob is refused by its digest") {
    const TempFolder folder;
    const auto store = open(folder);
    const auto built = build_manifests(*store, "kind: A\n", {});
    const auto layer = parse_manifest(*store->read(built->digest))->layers[0].digest;
    std::ofstream(store->path_of(layer), std::ios::binary) << "kind: B\n";
    CHECK(store->verify_presence(*built));
    const auto verified = store->verify(*built);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code == ErrorCode::kCorrupt);
    CHECK(verified.error().message.find(oci_digest(layer)) != std::string::npos);
    CHECK(store->read(layer).error().code == ErrorCode::kCorrupt);
}

TEST_CASE("the layout's index names artifacts for other tools") {
    const TempFolder folder;
    const auto store = open(folder);
    const auto built = build_manifests(*store, "kind: A\n", {});
    const auto record = record_of(*built);
    REQUIRE(store->record(record));
    REQUIRE(store->record(record));
    const auto index = store->index();
    REQUIRE(index->manifests.size() == 1);
    CHECK(index->manifests[0].annotations.at("org.opencontainers.image.ref.name") ==
          "shop/web/" + record.cause.key().hex().substr(0, 12));
    CHECK(file_content(store->layout() + "/oci-layout") == R"({"imageLayoutVersion":"1.0.0"})");
}

TEST_CASE("an artifact of another layout is taken over digest by digest") {
    const TempFolder there;
    const TempFolder here;
    const auto other = open(there);
    const auto store = open(here);
    const auto built = build_manifests(*other, "kind: A\n", {});
    REQUIRE(other->name("x", *built));
    const auto taken = store->import_layout(other->layout(), "x");
    REQUIRE(taken);
    CHECK(taken->digest == built->digest);
    CHECK(store->verify(*taken));
    CHECK(store->import_layout(other->layout(), "y").error().code == ErrorCode::kNotFound);
    const auto layer = parse_manifest(*other->read(built->digest))->layers[0].digest;
    std::ofstream(other->path_of(layer), std::ios::binary) << "kind: B\n";
    const TempFolder third;
    const auto lied = open(third)->import_layout(other->layout(), "x");
    REQUIRE_FALSE(lied);
    CHECK(lied.error().message.find(oci_digest(layer)) != std::string::npos);
}

TEST_CASE("what a killed writer left is swept when nobody builds") {
    const TempFolder folder;
    auto store = open(folder);
    folder.write("artifacts/tmp/blob-1-1", "half");
    folder.write("artifacts/oci/index.json.part-1-1", "half");
    {
        const auto hold = store->hold();
        REQUIRE(hold);
        (void)open(folder);
        CHECK(fs::exists(folder.path("artifacts/tmp/blob-1-1")));
    }
    (void)open(folder);
    CHECK_FALSE(fs::exists(folder.path("artifacts/tmp/blob-1-1")));
    CHECK_FALSE(fs::exists(folder.path("artifacts/oci/index.json.part-1-1")));
}

TEST_CASE("everything in the store is private") {
    const TempFolder folder;
    const auto store = open(folder);
    REQUIRE(store->record(record_of(*build_manifests(*store, "kind: A\n", {}))));
    for (const auto& entry : fs::recursive_directory_iterator(folder.path("artifacts"))) {
        CAPTURE(entry.path().string());
        CHECK((entry.status().permissions() & fs::perms(0077)) == fs::perms::none);
    }
}
