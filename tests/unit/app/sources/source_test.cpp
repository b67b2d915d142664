// Checkouts from real repositories, honest and hostile.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "engine/app/private_copy.hpp"
#include "world.hpp"

TEST_CASE("a branch, a tag and a commit name what they should") {
    World world;
    write(world.at("src/main.tf"), "one");
    write(world.at("src/run.sh"), "#!/bin/sh\n");
    fs::permissions(world.at("src/run.sh"), fs::perms::owner_all);
    fs::create_symlink("main.tf", world.at("src/link"));
    const std::string first = world.commit_all();
    git_oid tag{};
    git_object* target = nullptr;
    REQUIRE(git_revparse_single(&target, world.repository, "HEAD") == 0);
    REQUIRE(git_tag_create_lightweight(&tag, world.repository, "v1", target, 0) == 0);
    git_object_free(target);
    write(world.at("src/main.tf"), "two");
    const std::string second = world.commit_all();

    for (const auto& ref : {std::string("v1"), first, first.substr(0, 10)}) {
        const auto found = checkout("acme/app", ref, "src", world.sources);
        if (!found) {
            MESSAGE(found.error().message);
        }
        REQUIRE(found);
        CHECK(found->commit == first);
        CHECK(read(found->path + "/main.tf") == "one");
        CHECK(read(found->path + "/link") == "one");
        CHECK_FALSE(found->dirty);
        CHECK(mode_of(found->path) == 0700);
        CHECK(mode_of(found->path + "/main.tf") == 0600);
        CHECK(mode_of(found->path + "/run.sh") == 0700);
    }
    for (const auto* ref : {"main", ""}) {
        const auto found = checkout("https://github.com/acme/app.git", ref, "./src/", world.sources);
        REQUIRE(found);
        CHECK(found->commit == second);
        CHECK(fs::path(found->path).filename() == "src");
    }
    CHECK(checkout("acme/app", "main", "src", world.sources)->content ==
          checkout("acme/app", second, "src", world.sources)->content);
    CHECK(fs::is_empty(world.root / "cache/unfinished"));
}

TEST_CASE("forty digits are a commit, whatever a branch or a tag is called") {
    World world;
    write(world.at("src/main.tf"), "pinned");
    const std::string pinned = world.commit_all();
    write(world.at("src/main.tf"), "somebody else's");
    world.commit_all();
    const std::string nothing(40, 'a');
    git_object* head = nullptr;
    REQUIRE(git_revparse_single(&head, world.repository, "HEAD") == 0);
    for (const auto& name : {"refs/heads/" + pinned, "refs/tags/" + pinned, "refs/heads/" + nothing}) {
        git_reference* made = nullptr;
        REQUIRE(git_reference_create(&made, world.repository, name.c_str(), git_object_id(head), 1,
                                     nullptr) == 0);
        git_reference_free(made);
    }
    git_object_free(head);
    const auto found = checkout("acme/app", pinned, "src", world.sources);
    REQUIRE(found);
    CHECK(found->commit == pinned);
    CHECK(read(found->path + "/main.tf") == "pinned");
    const auto none = checkout("acme/app", nothing, "src", world.sources);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == ErrorCode::kNotFound);
}

TEST_CASE("what is not there is named") {
    World world;
    write(world.at("a"), "x");
    world.commit_all();
    CHECK(checkout("acme/app", "nope", ".", world.sources).error().message.find("'nope'") !=
          std::string::npos);
    CHECK(checkout("acme/app", "main", "no/such", world.sources).error().code == ErrorCode::kNotFound);
    CHECK(checkout("acme/app", "main", "a", world.sources).error().code == ErrorCode::kNotFound);
    CHECK(checkout("acme/other", "main", ".", world.sources).error().code == ErrorCode::kNotFound);
    CHECK(checkout("acme/app", "main", "../x", world.sources).error().code == ErrorCode::kForbidden);
    CHECK(checkout("acme/app", "main", "/etc", world.sources).error().code == ErrorCode::kForbidden);
    CHECK(checkout("acme/app", "HEAD~0", ".", world.sources).error().code == ErrorCode::kNotFound);
    for (const auto* local : {"/etc", "./x", "../x", "file:///etc"}) {
        CHECK(checkout(local, "main", ".", world.sources).error().code == ErrorCode::kForbidden);
    }
    CHECK_FALSE(resolve_source((world.root / "nothing").string(), "", world.sources));
    CHECK(checkout(".", "", ".", world.sources).error().code == ErrorCode::kNotFound);
}

