// Repositories inside of repositories.
#include <doctest/doctest.h>

#include "engine/app/location.hpp"
#include "engine/app/submodules.hpp"
#include "world.hpp"

namespace {

/// A commit whose root holds .gitmodules and a gitlink `lib` to `commit`.
std::string commit_with_submodule(World& world, const std::string& url, const std::string& commit,
                                  const std::string& path = "lib") {
    const std::string modules = "[submodule \"lib\"]\n\tpath = " + path + "\n\turl = " + url + "\n";
    git_index* index = nullptr;
    REQUIRE(git_repository_index(&index, world.repository) == 0);
    write(world.at(".gitmodules"), modules);
    REQUIRE(git_index_add_bypath(index, ".gitmodules") == 0);
    git_index_entry entry{};
    entry.mode = GIT_FILEMODE_COMMIT;
    entry.path = path.c_str();
    REQUIRE(git_oid_fromstr(&entry.id, commit.c_str()) == 0);
    REQUIRE(git_index_add(index, &entry) == 0);
    git_oid id{};
    REQUIRE(git_index_write_tree(&id, index) == 0);
    git_index_write(index);
    git_index_free(index);
    return world.commit_tree(id);
}

}  // namespace

TEST_CASE("a submodule is taken at the commit that the repository names, not at its branch") {
    World library;
    write(library.at("lib.tf"), "one");
    const std::string first = library.commit_all();
    write(library.at("lib.tf"), "two");
    library.commit_all();
    World world;
    world.sources.mirrors["acme/lib"] = library.root / "repo";
    for (const auto* url : {"../lib", "https://github.com/acme/lib.git", "../../acme/lib.git"}) {
        CAPTURE(url);
        commit_with_submodule(world, url, first);
        const auto found = checkout("acme/app", "main", ".", world.sources);
        REQUIRE(found);
        CHECK(read(found->path + "/lib/lib.tf") == "one");
        CHECK_FALSE(fs::exists(found->path + "/lib/.git"));
        fs::remove_all(world.root / "cache");
    }
}

TEST_CASE("submodules of submodules, and below a folder") {
    World inner;
    write(inner.at("deep"), "deep");
    const std::string deepest = inner.commit_all();
    World middle;
    const std::string between = commit_with_submodule(middle, "../inner", deepest);
    World world;
    world.sources.mirrors["acme/inner"] = inner.root / "repo";
    world.sources.mirrors["acme/middle"] = middle.root / "repo";
    commit_with_submodule(world, "../middle", between, "modules/a");
    const auto found = checkout("acme/app", "main", "modules", world.sources);
    REQUIRE(found);
    CHECK(read(found->path + "/a/lib/deep") == "deep");
}

TEST_CASE("a submodule cannot reach into the host, is not made up, and is named when it is not there") {
    World world;
    const std::string commit(40, 'a');
    for (const auto* url : {"file:///etc", "/etc", "/work", "../../../../etc/x"}) {
        CAPTURE(url);
        commit_with_submodule(world, url, commit);
        const auto found = checkout("acme/app", "main", ".", world.sources);
        REQUIRE_FALSE(found);
        CHECK(found.error().message.find("'lib'") != std::string::npos);
        CHECK_FALSE(fs::exists(world.root / "cache/trees"));
    }
    World other;
    write(other.at("x"), "x");
    other.commit_all();
    world.sources.mirrors["acme/other"] = other.root / "repo";
    commit_with_submodule(world, "../other", commit);
    CHECK_FALSE(checkout("acme/app", "main", ".", world.sources));
}

TEST_CASE("a repository that holds itself ends") {
    World world;
    write(world.at("x"), "x");
    std::string commit = world.commit_all();
    for (int i = 0; i < 8; ++i) {
        commit = commit_with_submodule(world, "../app", commit);
    }
    const auto found = checkout("acme/app", "main", ".", world.sources);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::kLimit);
}

TEST_CASE("a .gitmodules that is too large is refused, not read") {
    World library;
    write(library.at("lib.tf"), "one");
    const std::string commit = library.commit_all();
    World world;
    world.sources.mirrors["acme/lib"] = library.root / "repo";
    // Still the right lines, so that whoever reads it finds the submodule.
    commit_with_submodule(world, "../lib\n#" + std::string(std::size_t{1} << 20U, 'x'), commit);
    const auto found = checkout("acme/app", "main", ".", world.sources);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::kLimit);
    CHECK(found.error().message.find(".gitmodules") != std::string::npos);
}

TEST_CASE("what stands in .gitmodules is read as git reads it") {
    const auto found = app::parse_gitmodules(
        "# c\n[submodule \"a b\"]\n  path = a/b\n\turl = \"../x\"\r\n[submodule \"out\"]\npath = ../out\nurl "
        "= u\n"
        "[submodule \"half\"]\npath = half\n[core]\nurl = https://e\n");
    CHECK(found == std::map<std::string, std::string>{{"a/b", "../x"}});
    CHECK(app::submodule_location("acme/app", "../lib") == "acme/lib");
    CHECK(app::submodule_location("https://h/acme/app.git", "./lib") == "https://h/acme/app.git/lib");
    CHECK(app::submodule_location("git@h:acme/app", "../../x/lib") == "git@h/x/lib");
    CHECK(app::without_login("https://user:secret@host/x") == "https://host/x");
    CHECK(app::without_login("https://host/x@y") == "https://host/x@y");
}
