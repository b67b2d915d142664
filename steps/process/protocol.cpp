#include "steps/process/protocol.hpp"

#include <cstddef>

namespace slipway::process {
namespace {

constexpr std::string_view kMagic = "SLWS";

enum class Tag : std::uint8_t {
    kAttemptDir = 1,
    kMarker,
    kProgram,
    kArg,
    kEnv,
    kCwd,
    kStdin,
    kFd,
    kOut,
    kErr,
    kTimes,
    kFlags,
    kKept,
    kSync,
    kCgroupParent,
    kCrashAt,
    kHidden,
    kShown,
    kSecret,
    kFileMax,
};

void put_u32(std::string& out, std::uint64_t v) {
    for (unsigned i = 0; i < 4; ++i) {
        out += static_cast<char>((v >> (8 * i)) & 0xffU);
    }
}
void put_u64(std::string& out, std::uint64_t v) {
    put_u32(out, v & 0xffffffffU);
    put_u32(out, v >> 32U);
}

std::uint64_t get(std::string_view bytes, std::size_t at, unsigned width) {
    std::uint64_t v = 0;
    for (unsigned i = 0; i < width; ++i) {
        v |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    return v;
}

void field(std::string& out, Tag tag, std::string_view value) {
    out += static_cast<char>(tag);
    put_u32(out, value.size());
    out += value;
}

std::string stream_bytes(const StreamOptions& s) {
    std::string v(1, static_cast<char>(s.mode));
    put_u64(v, s.head_bytes);
    put_u64(v, s.tail_bytes);
    return v;
}

std::string times_bytes(const WireRequest& r) {
    std::string v;
    put_u64(v, r.time_limit_ms);
    put_u64(v, r.grace_ms);
    put_u64(v, r.drain_ms);
    put_u64(v, r.max_open_files);
    put_u32(v, r.stop_signal);
    return v;
}

bool fail(std::string& error, const char* why) {
    error = why;
    return false;
}

bool no_nul(std::string_view v) {
    return v.find('\0') == std::string_view::npos;
}

bool read_stream(std::string_view v, StreamOptions& s, bool is_err) {
    if (v.size() != 17) {
        return false;
    }
    const auto mode = static_cast<unsigned char>(v[0]);
    if (mode > static_cast<unsigned char>(is_err ? StreamMode::kToStdout : StreamMode::kJournal)) {
        return false;
    }
    s = {static_cast<StreamMode>(mode), get(v, 1, 8), get(v, 9, 8)};
    return s.tail_bytes <= (64ULL << 20U);
}

bool read_times(std::string_view v, WireRequest& r) {
    if (v.size() != 36) {
        return false;
    }
    constexpr std::uint64_t kMax = 1000ULL * 86'400 * 3'650;  // ten years: no sum of two can overflow
    r.time_limit_ms = get(v, 0, 8);
    r.grace_ms = get(v, 8, 8);
    r.drain_ms = get(v, 16, 8);
    r.max_open_files = get(v, 24, 8);
    r.stop_signal = static_cast<std::uint32_t>(get(v, 32, 4));
    return r.time_limit_ms <= kMax && r.grace_ms <= kMax && r.drain_ms <= kMax && r.stop_signal >= 1 &&
           r.stop_signal <= 64;
}

bool read_flags(std::string_view v, WireRequest& r) {
    if (v.size() != 1) {
        return false;
    }
    const auto bits = static_cast<unsigned char>(v[0]);
    r.stop_group = (bits & 1U) != 0;
    r.no_new_privs = (bits & 2U) != 0;
    r.want_cgroup = (bits & 4U) != 0;
    r.want_pidns = (bits & 8U) != 0;
    return bits < 16;
}

bool read_fd(std::string_view v, WireRequest& r) {
    if (v.size() < 4) {
        return false;
    }
    const auto number = static_cast<std::uint32_t>(get(v, 0, 4));
    for (const auto& other : r.fds) {
        if (other.fd == number) {
            return false;
        }
    }
    r.fds.push_back({number, std::string(v.substr(4))});
    return number >= 3 && number < 64;
}

bool read_kept(std::string_view v, WireRequest& r) {
    const auto cut = v.find('\0');
    if (cut == std::string_view::npos || cut == 0) {
        return false;
    }
    KeptFile kept{std::string(v.substr(0, cut)), std::string(v.substr(cut + 1))};
    if (kept.path[0] != '/' || kept.name.empty() || kept.name[0] == '.' || !no_nul(kept.name) ||
        kept.name.find('/') != std::string::npos) {
        return false;
    }
    r.kept.push_back(std::move(kept));
    return true;
}

bool read_folder(std::string_view v, std::vector<std::string>& out) {
    out.emplace_back(v);
    return no_nul(v) && v.size() > 1 && v.front() == '/' && v.back() != '/';
}

bool read_text(Tag tag, std::string_view v, WireRequest& r) {
    if (!no_nul(v)) {
        return false;
    }
    switch (tag) {
        case Tag::kAttemptDir:
            r.attempt_dir = v;
            return true;
        case Tag::kMarker:
            r.marker = v;
            return true;
        case Tag::kProgram:
            r.program = v;
            return true;
        case Tag::kArg:
            r.argv.emplace_back(v);
            return true;
        case Tag::kEnv:
            r.env.emplace_back(v);
            return v.find('=') != std::string_view::npos;
        case Tag::kCwd:
            r.cwd = v;
            return true;
        case Tag::kSync:
            r.sync_at_exit.emplace_back(v);
            return !v.empty() && v[0] == '/';
        case Tag::kCgroupParent:
            r.cgroup_parent = v;
            return true;
        case Tag::kCrashAt:
            r.crash_at = v;
            return true;
        default:
            return false;
    }
}

bool read_field(Tag tag, std::string_view v, WireRequest& r) {
    switch (tag) {
        case Tag::kStdin:
            r.stdin_content = v;
            return true;
        case Tag::kFd:
            return read_fd(v, r);
        case Tag::kOut:
            return read_stream(v, r.out, false);
        case Tag::kErr:
            return read_stream(v, r.err, true);
        case Tag::kTimes:
            return read_times(v, r);
        case Tag::kFlags:
            return read_flags(v, r);
        case Tag::kKept:
            return read_kept(v, r);
        case Tag::kHidden:
            return read_folder(v, r.hidden);
        case Tag::kShown:
            return read_folder(v, r.shown);
        case Tag::kSecret:
            r.secrets.emplace_back(v);
            return true;
        case Tag::kFileMax:
            r.max_file_bytes = v.size() == 8 ? get(v, 0, 8) : 0;
            return r.max_file_bytes > 0;
        default:
            return read_text(tag, v, r);
    }
}

bool is_whole(const WireRequest& r, std::string& error) {
    if (r.attempt_dir.empty() || r.attempt_dir[0] != '/') {
        return fail(error, "attempt directory is not absolute");
    }
    if (r.program.empty() || r.program[0] != '/') {
        return fail(error, "program is not an absolute path");
    }
    if (r.cwd.empty() || r.cwd[0] != '/') {
        return fail(error, "working directory is not absolute");
    }
    if (r.argv.empty()) {
        return fail(error, "argv is empty");
    }
    if (r.marker.empty()) {
        return fail(error, "marker is empty");
    }
    return true;
}

}  // namespace

std::string encode_request(const WireRequest& r) {
    std::string body;
    field(body, Tag::kAttemptDir, r.attempt_dir);
    field(body, Tag::kMarker, r.marker);
    field(body, Tag::kProgram, r.program);
    for (const auto& a : r.argv) {
        field(body, Tag::kArg, a);
    }
    for (const auto& e : r.env) {
        field(body, Tag::kEnv, e);
    }
    field(body, Tag::kCwd, r.cwd);
    field(body, Tag::kStdin, r.stdin_content);
    for (const auto& f : r.fds) {
        std::string v;
        put_u32(v, f.fd);
        field(body, Tag::kFd, v + f.content);
    }
    field(body, Tag::kOut, stream_bytes(r.out));
    field(body, Tag::kErr, stream_bytes(r.err));
    field(body, Tag::kTimes, times_bytes(r));
    const unsigned flags = (r.stop_group ? 1U : 0U) | (r.no_new_privs ? 2U : 0U) | (r.want_cgroup ? 4U : 0U) |
                           (r.want_pidns ? 8U : 0U);
    field(body, Tag::kFlags, std::string(1, static_cast<char>(flags)));
    for (const auto& k : r.kept) {
        field(body, Tag::kKept, k.path + '\0' + k.name);
    }
    for (const auto& s : r.sync_at_exit) {
        field(body, Tag::kSync, s);
    }
    if (!r.cgroup_parent.empty()) {
        field(body, Tag::kCgroupParent, r.cgroup_parent);
    }
    if (!r.crash_at.empty()) {
        field(body, Tag::kCrashAt, r.crash_at);
    }
    for (const auto& h : r.hidden) {
        field(body, Tag::kHidden, h);
    }
    for (const auto& s : r.shown) {
        field(body, Tag::kShown, s);
    }
    for (const auto& s : r.secrets) {
        field(body, Tag::kSecret, s);
    }
    if (r.max_file_bytes > 0) {
        std::string v;
        put_u64(v, r.max_file_bytes);
        field(body, Tag::kFileMax, v);
    }
    std::string out(kMagic);
    put_u32(out, kProtocolVersion);
    put_u32(out, body.size());
    return out + body;
}

std::uint32_t decode_header(std::string_view header, std::string& error) {
    if (header.size() != kHeaderBytes || header.substr(0, 4) != kMagic) {
        error = "not a request of slipway";
        return 0;
    }
    const auto version = get(header, 4, 4);
    if (version != kProtocolVersion) {
        error = "protocol version " + std::to_string(version) + " is not " + std::to_string(kProtocolVersion);
        return 0;
    }
    const auto size = get(header, 8, 4);
    if (size == 0 || size > kMaxRequestBytes) {
        error = "request size is out of bounds";
        return 0;
    }
    return static_cast<std::uint32_t>(size);
}

bool decode_request(std::string_view body, WireRequest& request, std::string& error) {
    request = {};
    std::size_t at = 0;
    while (at < body.size()) {
        if (body.size() - at < 5) {
            return fail(error, "torn field header");
        }
        const auto tag = static_cast<Tag>(body[at]);
        const auto size = get(body, at + 1, 4);
        at += 5;
        if (size > body.size() - at) {
            return fail(error, "field is longer than the request");
        }
        if (!read_field(tag, body.substr(at, size), request)) {
            error = "bad field " + std::to_string(static_cast<unsigned>(tag));
            return false;
        }
        at += size;
    }
    return is_whole(request, error);
}

}  // namespace slipway::process
