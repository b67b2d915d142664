#include <doctest/doctest.h>

#include <algorithm>

#include "slipway/lifecycle/artifact.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

using namespace slipway;
using namespace slipway::lifecycle;
using slipway::test::TempFolder;

namespace {

struct Rig {
    TempFolder folder;
    std::shared_ptr<ArtifactStore> store = *ArtifactStore::open(folder.path("artifacts"));
    std::vector<OciDescriptor> built;

    void build(int number) {
        const auto text = "kind: N" + std::to_string(number) + "\n";
        const auto artifact = build_manifests(*store, text, {});
        REQUIRE(artifact);
        REQUIRE(store->record({"shop", "web", {{{"key n", text}}, {}}, *artifact, "", number}));
        built.push_back(*artifact);
    }
};

}  // namespace

TEST_CASE("collection keeps the newest records and what is referred to, and nothing else") {
    Rig rig;
    for (int i = 0; i < 5; ++i) {
        rig.build(i);
    }
    const auto report = rig.store->collect({.records = 2, .artifacts = {rig.built[1].digest}});
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().message));
    CHECK(report->records_removed == 2);
    // Of each of the two: a manifest and a layer; the empty configuration is shared.
    CHECK(report->blobs_removed == 4);
    CHECK(rig.store->records("shop", "web").size() == 3);
    for (const int kept : {1, 3, 4}) {
        CHECK(rig.store->verify(rig.built[static_cast<std::size_t>(kept)]));
    }
    CHECK_FALSE(rig.store->has(rig.built[0].digest));
    CHECK(rig.store->index()->manifests.size() == 3);
    CHECK(rig.store->collect({.records = 2, .artifacts = {rig.built[1].digest}})->blobs_removed == 0);
}

TEST_CASE("what is to be kept stays also when no record names it any more") {
    Rig rig;
    const auto build = [&](const std::string& text, TimeMs at) {
        const auto artifact = build_manifests(*rig.store, text, {});
        REQUIRE(artifact);
        REQUIRE(rig.store->record({"shop", "web", {{{"key", "same"}}, {}}, *artifact, "", at}));
        return *artifact;
    };
    const auto first = build("kind: One\n", 1);
    SUBCASE("its record was taken over by a build anew of the same cause") {
        const auto second = build("kind: Two\n", 2);
        REQUIRE(rig.store->collect({.records = 1, .artifacts = {first.digest, Digest{}, sha256("gone")}}));
        CHECK(rig.store->verify(second));
    }
    SUBCASE("its record is damaged") {
        const BuildCause cause{{{"key", "same"}}, {}};
        rig.folder.write("artifacts/builds/shop/web/" + cause.key().hex() + ".json", "{");
        REQUIRE(rig.store->collect({.records = 1, .artifacts = {first.digest}}));
    }
    CHECK(rig.store->verify(first));
    REQUIRE(rig.store->collect({.records = 0}));
    CHECK_FALSE(rig.store->has(first.digest));
}

TEST_CASE("nothing is collected while something is built") {
    Rig rig;
    rig.build(1);
    const auto hold = rig.store->hold();
    REQUIRE(hold);
    const auto refused = rig.store->collect({.records = 0});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kLocked);
    CHECK(rig.store->verify(rig.built[0]));
}

TEST_CASE("blobs that nothing names go, damaged records go") {
    Rig rig;
    rig.build(1);
    REQUIRE(rig.store->put("x/y", "nobody's"));
    rig.folder.write("artifacts/builds/shop/web/" + std::string(64, '1') + ".json", "{");
    const auto report = rig.store->collect({.records = 9});
    REQUIRE(report);
    CHECK(report->blobs_removed == 1);
    CHECK(report->records_removed == 1);
    CHECK(rig.store->verify(rig.built[0]));
}

