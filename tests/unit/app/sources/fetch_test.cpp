// What an app points to on the network.
#include <doctest/doctest.h>

#include <algorithm>

#include "world.hpp"

namespace {

void write_app(const fs::path& root, const std::string& location) {
    write(root / "metadata.toml", "version = \"v2\"\nreadme = \"./README.md\"\n");
    write(root / "README.md", "# Shop\n");
    write(root / "runner.toml", "runner_type = \"aws\"\n");
    write(root / "sandbox.toml",
          "terraform_version = \"1.11.3\"\n[public_repo]\nrepo = \"a/b\"\ndirectory = \".\"\nbranch = "
          "\"main\"\n");
    write(root / "components/db.toml",
          "name = \"db\"\ntype = \"kubernetes_manifest\"\nnamespace = \"x\"\nmanifest = \"" + location +
              "\"\n");
}

}  // namespace

TEST_CASE(
    "what points to the network is fetched at sync, pinned by its digest, and never while an app is read") {
    World world;
    world.sources.allow_network = true;
    const fs::path root = world.root / "shop";
    write_app(root, "https://example.com/db.yaml");
    const auto loaded = load_app(root.string());
    REQUIRE(loaded);
    CHECK(loaded->ok());
    CHECK(loaded->pending == std::vector<std::string>{"https://example.com/db.yaml"});
    CHECK(loaded->config.components[0].manifest.manifest.pending);

    int asked = 0;
    std::string content = "kind: {{ .nuon.install.id }}\n";
    const ContentHook hook = [&](const std::string& location) -> Result<std::string> {
        ++asked;
        CHECK(location == "https://example.com/db.yaml");
        return content;
    };
    const auto fetched = fetch_locations(*loaded, root.string(), world.sources, hook);
    REQUIRE(fetched);
    CHECK(asked == 1);
    CHECK(fetched->app.pending.empty());
    CHECK(fetched->app.config.name == "shop");
    const Component& db = fetched->app.config.components[0];
    CHECK(db.manifest.manifest.value == content);
    CHECK(db.references.size() == 1);
    CHECK(fetched->fetched.at("https://example.com/db.yaml") == sha256(content));
    CHECK_FALSE(fs::exists(root / ".slipway"));

    // Read again, with nobody to ask.
    const auto again = load_app(fetched->path);
    REQUIRE(again);
    CHECK(app_version_digest(again->files, {}) == app_version_digest(fetched->app.files, {}));
    content = "kind: other\n";
    const auto moved = fetch_locations(*loaded, root.string(), world.sources, hook);
    CHECK(app_version_digest(moved->app.files, {}) != app_version_digest(fetched->app.files, {}));
}

TEST_CASE("what cannot be fetched is named") {
    World world;
    world.sources.allow_network = true;
    const fs::path root = world.root / "shop";
    write_app(root, "https://example.com/db.yaml");
    const auto loaded = load_app(root.string());
    CHECK(fetch_locations(*loaded, root.string(), world.sources, {}).error().code == ErrorCode::kNotFound);
    const auto failed = fetch_locations(*loaded, root.string(), world.sources, [](const std::string&) {
        return Result<std::string>(environment_error(ErrorCode::kIo, "no answer"));
    });
    CHECK(failed.error().message == "'https://example.com/db.yaml': no answer");
    const auto huge = fetch_locations(*loaded, root.string(), world.sources, [](const std::string&) {
        return Result<std::string>(std::string(5U << 20U, 'x'));
    });
    CHECK(huge.error().code == ErrorCode::kLimit);
}

TEST_CASE("a file of a repository is taken at its ref") {
    World world;
    write(world.at("manifests/db.yaml"), "kind: Git\n");
    world.commit_all();
    world.sources.mirrors["https://example.com/acme/files"] = world.root / "repo";
    const fs::path root = world.root / "shop";
    write_app(root, "git::https://example.com/acme/files//manifests/db.yaml?ref=main");
    const auto loaded = load_app(root.string());
    REQUIRE(loaded->pending.size() == 1);
    const auto fetched = fetch_locations(*loaded, root.string(), world.sources, {});
    if (!fetched) {
        MESSAGE(fetched.error().message);
    }
    REQUIRE(fetched);
    CHECK(fetched->app.config.components[0].manifest.manifest.value == "kind: Git\n");
}
