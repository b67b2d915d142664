#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "steps/kubernetes/diff.hpp"
#include "steps/kubernetes/yaml.hpp"

using namespace slipway::kubernetes;
namespace json = boost::json;

namespace {

json::object object(const std::string& rest) {
    return parse_yaml("apiVersion: v1\nkind: Thing\nmetadata: {name: a, namespace: s}\n" + rest, "test")
        ->at(0)
        .as_object();
}

std::string paths(const ObjectChange& change) {
    std::string out;
    for (const auto& field : change.fields) {
        out += field.path + "(" + json::serialize(field.before) + ">" + json::serialize(field.after) + ")";
    }
    return out;
}

}  // namespace

TEST_CASE("only what the manifest says counts, and what an earlier one said") {
    const auto live = object("spec: {replicas: 3, image: x, added: by-server}\nstatus: {ready: 1}\n");
    const auto before = object("spec: {replicas: 2, image: x, gone: 1}\n");
    CHECK(three_way(object("spec: {image: x}\n"), nullptr, &live).action == ObjectAction::kNone);
    CHECK(paths(three_way(object("spec: {image: z}\n"), &before, &live)) ==
          R"(spec.image("x">"z")spec.replicas(3>null))");
    CHECK(three_way(object("spec: {image: z}\n"), nullptr, nullptr).action == ObjectAction::kCreate);
}

TEST_CASE("lists of named things go by their names; order and strangers among them do not matter") {
    const auto live = object("spec: {c: [{name: side, i: 1}, {name: main, i: 1, pull: Always}]}\n");
    const auto wanted = object("spec: {c: [{name: main, i: 2}]}\n");
    CHECK(paths(three_way(wanted, nullptr, &live)) == "spec.c[main].i(1>2)");
    const auto before = object("spec: {c: [{name: main, i: 1}, {name: side, i: 1}]}\n");
    CHECK(paths(three_way(wanted, &before, &live)).find("spec.c[side]") != std::string::npos);
}

TEST_CASE("quantities that mean the same are the same, where quantities stand") {
    const auto live = object("spec: {r: {limits: {cpu: '1', memory: 1Gi}}}\n");
    CHECK(three_way(object("spec: {r: {limits: {cpu: 1000m, memory: 1024Mi}}}\n"), nullptr, &live)
              .fields.empty());
    CHECK(!three_way(object("spec: {r: {limits: {cpu: 900m}}}\n"), nullptr, &live).fields.empty());
    const auto text = object("data: {size: '1'}\n");
    CHECK(!three_way(object("data: {size: '1000m'}\n"), nullptr, &text).fields.empty());
}

TEST_CASE("contents of Secrets are never shown, and known secrets nowhere") {
    auto secret = object("data: {password: aHVudGVyMjI=}\nstringData: {other: topsecret9}\n");
    secret["kind"] = "Secret";
    auto live = object("data: {password: b2xk}\n");
    live["kind"] = "Secret";
    Mask mask;
    mask.add_secret_object(secret);
    const auto config = object("data: {url: 'x:hunter22@y'}\n");
    const auto shown =
        json::serialize(show_changes({three_way(secret, nullptr, &live), three_way(secret, nullptr, nullptr),
                                      three_way(config, nullptr, nullptr)},
                                     mask));
    for (const char* hidden : {"aHVudGVyMjI", "hunter22", "topsecret9", "b2xk"}) {
        CHECK_MESSAGE(shown.find(hidden) == std::string::npos, shown);
    }
    CHECK(shown.find("data.password") != std::string::npos);
}

TEST_CASE("digests: equal for equal changes, and not else") {
    const auto live = object("spec: {a: 1}\n");
    const auto one = three_way(object("spec: {a: 2}\n"), nullptr, &live);
    const auto other = three_way(object("spec: {a: 3}\n"), nullptr, &live);
    CHECK(digest_of({one}) == digest_of({one}));
    CHECK(digest_of({one}) != digest_of({other}));
    CHECK(digest_of({one}) != digest_of({one, other}));
}
