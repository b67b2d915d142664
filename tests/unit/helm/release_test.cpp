#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "steps/helm/bundle.hpp"
#include "steps/kubernetes/mask.hpp"

using namespace slipway;
using namespace slipway::helm;

namespace {

json::object stored(const json::object& release, bool secret) {
    const auto once = kubernetes::encode_base64(gzip(json::serialize(release)).value());
    return {{"kind", secret ? "Secret" : "ConfigMap"},
            {"metadata", json::object{{"name", "r"}, {"labels", json::object{{"status", "deployed"}}}}},
            {"data", json::object{{"release", secret ? kubernetes::encode_base64(once) : once}}}};
}

const json::object kRelease = {
    {"version", 7},
    {"manifest", "---\n# Source: c/templates/a.yaml\na: 1\n---\n# Source: c/templates/b.yaml\n\nb: \"x\"\n"},
    {"info", json::object{{"status", "deployed"}, {"description", "Install complete"}, {"first", 0.25}}},
    {"hooks", json::array{json::object{{"name", "h"},
                                       {"kind", "Job"},
                                       {"manifest", "# Source: x\nkind: Job\n"},
                                       {"last_run", json::object{{"phase", "Running"}}}}}}};

}  // namespace

TEST_CASE("records are read from Secrets and ConfigMaps, and marked without touching the rest") {
    for (const bool secret : {true, false}) {
        const auto record = decode_record(stored(kRelease, secret));
        REQUIRE(record.has_value());
        CHECK(record->revision == 7);
        CHECK(record->status == "deployed");
        CHECK(documents_of(record->manifest) == std::vector<std::string>{"a: 1\n", "b: \"x\"\n"});
        CHECK(record->hooks.at(0).ran);
        const auto marked = with_status(record->stored, "failed", std::string(kMarkText) + " (x)");
        REQUIRE(marked.has_value());
        const auto again = decode_record(*marked);
        REQUIRE(again.has_value());
        CHECK(again->status == "failed");
        CHECK(again->label("status") == "failed");
        CHECK(again->is_marked());
        CHECK(again->manifest == record->manifest);
    }
}

TEST_CASE("garbage is no record, and never more than an error") {
    for (const std::string& text :
         {std::string(), std::string("%%%"), std::string("H4sIAAAA"),
          kubernetes::encode_base64(kubernetes::encode_base64("{}")),
          kubernetes::encode_base64("\x1f\x8b garbage"), kubernetes::encode_base64("{\"version\": -1}")}) {
        for (const char* kind : {"Secret", "ConfigMap"}) {
            CHECK(!decode_record({{"kind", kind}, {"data", json::object{{"release", text}}}}).has_value());
        }
    }
    CHECK(!decode_record({}).has_value());
    auto whole = gzip(json::serialize(kRelease)).value();
    for (std::size_t cut = 0; cut < whole.size(); cut += 7) {
        const auto text = kubernetes::encode_base64(whole.substr(0, cut));
        CHECK(!decode_record({{"kind", "ConfigMap"}, {"data", json::object{{"release", text}}}}).has_value());
    }
}

TEST_CASE("a bundle is the same after a round trip, and its digest moves with every byte that is applied") {
    HelmInput input;
    input.release = "r";
    input.space = "s";
    input.files = {{"values", "{\"a\":1}"}};
    const auto bundle = make_bundle(input, kRelease, "crd: 1\n");
    const auto bytes = encode(bundle);
    const auto again = decode_bundle(bytes);
    REQUIRE(again.has_value());
    CHECK(encode(*again) == bytes);
    auto other = bundle;
    other.documents[0] += " ";
    CHECK(encode(other) != bytes);
    other = bundle;
    other.hooks[0].manifest += " ";
    CHECK(encode(other) != bytes);
    other = bundle;
    other.values[0] += " ";
    CHECK(encode(other) != bytes);
    CHECK(!decode_bundle("{}").has_value());
    CHECK(!decode_bundle("garbage").has_value());
}

TEST_CASE("sameness of bundle and record: order and comments of origin do not count, everything else does") {
    const auto bundle = make_bundle({}, kRelease, {});
    auto record = decode_record(stored(kRelease, true)).value();
    CHECK(is_same(bundle, record));
    record.manifest = "---\n# Source: other/name.yaml\nb: \"x\"\n---\na: 1\n";
    CHECK(is_same(bundle, record));
    record.manifest = "---\nb: \"x\"\n---\na: 2\n";
    CHECK(!is_same(bundle, record));
    record.manifest = "---\nb: \"x\"\n";
    CHECK(!is_same(bundle, record));
}
