#include "slipway/lifecycle/oci.hpp"

#include <doctest/doctest.h>

using namespace slipway;
using namespace slipway::lifecycle;

namespace {

const std::string kDigestText = "sha256:" + std::string(64, 'a');

std::string descriptor(const std::string& digest = kDigestText, const std::string& size = "3") {
    return R"({"mediaType":"x/y","digest":")" + digest + R"(","size":)" + size + "}";
}

std::string manifest(const std::string& config, const std::string& layers, const std::string& more = "") {
    return R"({"schemaVersion":2,"config":)" + config + R"(,"layers":)" + layers + more + "}";
}

std::string refusal(const std::string& bytes) {
    const auto parsed = parse_manifest(bytes);
    return parsed ? "accepted" : parsed.error().message;
}

std::string name_after_reading(const std::string& text) {
    const auto name = parse_image_name(text);
    return name ? name->host + "|" + name->repository + "|" + name->tag + "|" + name->digest : "refused";
}

}  // namespace

TEST_CASE("a manifest is written the same way always, and read back equal") {
    OciManifest m;
    m.artifact_type = media::kModulePackage;
    m.config = {std::string(media::kEmpty), sha256("{}"), 2, {}, {}};
    m.layers = {{std::string(media::kZip), sha256("zip"), 3, {}, {{"b", "2"}, {"a", "1"}}}};
    m.annotations = {{"org.opencontainers.image.source", "acme/modules"}};
    const std::string bytes = write_manifest(m);
    CHECK(sha256(bytes).hex() == "23ee195914b8920140ee88e8fd45f1e8d074a22e7170187d77135ddb1d4d6e43");
    const auto read = parse_manifest(bytes);
    REQUIRE(read);
    CHECK(*read == m);
    CHECK(write_manifest(*read) == bytes);
}

TEST_CASE("an index is read back equal") {
    OciIndex index;
    index.manifests = {{std::string(media::kManifest), sha256("m"), 1, "a/b", {{"k", "v"}}}};
    const auto read = parse_index(write_index(index));
    REQUIRE(read);
    CHECK(*read == index);
}

TEST_CASE("what is wrong with a manifest is named with its place") {
    CHECK(refusal("").starts_with("manifest: not JSON"));
    CHECK(refusal("[]") == "manifest: not a JSON object");
    CHECK(refusal("{}") == "schemaVersion: not 2");
    CHECK(refusal(R"({"schemaVersion":1})") == "schemaVersion: not 2");
    CHECK(refusal(R"({"schemaVersion":2})") == "config: missing");
    CHECK(refusal(manifest("7", "[]")) == "config: not an object");
    CHECK(refusal(manifest("{}", "[]")) == "config.mediaType: missing");
    CHECK(refusal(manifest(descriptor(), "{}")) == "layers: not a list");
    CHECK(refusal(manifest(descriptor(), "[" + descriptor() + ",8]")) == "layers[1]: not an object");
    CHECK(refusal(manifest(descriptor(), "[" + descriptor("sha256:abc") + "]")) ==
          "layers[0].digest: 'sha256:abc' is not sha256:<64 hex digits>");
    CHECK(
        refusal(manifest(descriptor("sha512:" + std::string(128, 'a')), "[]")).starts_with("config.digest:"));
    CHECK(
        refusal(manifest(descriptor("sha256:" + std::string(64, 'A')), "[]")).starts_with("config.digest:"));
    CHECK(refusal(manifest(descriptor(kDigestText, "-1"), "[]")) == "config.size: not a size");
    CHECK(refusal(manifest(descriptor(kDigestText, "1e3"), "[]")) == "config.size: not a size");
    CHECK(refusal(manifest(descriptor(), "[]", R"(,"annotations":{"a":1})")) ==
          "annotations.a: not a string");
    CHECK(refusal(manifest(descriptor(), "[]", R"(,"mediaType":"application/vnd.oci.image.index.v1+json")"))
              .starts_with("mediaType:"));
}

TEST_CASE("a document that could be read as a manifest and as an index is refused") {
    CHECK(refusal(manifest(descriptor(), "[]", R"(,"manifests":[])")) ==
          "manifests: has no place in a document of this kind");
    const auto index = parse_index(R"({"schemaVersion":2,"manifests":[],"layers":[]})");
    REQUIRE_FALSE(index);
    CHECK(index.error().message == "layers: has no place in a document of this kind");
}

TEST_CASE("documents that are too large, too deep or too long are refused") {
    CHECK(refusal(std::string(kOciDocumentMax + 1, ' ')).find("longer than") != std::string::npos);
    std::string deep = "1";
    for (int i = 0; i < 100; ++i) {
        deep = "[" + deep + "]";
    }
    CHECK(refusal(manifest(descriptor(), "[]", ",\"x\":" + deep)).starts_with("manifest: not JSON"));
    std::string many = "[";
    for (std::size_t i = 0; i <= kOciDescriptorsMax; ++i) {
        many += (i == 0 ? "" : ",") + std::string("0");
    }
    CHECK(refusal(manifest(descriptor(), many + "]")) == "layers: more than 10000 entries");
}

TEST_CASE("unknown members are let through") {
    CHECK(refusal(manifest(descriptor(), "[]", R"(,"later":{"a":[1]})")) == "accepted");
}

TEST_CASE("names of images are taken apart as other tools do") {
    CHECK(name_after_reading("nginx") == "|nginx||");
    CHECK(name_after_reading("acme/web:1.2") == "|acme/web|1.2|");
    CHECK(name_after_reading("localhost/web") == "localhost|web||");
    CHECK(name_after_reading("127.0.0.1:5000/a/b_c:x") == "127.0.0.1:5000|a/b_c|x|");
    CHECK(name_after_reading("ghcr.io/a/b@" + kDigestText) == "ghcr.io|a/b||" + kDigestText);
    CHECK(name_after_reading("ghcr.io/a/b:t@" + kDigestText) == "ghcr.io|a/b|t|" + kDigestText);
    for (const char* bad : {"", ":", "/", "a//b", "A/b", "a/", "a:", "a:-x", "a@sha256:1", "a b", "../a",
                            "-a", "host.io/", "ho st.io/a", "a._b", "a:t:u"}) {
        CAPTURE(bad);
        CHECK(name_after_reading(bad) == "refused");
    }
    CHECK(parse_image_name("127.0.0.1:5000/a/b:x")->str() == "127.0.0.1:5000/a/b:x");
}

TEST_CASE("a store's own index may have more entries than a stranger's") {
    std::string text = R"({"schemaVersion":2,"manifests":[)";
    const std::string digest = oci_digest(sha256("x"));
    for (std::size_t i = 0; i <= kOciDescriptorsMax; ++i) {
        text += (i == 0 ? "" : ",") + std::string(R"({"mediaType":"m","size":1,"digest":")") + digest + "\"}";
    }
    text += "]}";
    CHECK_FALSE(parse_index(text));
    const auto own = parse_store_index(text);
    REQUIRE(own);
    CHECK(own->manifests.size() == kOciDescriptorsMax + 1);
    CHECK_FALSE(parse_store_index(std::string(kOciStoreIndexMax + 1, ' ')));
}
