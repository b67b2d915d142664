// Registries that never end: a byte now and then, one more layer, one more document.
#include <doctest/doctest.h>

#include <chrono>

#include "engine/artifact/http.hpp"
#include "tests/end_to_end/artifact/hostile_rig.hpp"

namespace {

double seconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("a registry that sends a byte now and then is left when the time for all of it is over") {
    const Content content;
    Rig rig([&](const Asked& asked) {
        Answer answer = content.honest(asked);
        answer.trickle_ms = asked.target.ends_with(content.layer_digest()) ? 20 : 0;
        return answer;
    });
    rig.options.total_timeout_ms = 500;
    rig.options.io_timeout_ms = 200;
    Result<OciDescriptor> pulled = usage_error(ErrorCode::kNotFound, "");
    CHECK(seconds([&] { pulled = rig.pull(":1"); }) < 3.0);
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == ErrorCode::kTimeout);
    CHECK(pulled.error().message.find("not done in 500 ms") != std::string::npos);
    CHECK(pulled.error().message.find(content.layer_digest()) != std::string::npos);
    CHECK_FALSE(rig.store->has(sha256(content.layer)));
    // The other blob is here already, and with time enough the rest follows.
    rig.options.total_timeout_ms = 600'000;
    rig.options.io_timeout_ms = 5'000;
    Content fast;
    Rig honest([&](const Asked& asked) { return fast.honest(asked); });
    CHECK(honest.pull(":1"));
}

TEST_CASE("a registry that is busy for ever is left when the time for all tries is over") {
    Rig rig([](const Asked&) { return Answer{503, {{"Retry-After", "1"}}, "later"}; });
    rig.options.total_timeout_ms = 1'500;
    rig.options.tries = 1'000;
    Result<OciDescriptor> pulled = usage_error(ErrorCode::kNotFound, "");
    CHECK(seconds([&] { pulled = rig.pull(":1"); }) < 5.0);
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == ErrorCode::kTimeout);
    CHECK(pulled.error().message.find("not done in 1500 ms") != std::string::npos);
    CHECK(rig.registry.count("GET", "/manifests/") <= 3);
}

TEST_CASE("a push ends when its time is over") {
    const TempFolder folder;
    Rig rig([](const Asked& asked) {
        return asked.method == "HEAD" ? Answer{404} : Answer{503, {}, "later"};
    });
    rig.options.total_timeout_ms = 400;
    rig.options.retry_delay_ms = 50;
    rig.options.tries = 1'000;
    const auto artifact = build_manifests(*rig.store, "kind: A\n", {});
    REQUIRE(artifact);
    Result<PushReport> pushed = usage_error(ErrorCode::kNotFound, "");
    CHECK(seconds([&] { pushed = RegistryClient(rig.options).push(*rig.store, *artifact, rig.name(":1")); }) <
          3.0);
    REQUIRE_FALSE(pushed);
    CHECK(pushed.error().code == ErrorCode::kTimeout);
}

TEST_CASE("more than one pull may bring is refused before any of it is fetched") {
    const Content content;
    Rig rig([&](const Asked& asked) { return content.honest(asked); });
    rig.options.pull_max = 5'001;  // the layer alone would fit
    const auto pulled = rig.pull(":1");
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == ErrorCode::kLimit);
    CHECK(pulled.error().message.find("5002 bytes, more than the 5001") != std::string::npos);
    CHECK(rig.registry.count("GET", "/blobs/") == 0);
}

TEST_CASE("an answer that trickles is left at the deadline of the whole exchange") {
    FakeRegistry server([](const Asked&) {
        Answer answer{200, {}, std::string(1'000, 'x')};
        answer.trickle_ms = 20;
        return answer;
    });
    artifact::HttpOptions options;
    options.until = artifact::in_ms(300);
    const auto url = artifact::parse_url("http://" + server.host() + "/values.yaml");
    REQUIRE(url);
    Result<artifact::HttpResponse> answer = usage_error(ErrorCode::kNotFound, "");
    CHECK(seconds([&] { answer = artifact::http_exchange({"GET", *url, {}, {}}, options); }) < 3.0);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::kTimeout);
    CHECK(answer.error().message.find("the time for all of it is over") != std::string::npos);
}
