#include <doctest/doctest.h>

#include <stdexcept>

#include "slipway/secrets.hpp"

namespace slipway {
namespace {

TEST_CASE("a reference has a typed and a short form") {
    const auto typed = parse_secret_reference("secret://vault/db/main#password");
    REQUIRE(typed);
    CHECK(typed->provider == "vault");
    CHECK(typed->name == "db/main#password");
    const auto brief = parse_secret_reference("file:/run/secrets/x:y");
    REQUIRE(brief);
    CHECK(brief->provider == "file");
    CHECK(brief->name == "/run/secrets/x:y");
}

TEST_CASE("what is no reference is refused and never repeated") {
    const std::string long_name = "env:" + std::string(1025, 'x');
    for (const auto& text :
         {std::string("canary-value"), std::string(), std::string("env:"), std::string(":x"),
          std::string("secret://env"), std::string("secret:///x"), std::string("Env:x"), std::string("e v:x"),
          std::string("env:a\0b", 7), std::string("env:a\nb"), std::string("secret://env/"), long_name}) {
        const auto parsed = parse_secret_reference(text);
        REQUIRE(!parsed);
        CHECK(parsed.error().code == ErrorCode::kInvalidArgument);
        CHECK((text.empty() || parsed.error().message.find(text) == std::string::npos));
    }
}

TEST_CASE("each reference goes to the source of its provider") {
    std::string asked;
    const auto secrets = make_secrets(
        {{"one",
          [&](const std::string& name) -> Result<std::string> {
              asked = name;
              return std::string("value one");
          }},
         {"two", [](const std::string&) -> Result<std::string> { return std::string("value two"); }}});
    CHECK(secrets->resolve("one:a/b").value_or("") == "value one");
    CHECK(asked == "a/b");
    CHECK(secrets->resolve("secret://two/x").value_or("") == "value two");
}

TEST_CASE("a failing source is named with the reference, and whether a retry is worth it stays") {
    const auto secrets = make_secrets({{"vault", [](const std::string&) -> Result<std::string> {
                                            return environment_error(ErrorCode::kTimeout, "no answer");
                                        }}});
    const auto value = secrets->resolve("vault:db/password");
    REQUIRE(!value);
    CHECK(value.error().code == ErrorCode::kTimeout);
    CHECK(value.error().message == "the secret db/password of the provider vault: no answer");
}

TEST_CASE("a missing provider is named with those that are there") {
    const auto secrets = make_secrets({{"env", environment_secrets()}, {"hook", nullptr}});
    const auto typed = secrets->resolve("secret://vault/db");
    REQUIRE(!typed);
    CHECK(typed.error().code == ErrorCode::kNotFound);
    CHECK(typed.error().message == "the secret secret://vault/db: there is no secret provider vault");
    CHECK(typed.error().hint == "known are env, hook");
    CHECK(secrets->resolve("hook:x").error().code == ErrorCode::kNotFound);
    // A password with a colon in it looks like a short reference.
    const auto brief = secrets->resolve("user:canary-value");
    REQUIRE(!brief);
    CHECK(brief.error().message.find("canary-value") == std::string::npos);
}

TEST_CASE("what a source throws is caught and not repeated, and an empty or huge value is none") {
    const auto secrets = make_secrets(
        {{"throws",
          [](const std::string&) -> Result<std::string> { throw std::runtime_error("canary-value"); }},
         {"odd", [](const std::string&) -> Result<std::string> { throw 1; }},
         {"empty", [](const std::string&) -> Result<std::string> { return std::string(); }},
         {"huge",
          [](const std::string&) -> Result<std::string> { return std::string((1U << 20U) + 1, 'x'); }}});
    const auto thrown = secrets->resolve("throws:x");
    REQUIRE(!thrown);
    CHECK(thrown.error().message.find("canary-value") == std::string::npos);
    CHECK(!secrets->resolve("odd:x"));
    CHECK(secrets->resolve("empty:x").error().code == ErrorCode::kNotFound);
    CHECK(secrets->resolve("huge:x").error().code == ErrorCode::kLimit);
}

}  // namespace
}  // namespace slipway
