// Real repositories over http: branches that move, are rewritten and go; logins right and wrong.
#include <doctest/doctest.h>

#include "git_http.hpp"
#include "world.hpp"

namespace {

bool skipped() {
    if (test::GitHttp::is_there()) {
        return false;
    }
    std::puts("SLIPWAY-SKIPPED-PART: git http-backend");
    return true;
}

/// A server over the world's repository, and the options that reach it as acme/app.
struct Remote {
    explicit Remote(World& world, const std::string& authorization = {})
        : server(world.root.string(), authorization), sources(world.sources) {
        sources.allow_network = true;
        sources.mirrors["acme/app"] = server.url("repo/.git");
    }
    test::GitHttp server;
    SourceOptions sources;
};

void move_branch(World& world, const std::string& branch, const std::string& commit) {
    git_oid id{};
    REQUIRE(git_oid_fromstr(&id, commit.c_str()) == 0);
    git_reference* made = nullptr;
    REQUIRE(git_reference_create(&made, world.repository, ("refs/heads/" + branch).c_str(), &id, 1, "m") ==
            0);
    git_reference_free(made);
}

}  // namespace

TEST_CASE("a moved branch is followed at the next sync, a pinned commit never moves") {
    if (skipped()) {
        return;
    }
    World world;
    write(world.at("a"), "one");
    const std::string first = world.commit_all();
    Remote remote(world);
    const auto found = checkout("acme/app", "main", ".", remote.sources);
    if (!found) {
        MESSAGE(found.error().message);
    }
    REQUIRE(found);
    CHECK(found->commit == first);
    write(world.at("a"), "two");
    const std::string second = world.commit_all();
    CHECK(checkout("acme/app", "main", ".", remote.sources)->commit == second);
    const int before = remote.server.requests();
    CHECK(read(checkout("acme/app", first, ".", remote.sources)->path + "/a") == "one");
    CHECK(remote.server.requests() == before);
}

TEST_CASE("a rewritten branch shows its new commits; the old one is still there for who pinned it") {
    if (skipped()) {
        return;
    }
    World world;
    write(world.at("a"), "one");
    const std::string base = world.commit_all();
    write(world.at("a"), "two");
    const std::string old = world.commit_all();
    Remote remote(world);
    CHECK(checkout("acme/app", "main", ".", remote.sources)->commit == old);
    move_branch(world, "main", base);
    write(world.at("a"), "three");
    const std::string rewritten = world.commit_all();
    CHECK(rewritten != old);
    CHECK(checkout("acme/app", "main", ".", remote.sources)->commit == rewritten);
    CHECK(read(checkout("acme/app", old, ".", remote.sources)->path + "/a") == "two");
}

TEST_CASE("a deleted branch is named; its last commit can still be had by its id") {
    if (skipped()) {
        return;
    }
    World world;
    write(world.at("a"), "one");
    const std::string commit = world.commit_all();
    move_branch(world, "topic", commit);
    Remote remote(world);
    REQUIRE(checkout("acme/app", "topic", ".", remote.sources));
    git_reference* branch = nullptr;
    REQUIRE(git_reference_lookup(&branch, world.repository, "refs/heads/topic") == 0);
    REQUIRE(git_reference_delete(branch) == 0);
    git_reference_free(branch);
    const auto gone = checkout("acme/app", "topic", ".", remote.sources);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == ErrorCode::kNotFound);
    CHECK(gone.error().message.find("'topic'") != std::string::npos);
    CHECK(checkout("acme/app", commit, ".", remote.sources));
}

TEST_CASE("one session fetches a repository once") {
    if (skipped()) {
        return;
    }
    World world;
    write(world.at("a/x"), "x");
    write(world.at("b/x"), "y");
    const std::string commit = world.commit_all();
    Remote remote(world);
    remote.sources.session = std::make_shared<FetchSession>();
    CHECK(checkout("acme/app", "main", "a", remote.sources)->commit == commit);
    const int requests = remote.server.requests();
    write(world.at("b/x"), "z");
    world.commit_all();
    CHECK(checkout("acme/app", "main", "b", remote.sources)->commit == commit);
    CHECK(remote.server.requests() == requests);
}

