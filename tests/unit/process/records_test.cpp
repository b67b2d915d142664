#include "steps/process/records.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace slipway;
using namespace slipway::process;

namespace {

const char* const kStartedText =
    R"({"protocol":1,"supervisor":{"pid":10,"starttime":100},"child":{"pid":11,"starttime":101},)"
    R"("waited":{"pid":11,"starttime":101},"boot_id":"b","pid_namespace":"pid:[1]","cgroup_namespace":"cgroup:[2]",)"
    R"("fence":"cgroup","cgroup":"/sys/fs/cgroup/x","marker":"m","prepared_ms":5})";
const char* const kExitText =
    R"({"protocol":1,"started":true,"reason":"exited","detail":"","rc":3,"signal":0,"exec_errno":0,"timed_out":false,)"
    R"("cancelled":false,"fence":"weak","all_dead":true,"orphans":2,"released_ms":1,"ended_ms":2,"user_us":3,)"
    R"("system_us":4,"max_rss_kib":5,"stdout":{"bytes":6,"dropped":7},"stderr":{"bytes":8,"dropped":9},"kept":1})";

}  // namespace

TEST_CASE("process records: good ones are read") {
    const auto started = parse_started(kStartedText);
    REQUIRE(started);
    CHECK(started->child.pid == 11);
    CHECK(started->fence == FenceStrength::kCgroup);
    const auto exit = parse_exit(kExitText);
    REQUIRE(exit);
    CHECK(exit->rc == 3);
    CHECK(exit->out_dropped == 7);
    CHECK(exit->orphans == 2);
    CHECK_FALSE(exit->succeeded());
}

TEST_CASE("process records: missing, mistyped and out-of-range fields are corrupt, never defaults") {
    const auto without = [](std::string text, const std::string& key) {
        text.replace(text.find("\"" + key + "\""), key.size() + 2, "\"zz" + key.substr(2) + "\"");
        return text;
    };
    for (const char* key : {"supervisor", "child", "boot_id", "fence", "marker"}) {
        const auto r = parse_started(without(kStartedText, key));
        REQUIRE_FALSE(r);
        CHECK(r.error().code == ErrorCode::kCorrupt);
    }
    for (const char* key : {"started", "reason", "rc", "timed_out", "all_dead", "stdout"}) {
        CHECK_FALSE(parse_exit(without(kExitText, key)));
    }
    std::string text = kExitText;
    text.replace(text.find("\"rc\":3"), 6, "\"rc\":\"0\"");
    CHECK_FALSE(parse_exit(text));
    text = kExitText;
    text.replace(text.find("\"rc\":3"), 6, "\"rc\":99999999999");
    CHECK_FALSE(parse_exit(text));
}

TEST_CASE("process records: a newer protocol is refused as such") {
    std::string text = kExitText;
    text.replace(text.find(":1,"), 3, ":2,");
    const auto r = parse_exit(text);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == ErrorCode::kUnsupportedFormat);
}

TEST_CASE("process records: garbage and every cut are refused") {
    const std::string good = kExitText;
    for (std::size_t n = 0; n < good.size(); ++n) {
        CHECK_FALSE(parse_exit(good.substr(0, n)));
    }
    std::mt19937 random(3);  // NOLINT: the same garbage each time
    for (int i = 0; i < 2000; ++i) {
        std::string text = good;
        text[random() % text.size()] = static_cast<char>(random());
        (void)parse_exit(text);
        (void)parse_started(text);
    }
    CHECK_FALSE(parse_started("[]"));
    CHECK_FALSE(parse_started(""));
}
