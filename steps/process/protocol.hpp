// What the host says to slipway-supervise, and the names of the files in an attempt directory. Compiled into
// both. The format and its guarantees: README.md in this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/steps/process.hpp"

namespace slipway::process {

inline constexpr std::uint32_t kProtocolVersion = 1;
/// A request larger than this is refused: argv and environment are bounded by the kernel at about this size.
inline constexpr std::uint32_t kMaxRequestBytes = 16U * 1024 * 1024;

namespace file {
inline constexpr const char* kLock = "lock";        ///< flock held by the supervisor for its life
inline constexpr const char* kControl = "control";  ///< fifo: "cancel\n", "kill\n"
inline constexpr const char* kCgroup =
    "cgroup";  ///< path of the cgroup, for tidying up when nothing else was written
inline constexpr const char* kStarted =
    "started.json";  ///< who runs; the child waits, nothing was executed yet
inline constexpr const char* kReleased =
    "released.json";  ///< written before the child may exec: absent = never executed
inline constexpr const char* kExit = "exit.json";  ///< the exit record
inline constexpr const char* kFenced = "fenced";   ///< nobody may start here any more
inline constexpr const char* kKept = "kept";       ///< folder of kept copies
}  // namespace file

/// The environment variable that marks every process of an attempt, for the weak fence.
inline constexpr const char* kMarkerVariable = "SLIPWAY_FENCE";

struct FdContent {
    std::uint32_t fd = 3;
    std::string content;
};

struct WireRequest {
    std::string attempt_dir;
    std::string marker;   ///< value of kMarkerVariable
    std::string program;  ///< absolute path of the file to execute
    std::vector<std::string> argv;
    std::vector<std::string> env;
    std::string cwd;
    std::string stdin_content;
    std::vector<FdContent> fds;
    StreamOptions out;
    StreamOptions err;
    std::uint64_t time_limit_ms = 0;
    std::uint64_t grace_ms = 10'000;
    std::uint64_t drain_ms = 0;
    std::uint32_t stop_signal = 15;
    bool stop_group = true;
    bool no_new_privs = false;
    bool want_cgroup = true;
    bool want_pidns = true;
    std::uint64_t max_open_files = 0;
    std::uint64_t max_file_bytes = 0;
    std::vector<std::string> hidden;
    std::vector<std::string> shown;
    std::vector<std::string> secrets;
    std::vector<KeptFile> kept;
    std::vector<std::string> sync_at_exit;
    std::string cgroup_parent;
    std::string crash_at;
};

/// The bytes to write to the supervisor's standard input: header and fields. A go byte follows later.
std::string encode_request(const WireRequest& request);

/// Size of the body that the 12 header bytes announce, or an error text in `error` (and 0).
std::uint32_t decode_header(std::string_view header, std::string& error);
inline constexpr std::size_t kHeaderBytes = 12;
inline constexpr char kGoByte = 'G';

/// Reads a body; false with the reason in `error` for anything that encode_request did not write.
bool decode_request(std::string_view body, WireRequest& request, std::string& error);

}  // namespace slipway::process