TEST_CASE("a login is asked for once, given to its host alone, and shown nowhere") {
    if (skipped()) {
        return;
    }
    World world;
    write(world.at("a"), "one");
    world.commit_all();
    Remote remote(world, "Basic Z2l0OmdlaGVpbQ==");  // git:geheim
    const auto without = checkout("acme/app", "main", ".", remote.sources);
    REQUIRE_FALSE(without);
    CHECK(without.error().code == ErrorCode::kForbidden);
    CHECK(without.error().hint == "the repository wants a login, or is not there");
    int asked = 0;
    std::string token = "wrong-token";
    remote.sources.login = [&](const std::string& url) {
        ++asked;
        CHECK(url == remote.server.url("repo/.git"));
        return std::optional<Login>(Login{"git", token, {}, {}});
    };
    const auto wrong = checkout("acme/app", "main", ".", remote.sources);
    REQUIRE_FALSE(wrong);
    CHECK(asked == 1);
    CHECK(wrong.error().hint == "the repository refused the login");
    CHECK(wrong.error().message.find("wrong-token") == std::string::npos);
    token = "geheim";
    const auto right = checkout("acme/app", "main", ".", remote.sources);
    if (!right) {
        MESSAGE(right.error().message);
    }
    REQUIRE(right);
    for (const auto& entry : fs::recursive_directory_iterator(world.root / "cache")) {
        if (entry.is_regular_file()) {
            CHECK(read(entry.path()).find("geheim") == std::string::npos);
        }
    }
}

TEST_CASE("a server that is gone is named, and what is in the cache by its commit still serves") {
    if (skipped()) {
        return;
    }
    World world;
    write(world.at("a"), "one");
    const std::string commit = world.commit_all();
    Remote remote(world);
    REQUIRE(checkout("acme/app", "main", ".", remote.sources));
    remote.sources.repository_base = remote.server.url("");
    remote.server.stop();
    const auto gone = checkout("acme/app", "main", ".", remote.sources);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == ErrorCode::kIo);
    CHECK(gone.error().message.find("127.0.0.1") != std::string::npos);
    CHECK(checkout("acme/app", commit, ".", remote.sources));
    CHECK(checkout("acme/none", "main", ".", remote.sources).error().message.find("acme/none") !=
          std::string::npos);
}

TEST_CASE(
    "a repository that is larger than a fetch may bring, or does not come in time, is refused by name") {
    if (skipped()) {
        return;
    }
    World world;
    std::string noise;
    unsigned value = 1;
    for (int i = 0; i < 300'000; ++i) {
        value = value * 1103515245U + 12345U;
        noise.push_back(static_cast<char>(value >> 16U));
    }
    write(world.at("a"), noise);
    const std::string commit = world.commit_all();
    Remote remote(world);
    remote.sources.largest_fetch = 50'000;
    const auto large = checkout("acme/app", "main", ".", remote.sources);
    REQUIRE_FALSE(large);
    CHECK(large.error().code == ErrorCode::kLimit);
    CHECK(large.error().message.find("larger than the 50000 bytes") != std::string::npos);
    CHECK(large.error().message.find("127.0.0.1") != std::string::npos);
    remote.sources.largest_fetch = 1'000'000;
    remote.sources.fetch_timeout_ms = 0;
    const auto slow = checkout("acme/app", "main", ".", remote.sources);
    REQUIRE_FALSE(slow);
    CHECK(slow.error().code == ErrorCode::kTimeout);
    remote.sources.fetch_timeout_ms = 60'000;
    CHECK(checkout("acme/app", "main", ".", remote.sources)->commit == commit);
}
