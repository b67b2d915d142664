#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "steps/process/protocol.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace slipway::process;

namespace {

WireRequest full_request() {
    WireRequest r;
    r.attempt_dir = "/a/b";
    r.marker = "m1";
    r.program = "/bin/sh";
    r.argv = {"sh", "-c", "", "two\nlines"};
    r.env = {"A=1", "EMPTY=", "B=x=y"};
    r.cwd = "/";
    r.stdin_content = std::string("nul\0inside", 10);
    r.fds = {{3, std::string("s\0t", 3)}, {7, ""}};
    r.out = {StreamMode::kJournal, 5, 6};
    r.err = {StreamMode::kToStdout, 7, 8};
    r.time_limit_ms = 1000;
    r.grace_ms = 2000;
    r.drain_ms = 30;
    r.stop_signal = 2;
    r.stop_group = false;
    r.no_new_privs = true;
    r.want_cgroup = false;
    r.want_pidns = true;
    r.max_open_files = 64;
    r.kept = {{"/w/terraform.tfstate", "state"}};
    r.sync_at_exit = {"/w/out"};
    r.cgroup_parent = "/sys/fs/cgroup/x";
    r.crash_at = "supervise.after_go";
    r.max_file_bytes = 12'345'678'901;
    r.hidden = {"/data", "/var/lib/x"};
    r.shown = {"/data/own"};
    r.secrets = {std::string("a\0b", 3), "c"};
    return r;
}

std::string body_of(const WireRequest& r) {
    return encode_request(r).substr(kHeaderBytes);
}

}  // namespace

TEST_CASE("process protocol: what is encoded is decoded, byte for byte") {
    const std::string wire = encode_request(full_request());
    std::string error;
    REQUIRE(decode_header(wire.substr(0, kHeaderBytes), error) == wire.size() - kHeaderBytes);
    WireRequest back;
    REQUIRE(decode_request(wire.substr(kHeaderBytes), back, error));
    CHECK(encode_request(back) == wire);
    CHECK(back.fds[0].content == std::string("s\0t", 3));
    CHECK(back.argv == full_request().argv);
    CHECK(back.kept[0].name == "state");
    CHECK(back.out.mode == StreamMode::kJournal);
    CHECK_FALSE(back.stop_group);
}

TEST_CASE(
    "process protocol: another version, a foreign header and an absurd size are refused with a reason") {
    std::string wire = encode_request(full_request()).substr(0, kHeaderBytes);
    std::string error;
    std::string other = wire;
    other[4] = 9;
    CHECK(decode_header(other, error) == 0);
    CHECK(error.find("version 9") != std::string::npos);
    other = wire;
    other[0] = 'X';
    CHECK(decode_header(other, error) == 0);
    other = wire;
    other[11] = '\x7f';
    CHECK(decode_header(other, error) == 0);
    CHECK(decode_header("", error) == 0);
}

TEST_CASE("process protocol: every cut of a request is refused or lacks something") {
    const std::string body = body_of(full_request());
    WireRequest back;
    std::string error;
    std::size_t accepted = 0;
    for (std::size_t n = 0; n < body.size(); ++n) {
        error.clear();
        if (decode_request(std::string_view(body).substr(0, n), back, error)) {
            ++accepted;  // a cut between two fields, after the mandatory ones: the header's size guards
                         // against it
        } else {
            CHECK_FALSE(error.empty());
        }
    }
    CHECK(accepted < 20);
}

TEST_CASE("process protocol: fields that could be misused are refused") {
    WireRequest back;
    std::string error;
    const auto refused = [&](auto change) {
        WireRequest r = full_request();
        change(r);
        return !decode_request(body_of(r), back, error);
    };
    CHECK(refused([](auto& r) { r.program = "sh"; }));
    CHECK(refused([](auto& r) { r.cwd = ""; }));
    CHECK(refused([](auto& r) { r.argv.clear(); }));
    CHECK(refused([](auto& r) { r.env.push_back("NOEQUALS"); }));
    CHECK(refused([](auto& r) { r.argv.push_back(std::string("a\0b", 3)); }));
    CHECK(refused([](auto& r) { r.fds = {{2, "x"}}; }));
    CHECK(refused([](auto& r) { r.fds = {{64, "x"}}; }));
    CHECK(refused([](auto& r) { r.fds = {{3, "x"}, {3, "y"}}; }));
    CHECK(refused([](auto& r) { r.kept = {{"/a", "../b"}}; }));
    CHECK(refused([](auto& r) { r.kept = {{"relative", "b"}}; }));
    CHECK(refused([](auto& r) { r.stop_signal = 0; }));
    CHECK(refused([](auto& r) { r.stop_signal = 65; }));
    CHECK(refused([](auto& r) { r.out.mode = StreamMode::kToStdout; }));
    CHECK(refused([](auto& r) { r.time_limit_ms = ~0ULL; }));
    CHECK(refused([](auto& r) { r.out.tail_bytes = 1ULL << 40U; }));
    CHECK(refused([](auto& r) { r.sync_at_exit = {"relative"}; }));
    CHECK_FALSE(refused([](auto&) {}));
}

TEST_CASE("process protocol: garbage never crashes the reader") {
    std::mt19937 random(7);  // NOLINT: the same garbage each time
    const std::string good = body_of(full_request());
    WireRequest back;
    std::string error;
    for (int i = 0; i < 5000; ++i) {
        std::string body = good;
        for (int k = 0; k < 1 + i % 4; ++k) {
            body[random() % body.size()] = static_cast<char>(random());
        }
        if (decode_request(body, back, error)) {
            CHECK_FALSE(encode_request(back).empty());
        }
    }
}
