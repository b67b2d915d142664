// Registries that lie, hang, fail and point elsewhere.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/end_to_end/artifact/hostile_rig.hpp"

TEST_CASE("an honest registry: what is pulled is whole") {
    const Content content;
    Rig rig([&](const Asked& asked) { return content.honest(asked); });
    const auto pulled = rig.pull(":1");
    REQUIRE_MESSAGE(pulled.has_value(), (pulled ? "" : pulled.error().message));
    CHECK(oci_digest(pulled->digest) == content.digest());
    CHECK(rig.store->verify(*pulled));
    // What is here already is not fetched again.
    REQUIRE(rig.pull("@" + content.digest()));
    CHECK(rig.registry.count("GET", "/blobs/") == 2);
}

TEST_CASE("a registry that lies about a blob is refused by name, and nothing of it is kept") {
    const Content content;
    Rig rig([&](const Asked& asked) {
        return asked.target.ends_with(content.layer_digest()) ? Answer{200, {}, std::string(5000, 'X')}
                                                              : content.honest(asked);
    });
    const auto pulled = rig.pull(":1");
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == ErrorCode::kCorrupt);
    CHECK(pulled.error().message.find("lies about acme/web") != std::string::npos);
    CHECK(pulled.error().message.find(content.layer_digest()) != std::string::npos);
    CHECK_FALSE(rig.store->has(sha256(content.layer)));
    CHECK_FALSE(rig.store->has(sha256(content.bytes)));
}

TEST_CASE("a registry that lies about a manifest is refused, by its digest or by its own header") {
    const Content content;
    const std::string other = oci_digest(sha256("other"));
    Rig rig([&](const Asked& asked) {
        Answer answer = content.honest(asked);
        answer.headers["Docker-Content-Digest"] = other;
        return answer;
    });
    for (const auto& reference : {std::string(":1"), "@" + other}) {
        const auto pulled = rig.pull(reference);
        REQUIRE_FALSE(pulled);
        CHECK(pulled.error().code == ErrorCode::kCorrupt);
        CHECK(pulled.error().message.find("should be " + other + " and is " + content.digest()) !=
              std::string::npos);
    }
}

TEST_CASE("a registry that lies about what it took is refused") {
    const TempFolder folder;
    Rig rig([&](const Asked& asked) {
        if (asked.method == "HEAD") {
            return Answer{404};
        }
        if (asked.method == "POST") {
            return Answer{202, {{"Location", "/v2/acme/web/blobs/uploads/1?x=y"}}};
        }
        return Answer{201, {{"Docker-Content-Digest", oci_digest(sha256("something else"))}}};
    });
    const auto artifact = build_manifests(*rig.store, "kind: A\n", {});
    const auto pushed = RegistryClient(rig.options).push(*rig.store, *artifact, rig.name(":1"));
    REQUIRE_FALSE(pushed);
    CHECK(pushed.error().code == ErrorCode::kCorrupt);
    CHECK(pushed.error().message.find("lies about") != std::string::npos);
}

TEST_CASE("5xx and 429 pass: they are tried again, and named when they do not") {
    const Content content;
    std::atomic<int> failures = 2;
    Rig rig([&](const Asked& asked) {
        const int left = failures--;
        return left > 0 ? Answer{left == 2 ? 503 : 429, {}, "busy"} : content.honest(asked);
    });
    REQUIRE(rig.pull(":1"));
    failures = 1'000;
    const auto pulled = rig.pull(":1");
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().message ==
          "registry GET " + rig.registry.host() + "/v2/acme/web/manifests/1: 429 busy (tried 4 times)");
}

TEST_CASE("a registry that hangs, or hangs up, is given up on in time") {
    const Content content;
    std::atomic<bool> hang = true;  // read by the registry's threads
    Rig rig([&](const Asked& asked) {
        Answer answer = content.honest(asked);
        if (asked.target.ends_with(content.layer_digest())) {
            answer.hang = hang.load();
            answer.cut_at = 100;
        }
        return answer;
    });
    rig.options.tries = 2;
    auto pulled = rig.pull(":1");
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == ErrorCode::kTimeout);
    CHECK(pulled.error().message.find("(tried 2 times)") != std::string::npos);
    hang = false;
    pulled = rig.pull(":1");
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == ErrorCode::kIo);
    CHECK_FALSE(rig.store->has(sha256(content.layer)));
}

TEST_CASE("what is no HTTP, and nobody at all, is an error with the registry's name") {
    Rig rig([](const Asked&) {
        Answer answer;
        answer.raw = "SSH-2.0-OpenSSH\r\n\r\n";
        return answer;
    });
    auto pulled = rig.pull(":1");
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == ErrorCode::kCorrupt);
    const std::string nobody = "127.0.0.1:" + std::to_string(test::free_port());
    rig.options.plain_http = {nobody};
    rig.options.tries = 1;
    pulled = RegistryClient(rig.options).pull(*rig.store, *parse_image_name(nobody + "/a:1"));
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().message.find(nobody) != std::string::npos);
}

TEST_CASE("more bytes than were promised are not taken") {
    const Content content;
    Rig rig([&](const Asked& asked) {
        Answer answer = content.honest(asked);
        if (asked.target.ends_with(content.layer_digest())) {
            answer.body.append(std::size_t{4} * 1024 * 1024, 'x');
        }
        return answer;
    });
    const auto pulled = rig.pull(":1");
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == ErrorCode::kLimit);
}