TEST_CASE("hostile trees are refused and leave nothing behind") {
    struct Hostile {
        const char* mode;
        const char* name;
        const char* content;
    };
    for (const Hostile& one :
         {Hostile{"120000", "link", "/etc/passwd"}, Hostile{"120000", "link", "../outside"},
          Hostile{"100644", "..", "x"}, Hostile{"100644", ".git", "x"}, Hostile{"100644", ".GIT", "x"},
          Hostile{"100644", "a/../../b", "x"}, Hostile{"120000", "link", ""}}) {
        World world;
        world.commit_raw(one.mode, one.name, one.content);
        const auto found = checkout("acme/app", "main", ".", world.sources);
        CAPTURE(one.name);
        CAPTURE(one.content);
        REQUIRE_FALSE(found);
        CHECK(found.error().code == ErrorCode::kForbidden);
        CHECK_FALSE(fs::exists(world.root / "cache/trees"));
        CHECK(fs::is_empty(world.root / "cache/unfinished"));
    }
}

TEST_CASE("links that lead out only through other links are refused") {
    World world;
    fs::create_directories(world.at("deep/er"));
    fs::create_directories(world.at("top"));
    write(world.at("top/x"), "x");
    fs::create_symlink("../../top", world.at("deep/er/link"));
    fs::create_symlink("deep/er/link/../../etc", world.at("out"));
    world.commit_all();
    const auto found = checkout("acme/app", "main", ".", world.sources);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::kForbidden);
}

TEST_CASE("links inside are kept, also one that leads to nothing; a circle is refused") {
    World world;
    write(world.at("deep/er/x"), "x");
    fs::create_symlink("deep/er", world.at("short"));
    fs::create_symlink("short/../er/x", world.at("x"));
    fs::create_symlink("not/there", world.at("nothing"));
    world.commit_all();
    const auto found = checkout("acme/app", "main", ".", world.sources);
    REQUIRE(found);
    CHECK(read(found->path + "/x") == "x");
    CHECK(fs::is_symlink(found->path + "/nothing"));

    World circle;
    fs::create_directories(circle.at(""));
    fs::create_symlink("b", circle.at("a"));
    fs::create_symlink("a", circle.at("b"));
    circle.commit_all();
    CHECK(checkout("acme/app", "main", ".", circle.sources).error().code == ErrorCode::kForbidden);
}

TEST_CASE("a working tree is taken as it is and marked") {
    World world;
    write(world.at("shop/metadata.toml"), "version = \"v2\"\n");
    write(world.at("modules/db/main.tf"), "one");
    write(world.at(".gitignore"), "*.secret\n");
    const std::string commit = world.commit_all();
    const auto clean = resolve_source(world.at("shop").string(), "", world.sources);
    REQUIRE(clean);
    CHECK(clean->commit == commit);
    CHECK(clean->directory == "shop");
    CHECK(clean->path == world.at("shop").string());
    CHECK_FALSE(clean->dirty);

    write(world.at("modules/db/main.tf"), "changed");
    write(world.at("modules/db/key.secret"), "k");
    CHECK_FALSE(resolve_source(world.at("shop").string(), "", world.sources)->dirty);
    write(world.at("shop/new.toml"), "x = 1\n");
    const auto dirty = resolve_source(world.at("shop").string(), "", world.sources);
    CHECK(dirty->dirty);
    CHECK(dirty->commit == commit);

    world.sources.app_repository = dirty->repository;
    const auto now = checkout(".", "main", "modules/db", world.sources);
    REQUIRE(now);
    CHECK(read(now->path + "/main.tf") == "changed");
    CHECK_FALSE(fs::exists(now->path + "/key.secret"));
    CHECK(now->dirty);
    CHECK(now->content.starts_with("sha256:"));
    CHECK(checkout(".", "", "modules/db", world.sources)->path == now->path);
    CHECK(checkout(".", "", "../..", world.sources).error().code == ErrorCode::kForbidden);
    world.sources.app_commit = commit;
    CHECK(read(checkout(".", "other", "modules/db", world.sources)->path + "/main.tf") == "one");

    const auto pinned = resolve_source(world.at("shop").string(), "main", world.sources);
    REQUIRE(pinned);
    CHECK(fs::path(pinned->path).filename() == "shop");
    CHECK_FALSE(fs::exists(pinned->path + "/new.toml"));
    const auto inside = resolve_source(world.at("").string() + "/shop", "main", world.sources);
    REQUIRE(inside);
    CHECK(inside->directory == "shop");
}