TEST_CASE("what cannot be read just now ends a collection before anything is removed") {
    Rig rig;
    rig.build(1);
    REQUIRE(rig.store->put("x/y", "nobody's"));
    const std::string builds = "artifacts/builds/shop/web/";
    const auto refused_for = [&](ErrorCode code) {
        const auto report = rig.store->collect({.records = 0});
        REQUIRE_FALSE(report);
        CHECK(report.error().code == code);
        CHECK(rig.store->verify(rig.built[0]));
        CHECK(rig.store->records("shop", "web").size() == 1);
    };
    SUBCASE("a record of a newer version") {
        rig.folder.write(builds + std::string(64, '1') + ".json", R"({"format":999})");
        refused_for(ErrorCode::kUnsupportedFormat);
    }
    SUBCASE("a record that cannot be read") {
        std::filesystem::create_directories(rig.folder.path(builds + std::string(64, '1') + ".json"));
        refused_for(ErrorCode::kIo);
    }
    SUBCASE("a reference that cannot be told") {
        const auto report = rig.store->collect([]() -> Result<CollectKeep> {
            return environment_error(ErrorCode::kIo, "the registry of installs cannot be read");
        });
        REQUIRE_FALSE(report);
        CHECK(rig.store->verify(rig.built[0]));
    }
    SUBCASE("a manifest that cannot be read") {
        const std::string path = rig.store->path_of(rig.built[0].digest);
        const std::string aside = path + ".aside";
        std::filesystem::rename(path, aside);
        std::filesystem::create_directories(path);
        const auto report = rig.store->collect({.records = 9});
        REQUIRE_FALSE(report);
        CHECK(report.error().code == ErrorCode::kIo);
        std::filesystem::remove(path);
        std::filesystem::rename(aside, path);
        CHECK(rig.store->verify(rig.built[0]));
    }
}

TEST_CASE("who must know of every record is told when one cannot be read") {
    Rig rig;
    rig.build(1);
    const std::string builds = "artifacts/builds/shop/web/";
    rig.folder.write(builds + std::string(64, '1') + ".json", "{");
    CHECK(rig.store->all_records("shop", "web")->size() == 1);
    CHECK(rig.store->all_records("shop", "nothing")->empty());
    std::filesystem::create_directories(rig.folder.path(builds + std::string(64, '2') + ".json"));
    CHECK_FALSE(rig.store->all_records("shop", "web"));
    CHECK(rig.store->records("shop", "web").size() == 1);
    rig.folder.write("artifacts/builds/shop/file", "x");
    CHECK_FALSE(rig.store->all_records("shop", "file"));
}

TEST_CASE("a store with more than ten thousand names is still named into and collected") {
    Rig rig;
    rig.build(1);
    auto index = *rig.store->index();
    for (std::size_t i = 0; i <= kOciDescriptorsMax; ++i) {
        auto entry = rig.built[0];
        entry.annotations = {{std::string(annotation::kRefName), "other/" + std::to_string(i)}};
        index.manifests.push_back(std::move(entry));
    }
    rig.folder.write("artifacts/oci/index.json", write_index(index));
    rig.build(2);
    CHECK(rig.store->index()->manifests.size() == kOciDescriptorsMax + 3);
    CHECK(rig.store->collect({.records = 9}));
}

TEST_CASE("what is nobody's in the folders of records is named, left alone, and stops no collection") {
    Rig rig;
    rig.build(1);
    rig.build(2);
    const std::string builds = "artifacts/builds/";
    const std::vector<std::string> strays{rig.folder.write(builds + ".DS_Store", "x"),
                                          rig.folder.write(builds + "shop/README", "x"),
                                          rig.folder.write(builds + "shop/web/notes.json", "{"),
                                          rig.folder.write("artifacts/oci/blobs/sha256/readme", "x")};
    std::filesystem::create_directory_symlink("/", rig.folder.path(builds + "root"));
    const auto report = rig.store->collect({.records = 1});
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().message));
    CHECK(report->records_removed == 1);
    CHECK(report->passed_over.size() == strays.size() + 1);
    for (const auto& stray : strays) {
        CHECK(std::filesystem::exists(stray));
        CHECK(std::count(report->passed_over.begin(), report->passed_over.end(), stray) == 1);
    }
    CHECK(rig.store->verify(rig.built[1]));
}