TEST_CASE("a redirect to another host is followed without credentials") {
    const Content content;
    std::string back;
    FakeRegistry elsewhere([&](const Asked& asked) {
        return back.empty() ? content.honest(asked)
                            : Answer{307, {{"Location", "http://" + back + asked.target + "?back"}}};
    });
    std::string host = elsewhere.host();
    Rig rig([&](const Asked& asked) {
        if (asked.headers.count("authorization") == 0) {
            return Answer{401, {{"WWW-Authenticate", "Basic realm=\"r\""}}};
        }
        if (asked.target.find("/blobs/") != std::string::npos) {
            return Answer{307, {{"Location", "http://" + host + asked.target}}};
        }
        return content.honest(asked);
    });
    rig.options.credentials = [&](const std::string& asked) -> Result<std::optional<RegistryCredentials>> {
        CHECK(asked == rig.registry.host());
        return std::optional<RegistryCredentials>({"ana", "secret"});
    };
    SUBCASE("another port") {}
    SUBCASE("another name of the same machine") {
        host = "localhost" + elsewhere.host().substr(9);
    }
    SUBCASE("and back again") {
        back = rig.registry.host();
    }
    const auto pulled = rig.pull(":1");
    if (!back.empty()) {
        // What comes back from elsewhere is not trusted with them either.
        REQUIRE_FALSE(pulled);
        CHECK(pulled.error().code == ErrorCode::kForbidden);
        return;
    }
    REQUIRE_MESSAGE(pulled.has_value(), (pulled ? "" : pulled.error().message));
    REQUIRE(elsewhere.asked().size() == 2);
    for (const auto& asked : elsewhere.asked()) {
        CHECK(asked.headers.count("authorization") == 0);
    }
}

TEST_CASE("redirects in a circle end") {
    Rig rig([&](const Asked& asked) { return Answer{302, {{"Location", asked.target}}}; });
    const auto pulled = rig.pull(":1");
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().message.find("redirected more than 5 times") != std::string::npos);
}

TEST_CASE("an upload is not sent to another host") {
    FakeRegistry elsewhere([](const Asked&) { return Answer{201}; });
    Rig rig([&](const Asked& asked) {
        return asked.method == "POST" ? Answer{202, {{"Location", "http://" + elsewhere.host() + "/up"}}}
                                      : Answer{404};
    });
    const auto artifact = build_manifests(*rig.store, "kind: A\n", {});
    const auto pushed = RegistryClient(rig.options).push(*rig.store, *artifact, rig.name(":1"));
    REQUIRE_FALSE(pushed);
    CHECK(pushed.error().code == ErrorCode::kForbidden);
    CHECK(elsewhere.asked().empty());
}

TEST_CASE("tokens: asked of the service that the registry names, for the scope that is needed, and kept") {
    const Content content;
    std::string host;
    Rig rig([&](const Asked& asked) {
        if (asked.target.starts_with("/token")) {
            return asked.headers.count("authorization") != 0 &&
                           asked.headers.at("authorization") == "Basic YW5hOnNlY3JldA=="
                       ? Answer{200, {}, R"({"token":"t0k3n"})"}
                       : Answer{401};
        }
        if (asked.headers.count("authorization") == 0 ||
            asked.headers.at("authorization") != "Bearer t0k3n") {
            return Answer{
                401, {{"WWW-Authenticate", "Bearer realm=\"http://" + host + "/token\",service=\"reg\""}}};
        }
        return content.honest(asked);
    });
    host = rig.registry.host();
    std::string password = "secret";
    rig.options.credentials = [&](const std::string&) -> Result<std::optional<RegistryCredentials>> {
        return std::optional<RegistryCredentials>({"ana", password});
    };
    REQUIRE(rig.pull(":1"));
    CHECK(rig.registry.count("GET", "/token?service=reg&scope=repository%3Aacme%2Fweb%3Apull") == 1);
    password = "wrong";
    const auto refused = rig.pull(":1");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kForbidden);
    CHECK(refused.error().message.find("wrong") == std::string::npos);
}

TEST_CASE("a push that is cancelled stops between two requests") {
    Rig rig([](const Asked&) { return Answer{404}; });
    rig.options.cancelled = [] { return true; };
    const auto artifact = build_manifests(*rig.store, "kind: A\n", {});
    CHECK(RegistryClient(rig.options).push(*rig.store, *artifact, rig.name(":1")).error().code ==
          ErrorCode::kStopped);
    CHECK(rig.registry.asked().empty());
}

TEST_CASE("a push that is cancelled ends in the middle of a transfer, long before its time is over") {
    bool in_body = false;
    SUBCASE("while it is asked for") {}
    SUBCASE("while it is sent") {
        in_body = true;
    }
    Rig rig([&](const Asked& asked) {
        Answer answer{asked.method == "POST" ? 202 : 404, {{"Location", "/v2/acme/web/blobs/uploads/1"}}};
        answer.hang = asked.method == (in_body ? "PUT" : "HEAD");
        return answer;
    });
    rig.options.io_timeout_ms = 60'000;
    const auto artifact = build_manifests(*rig.store, "kind: A\n", {});
    std::atomic<bool> cancelled{false};
    std::thread operator_of_it([&] {
        while (rig.registry.count(in_body ? "PUT" : "HEAD", "") == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        cancelled = true;
    });
    const auto start = std::chrono::steady_clock::now();
    const auto pushed = RegistryClient(rig.options).push(*rig.store, *artifact, rig.name(":1"), [&] {
        return cancelled.load();
    });
    operator_of_it.join();
    REQUIRE_FALSE(pushed);
    CHECK(pushed.error().code == ErrorCode::kStopped);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}
