// Repositories that would like to run something, fill the disk or write elsewhere.
#include <doctest/doctest.h>

#include <chrono>

#include "world.hpp"

namespace {

void set_config(const World& world, const char* key, const std::string& value) {
    git_config* config = nullptr;
    REQUIRE(git_repository_config(&config, world.repository) == 0);
    REQUIRE(git_config_set_string(config, key, value.c_str()) == 0);
    git_config_free(config);
}

}  // namespace

TEST_CASE("filters, hooks and commands of a repository's configuration are never run") {
    World world;
    const std::string proof = (world.root / "ran").string();
    write(world.at("a.txt"), "$Id$ raw\r\n");
    // As old as the index, git would read it a second time, under the attributes that come below.
    fs::last_write_time(world.at("a.txt"), fs::file_time_type::clock::now() - std::chrono::hours(1));
    world.commit_all();
    write(world.at(".gitattributes"), "* filter=evil text eol=crlf ident export-subst\n");
    for (const auto* key : {"filter.evil.smudge", "filter.evil.clean", "filter.evil.process",
                            "core.fsmonitor", "core.sshcommand", "diff.external", "core.pager"}) {
        set_config(world, key, "touch " + proof);
    }
    for (const auto* hook : {"post-checkout", "pre-commit", "post-merge", "reference-transaction"}) {
        const fs::path path = world.at(".git/hooks") / hook;
        write(path, "#!/bin/sh\ntouch " + proof + "\n");
        fs::permissions(path, fs::perms::owner_all);
    }
    world.commit_all();
    write(world.at("a.txt"), "$Id$ changed\r\n");
    const auto at_commit = checkout("acme/app", "main", ".", world.sources);
    REQUIRE(at_commit);
    CHECK(read(at_commit->path + "/a.txt") == "$Id$ raw\r\n");
    const auto tree = resolve_source(world.at("").string(), "", world.sources);
    REQUIRE(tree);
    CHECK(tree->dirty);
    world.sources.app_repository = tree->repository;
    REQUIRE(checkout(".", "", ".", world.sources));
    CHECK_FALSE(fs::exists(proof));
}

TEST_CASE("a huge file is refused before it is read") {
    World world;
    write(world.at("small"), std::string(1000, 'x'));
    write(world.at("large"), std::string(200'000, 'x'));
    world.commit_all();
    world.sources.largest_file = 100'000;
    const auto found = checkout("acme/app", "main", ".", world.sources);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::kLimit);
    CHECK(found.error().message.find("'large'") != std::string::npos);
    CHECK(fs::is_empty(world.root / "cache/unfinished"));
    world.sources.largest_file = 1'000'000;
    world.sources.largest_folder = 200'500;
    CHECK(checkout("acme/app", "main", ".", world.sources).error().code == ErrorCode::kLimit);
    world.sources.largest_folder = 1'000'000;
    CHECK(checkout("acme/app", "main", ".", world.sources));
}

TEST_CASE("names that differ in case alone stay two things, and a link among them leads nowhere") {
    World world;
    // On a system that folds cases, "A" would be the link and "a/x" would be written through it.
    git_oid blob{};
    REQUIRE(git_blob_create_from_buffer(&blob, world.repository, "x", 1) == 0);
    git_oid link{};
    REQUIRE(git_blob_create_from_buffer(&link, world.repository, "/tmp", 4) == 0);
    git_treebuilder* builder = nullptr;
    git_oid inner{};
    REQUIRE(git_treebuilder_new(&builder, world.repository, nullptr) == 0);
    REQUIRE(git_treebuilder_insert(nullptr, builder, "x", &blob, GIT_FILEMODE_BLOB) == 0);
    REQUIRE(git_treebuilder_write(&inner, builder) == 0);
    REQUIRE(git_treebuilder_clear(builder) == 0);
    REQUIRE(git_treebuilder_insert(nullptr, builder, "a", &inner, GIT_FILEMODE_TREE) == 0);
    REQUIRE(git_treebuilder_insert(nullptr, builder, "A", &blob, GIT_FILEMODE_BLOB) == 0);
    git_oid good{};
    REQUIRE(git_treebuilder_write(&good, builder) == 0);
    REQUIRE(git_treebuilder_insert(nullptr, builder, "A", &link, GIT_FILEMODE_LINK) == 0);
    git_oid bad{};
    REQUIRE(git_treebuilder_write(&bad, builder) == 0);
    git_treebuilder_free(builder);

    world.commit_tree(good);
    const auto found = checkout("acme/app", "main", ".", world.sources);
    REQUIRE(found);
    CHECK(read(found->path + "/A") == "x");
    CHECK(read(found->path + "/a/x") == "x");
    world.commit_tree(bad);
    CHECK(checkout("acme/app", "main", ".", world.sources).error().code == ErrorCode::kForbidden);
}

TEST_CASE("a repository that claims that its files lie elsewhere is refused") {
    World world;
    write(world.at("shop/metadata.toml"), "version = \"v2\"\n");
    world.commit_all();
    set_config(world, "core.worktree", "/etc");
    const auto found = resolve_source(world.at("shop").string(), "", world.sources);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::kForbidden);
}

TEST_CASE("an app that is a link, or holds links out, shows nothing of the host") {
    World world;
    write(world.root / "secret.toml", "version = \"v2\"\n");
    write(world.at("runner.toml"), "runner_type = \"aws\"\n");
    fs::create_symlink(world.root / "secret.toml", world.at("metadata.toml"));
    fs::create_symlink(world.root, world.at("components"));
    const auto loaded = load_app(world.at("").string());
    REQUIRE(loaded);
    CHECK_FALSE(loaded->ok());
    CHECK(loaded->config.metadata.version.empty());
    for (const auto& file : loaded->files) {
        CHECK_FALSE(file.path.starts_with("components/"));
    }
}