TEST_CASE("a folder outside of git is its own source") {
    World world;
    const fs::path folder = world.root / "plain";
    write(folder / "src/a", "a");
    const auto source = resolve_source(folder.string(), "", world.sources);
    REQUIRE(source);
    CHECK(source->commit.empty());
    CHECK(source->directory == ".");
    world.sources.mirrors["acme/plain"] = folder;
    const auto found = checkout("acme/plain", "main", "src", world.sources);
    REQUIRE(found);
    CHECK(found->commit.empty());
    CHECK(read(found->path + "/a") == "a");
}

TEST_CASE("a remote repository is copied once and brought up to date") {
    World world;
    write(world.at("a"), "one");
    const std::string first = world.commit_all();
    const std::string url = "file://" + (world.root / "repo").string();
    world.sources.mirrors["acme/app"] = url;
    CHECK(checkout("acme/app", "main", ".", world.sources).error().code == ErrorCode::kNotFound);
    world.sources.allow_network = true;
    const auto found = checkout("acme/app", "main", ".", world.sources);
    if (!found) {
        MESSAGE(found.error().message);
    }
    REQUIRE(found);
    CHECK(read(found->path + "/a") == "one");
    write(world.at("a"), "two");
    world.commit_all();
    CHECK(read(checkout("acme/app", "main", ".", world.sources)->path + "/a") == "two");
    world.sources.allow_network = false;
    CHECK(read(checkout("acme/app", first, ".", world.sources)->path + "/a") == "one");
    const auto app = resolve_source(url, "main", world.sources);
    REQUIRE(app);
    CHECK(app->commit == checkout("acme/app", "", ".", world.sources)->commit);
}

TEST_CASE("many at once end with one whole copy") {
    World world;
    for (int i = 0; i < 50; ++i) {
        write(world.at("f" + std::to_string(i)), std::string(1000, 'x'));
    }
    world.commit_all();
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            const auto found = checkout("acme/app", "main", ".", world.sources);
            if (found && fs::exists(found->path + "/f49")) {
                ++good;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(good == 8);
    CHECK(fs::is_empty(world.root / "cache/unfinished"));
}

TEST_CASE("the digest of a version covers what the app says and what its sources hold") {
    const std::vector<AppFile> files = {{"b.toml", FileRole::kRead, "b", sha256("b")},
                                        {"a.toml", FileRole::kKept, "a", sha256("a")}};
    const auto base = app_version_digest(files, {{"component.db", "git-tree:1"}});
    CHECK(base == app_version_digest({files[1], files[0]}, {{"component.db", "git-tree:1"}}));
    CHECK(base != app_version_digest(files, {{"component.db", "git-tree:2"}}));
    CHECK(base != app_version_digest({files[0]}, {{"component.db", "git-tree:1"}}));
    auto more = files;
    more.push_back({"README.md", FileRole::kNotPartOf, "", {}});
    CHECK(base == app_version_digest(more, {{"component.db", "git-tree:1"}}));
}

TEST_CASE("a copy that is not what was checked out is told by the file that differs, and made anew") {
    World world;
    write(world.at("src/main.tf"), "one");
    world.commit_all();
    const auto found = checkout("acme/app", "main", "src", world.sources);
    REQUIRE_MESSAGE(found.has_value(), (found ? "" : found.error().message));
    CHECK(verify_checkout(found->path));
    SUBCASE("another content") {
        write(found->path + "/main.tf", "other\n");
    }
    SUBCASE("a file more") {
        write(found->path + "/zz.tf", "");
    }
    SUBCASE("a file less") {
        fs::remove(found->path + "/main.tf");
    }
    SUBCASE("a program") {
        fs::permissions(found->path + "/main.tf", fs::perms::owner_all);
    }
    const auto verified = verify_checkout(found->path);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code == ErrorCode::kCorrupt);
    const bool named = verified.error().message.starts_with("'main.tf' in ") ||
                       verified.error().message.starts_with("'zz.tf' in ");
    CHECK_MESSAGE(named, verified.error().message);
    const auto again = checkout("acme/app", "main", "src", world.sources);
    REQUIRE(again);
    CHECK(again->content == found->content);
    CHECK(verify_checkout(again->path));
    CHECK(verify_checkout(world.at("src")));
}
