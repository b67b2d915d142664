// Logins out of files: what is read, whom it is given to, and what is refused without being repeated.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit.hpp"
#include "logins.hpp"

using namespace end_to_end;
using host::GitLogins;
using host::parse_registry_logins;

TEST_SUITE_BEGIN("logins");

namespace {

std::string private_file(const Home& home, const std::string& name, const std::string& text) {
    const std::string path = home.path() + "/" + name;
    write_all(path, text);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    return path;
}

std::string token_for(const GitLogins& logins, const std::string& url) {
    const auto login = logins.find(url);
    return login ? login->user + "/" + login->token : "none";
}

}  // namespace

TEST_CASE("a git login is given to its host and path, the longest that fits, and to nobody else") {
    const auto logins = GitLogins::parse(
        "# a comment\n\nhttps://ana:t%40ken@git.test\nhttps://bot:deep@git.test/acme/secret\n"
        "https://port:p@git.test:8443\nhttp://plain:x@127.0.0.1:80\n");
    REQUIRE_MESSAGE(logins.has_value(), (logins ? "" : logins.error().message));
    CHECK(token_for(*logins, "https://git.test/acme/shop.git") == "ana/t@ken");
    CHECK(token_for(*logins, "https://git.test/acme/secret") == "bot/deep");
    CHECK(token_for(*logins, "https://git.test/acme/secret/more.git") == "bot/deep");
    CHECK(token_for(*logins, "https://git.test/acme/secrets.git") == "ana/t@ken");
    CHECK(token_for(*logins, "https://git.test:8443/x") == "port/p");
    for (const char* other : {"http://git.test/acme/shop.git", "https://git.test.evil/x",
                              "https://other.test/x", "https://evil@other.test/git.test",
                              "ssh://git@git.test/x", "git@git.test:x", "/srv/git.test", ""}) {
        CHECK_MESSAGE(token_for(*logins, other) == "none", other);
    }
}

TEST_CASE("an ssh login is a key file of its own") {
    const Home home;
    const std::string key = private_file(home, "key", "-----BEGIN KEY-----\n");
    const auto logins = GitLogins::parse("ssh://git@git.test " + key + "\n");
    REQUIRE_MESSAGE(logins.has_value(), (logins ? "" : logins.error().message));
    for (const char* url : {"ssh://git@git.test/acme/shop.git", "git@git.test:acme/shop.git"}) {
        const auto login = logins->find(url);
        REQUIRE(login.has_value());
        CHECK(login->ssh_private_key == "-----BEGIN KEY-----\n");
        CHECK(login->user == "git");
    }
    CHECK_FALSE(logins->find("other@git.test:acme/shop.git").has_value());
    ::chmod(key.c_str(), 0640);
    CHECK_FALSE(GitLogins::parse("ssh://git@git.test " + key).has_value());
}

TEST_CASE("a line that is no login is named by its number, and nothing of it is repeated") {
    for (const char* bad : {"https://git.test", "https://ana@git.test", "git.test:hunter2",
                            "ftp://a:hunter2@b", "https://ana:hunter2@git.test /key", "ssh://git@git.test",
                            "hunter2", "https://ana:hunter2@", "https://ana:hunter2@git.test a b"}) {
        const auto read = GitLogins::parse("# first\n" + std::string(bad));
        REQUIRE_MESSAGE(!read.has_value(), bad);
        CHECK(read.error().message.starts_with("line 2: "));
        CHECK(read.error().message.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("registry logins are the auths of a docker config.json; helpers are not run") {
    const auto logins = parse_registry_logins(
        R"({"auths": {"https://index.docker.io/v1/": {"auth": "YW5hOnM6M2NyZXQ="},
                      "ghcr.io": {"username": "bot", "password": "p"}}, "credHelpers": {}})");
    REQUIRE_MESSAGE(logins.has_value(), (logins ? "" : logins.error().message));
    CHECK(logins->at("docker.io").user == "ana");
    CHECK(logins->at("docker.io").password == "s:3cret");
    CHECK(logins->at("ghcr.io").user == "bot");
    CHECK(host::registry_of("registry-1.docker.io") == "docker.io");
    const std::pair<const char*, const char*> bad[] = {
        {"", "not a docker config.json"},
        {"[]", "not a docker config.json"},
        {"{}", "auths"},
        {R"({"auths":{"a.b":{}}})", "auths.a.b"},
        {R"({"auths":{"a.b":{"auth":"!!"}}})", "base64"},
        {R"({"auths":{"a.b":{"auth":"aHVudGVyMg=="}}})", "USER:PASSWORD"},
        {R"({"auths":{"a.b/team":{"auth":"YTpi"}}})", "whole registry"},
        {R"({"auths":{"a.b":1}})", "not an object"},
        {R"({"auths":{},"credsStore":"desktop"})", "credsStore"},
        {R"({"auths":{},"credHelpers":{"a.b":"ecr-login"}})", "credHelpers"}};
    for (const auto& one : bad) {  // clang 14 captures no structured binding
        const char* text = one.first;
        const char* named = one.second;
        const auto read = parse_registry_logins(text);
        REQUIRE_MESSAGE(!read.has_value(), text);
        CHECK_MESSAGE(read.error().message.find(named) != std::string::npos, read.error().message);
        CHECK(read.error().message.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("a file of logins is refused unless it is private, and is read anew each time") {
    const Home home;
    const std::string file = private_file(home, "logins.json", R"({"auths":{"a.b":{"auth":"YTpvbmU="}}})");
    for (const mode_t mode : {0640U, 0604U, 0620U, 0666U}) {
        ::chmod(file.c_str(), mode);
        const auto hook = host::registry_login_hook(file);
        REQUIRE_FALSE(hook.has_value());
        CHECK(hook.error().code == slipway::ErrorCode::kForbidden);
        CHECK(hook.error().hint == "chmod 600 " + file);
    }
    ::chmod(file.c_str(), 0600);
    const auto hook = host::registry_login_hook(file);
    REQUIRE(hook.has_value());
    CHECK((*hook)("a.b").value()->password == "one");
    CHECK_FALSE((*hook)("c.d").value().has_value());
    write_all(file, R"({"auths":{"a.b":{"auth":"YTp0d28="}}})");
    CHECK((*hook)("a.b").value()->password == "two");
    write_all(file, "{");
    CHECK_FALSE((*hook)("a.b").has_value());
    CHECK_FALSE(host::registry_login_hook(home.path() + "/none").has_value());
    CHECK_FALSE(host::registry_login_hook(home.path()).has_value());
    CHECK_FALSE(static_cast<bool>(*host::registry_login_hook("")));
    const std::string git = private_file(home, "git", "https://a:one@b.test\n");
    const auto login = host::git_login_hook(git);
    REQUIRE(login.has_value());
    CHECK((*login)("https://b.test/x")->token == "one");
    write_all(git, "https://a:two@b.test\n");
    CHECK((*login)("https://b.test/x")->token == "two");
    // Gone, open or broken there is none, not the one of before.
    write_all(git, "https://b.test\n");
    CHECK_FALSE((*login)("https://b.test/x").has_value());
    write_all(git, "https://a:two@b.test\n");
    ::chmod(git.c_str(), 0644);
    CHECK_FALSE((*login)("https://b.test/x").has_value());
    REQUIRE(::unlink(git.c_str()) == 0);
    CHECK_FALSE((*login)("https://b.test/x").has_value());
}
