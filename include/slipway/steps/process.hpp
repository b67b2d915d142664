// Programs that do not hang on the host's life. Each attempt of a program has a private directory and a
// supervisor (slipway-supervise) that outlives the host; after a crash the host looks into the directory and
// knows what became of it.
//
//   auto prepared = process::prepare(request);   // the program is held; nothing was executed yet
//   record("armed", request.attempt_dir);        // durable, before anything can happen
//   prepared->go();                              // now it may run
//   watcher.watch(request.attempt_dir, {.on_end = [](auto inspection) { … }});
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slipway/ids.hpp"
#include "slipway/result.hpp"

namespace slipway::process {

enum class StreamMode : std::uint8_t {
    kDiscard = 0,
    kCapped = 1,   ///< through the supervisor; head and tail are kept beyond the cap
    kJournal = 2,  ///< the program writes the file itself, each write synced before it returns: a write-ahead
                   ///< journal
    kToStdout = 3,  ///< standard error only: into the same place as standard output
};

struct StreamOptions {
    StreamMode mode = StreamMode::kCapped;
    std::uint64_t head_bytes = 48ULL * 1024 * 1024;  ///< of a capped stream: kept from its beginning
    std::uint64_t tail_bytes =
        256ULL * 1024;  ///< and from its end, at most 64 MiB; written when the program has ended
};

/// A file that the program rewrites: complete JSON versions are copied to `kept/<name>.<number>` as they
/// appear.
struct KeptFile {
    std::string path;  ///< absolute; its folder must exist
    std::string name;  ///< without a slash
};

enum class StopTarget : std::uint8_t { kGroup = 1, kProcess = 2 };

struct ProcessRequest {
    std::string attempt_dir;        ///< absolute; must not exist, is made 0700; its parent must exist
    std::string program;            ///< absolute path of the file to execute
    std::vector<std::string> argv;  ///< with argv[0]; never a secret
    std::map<std::string, std::string> env;  ///< the whole environment: nothing is inherited
    std::string cwd;                         ///< absolute
    std::string stdin_content;               ///< empty: /dev/null
    std::map<std::uint32_t, std::string>
        fds;                       ///< descriptor (3-63) -> content, readable by the program as /dev/fd/N
    StreamOptions out;             ///< file `stdout`
    StreamOptions err;             ///< file `stderr`
    DurationMs time_limit_ms = 0;  ///< from go(); 0: none
    int stop_signal = 15;          ///< the first, polite one, at the time limit and at cancel
    StopTarget stop_target = StopTarget::kGroup;
    DurationMs grace_ms = 10'000;  ///< after it everything left is killed
    DurationMs drain_ms = 0;       ///< how long background children may outlive the program
    bool no_new_privs = false;
    std::uint64_t max_open_files = 0;  ///< 0: as the host
    std::uint64_t max_file_bytes = 0;  ///< of each file that it writes; 0: as the host
    /// Absolute folders that the program and all it starts cannot reach, with what is below them; `shown`
    /// below them stays. Nor can they look at processes outside. By Landlock, also for root; where the kernel
    /// lacks it nothing is hidden, and the records say so. Implies no_new_privs. New names directly in a
    /// folder that leads to a hidden one cannot be made.
    std::vector<std::string> hidden = {};
    std::vector<std::string> shown = {};
    /// Taken out of capped streams before a byte of them is written, in all forms that Redactor knows.
    std::vector<std::string> secrets = {};
    std::vector<KeptFile> kept;
    std::vector<std::string> sync_at_exit;  ///< absolute paths, synced before the exit record is written
    bool allow_cgroup = true;
    bool allow_pid_namespace = true;
    std::string cgroup_parent;    ///< a cgroup (v2) directory to use; empty: that of the host
    std::string supervisor_path;  ///< empty: find_supervisor()
};

/// How surely everything that an attempt started can be killed and seen to be dead once its supervisor is
/// gone.
enum class FenceStrength : std::uint8_t {
    kWeak =
        1,  ///< by a marker in the environment: what cleared its environment is missed, so nothing is proven
    kPidns = 2,
    kCgroup = 3,
};
std::string_view to_string(FenceStrength strength);

/// How an attempt ended, written by the supervisor after everything it started was killed.
struct ExitRecord {
    bool started = false;  ///< false: the program was never executed, provably
    std::string reason;    ///< exited, timed_out, cancelled, killed, terminated, exec_failed, not_released,
                           ///< setup_failed
    std::string detail;
    int rc = -1;  ///< exit code; -1 when ended by `signal`
    int signal = 0;
    int exec_errno = 0;
    bool timed_out = false;
    bool cancelled = false;
    bool all_dead = true;  ///< false: a process survived SIGKILL (uninterruptible sleep)
    FenceStrength fence = FenceStrength::kWeak;
    std::string isolation = {};  ///< "landlock", or "none" where nothing was hidden; empty: an older record
    int orphans = 0;             ///< background processes that outlived the program and were reaped
    TimeMs released_ms = 0;
    TimeMs ended_ms = 0;
    std::int64_t user_us = 0;
    std::int64_t system_us = 0;
    std::int64_t max_rss_kib = 0;
    std::uint64_t out_bytes = 0;
    std::uint64_t out_dropped = 0;
    std::uint64_t err_bytes = 0;
    std::uint64_t err_dropped = 0;
    std::uint64_t kept = 0;

    bool succeeded() const { return started && rc == 0 && !timed_out && !cancelled; }
};

enum class AttemptState : std::uint8_t {
    kNeverStarted =
        1,  ///< provably nothing was executed, and nothing will be once fence() has marked the directory
    kPrepared = 2,  ///< held by a live supervisor; ends as kNeverStarted when its host is gone
    kRunning = 3,   ///< watch() and cancel() work on it, from any host process
    kExited = 4,
    kCrashed =
        5,  ///< released, the supervisor is gone, no exit record: fence() it, the effect is undecidable
};
std::string_view to_string(AttemptState state);

struct Inspection {
    AttemptState state = AttemptState::kNeverStarted;
    std::optional<ExitRecord> exit;  ///< of kExited, and of kNeverStarted where there is one
    int supervisor_pid = 0;          ///< 0 when unknown
    int child_pid = 0;
    FenceStrength fence = FenceStrength::kWeak;
};

struct FenceReport {
    FenceStrength strength = FenceStrength::kWeak;
    bool proven_dead = false;  ///< no process of the attempt lives, and none can start any more
    int killed = 0;            ///< processes found alive, where they can be counted
    std::string detail;        ///< one sentence for the record
};

enum class StopMode : std::uint8_t { kCancel = 1, kKill = 2 };
enum class OutputStream : std::uint8_t { kStdout = 1, kStderr = 2 };

/// The program held at the gate. Destroyed without go(): it ends, and its directory says that nothing was
/// executed.
class Prepared {
public:
    ~Prepared();
    Prepared(Prepared&& other) noexcept;
    Prepared& operator=(Prepared&& other) noexcept;
    /// Lets the program run. After an error inspect() tells which side of the line it is on.
    Result<void> go();
    const std::string& attempt_dir() const { return attempt_dir_; }

private:
    friend Result<Prepared> prepare(const ProcessRequest& request);
    Prepared(std::string attempt_dir, int socket) : attempt_dir_(std::move(attempt_dir)), socket_(socket) {}
    std::string attempt_dir_;
    int socket_ = -1;
};

/// Starts the supervisor and waits until the program is held and the directory says so durably (about 2 ms).
/// kAlreadyExists: the directory exists. kMissingTool: no supervisor. Thread-safe; never forks the host.
Result<Prepared> prepare(const ProcessRequest& request);

/// `option`, else $SLIPWAY_SUPERVISE, else beside the executable or in ../libexec/slipway (also one and two
/// levels further up).
Result<std::string> find_supervisor(const std::string& option = {});

/// What became of an attempt. Reads only; cheap; safe at any time and from any process. A directory that does
/// not exist was never started. kCorrupt: a record that does not decode.
Result<Inspection> inspect(const std::string& attempt_dir);

/// Makes sure that nothing of the attempt runs and nothing starts any more: kills a live supervisor with all
/// it started, or what a dead one left behind. Repeatable. Blocks up to about 15 s.
Result<FenceReport> fence(const std::string& attempt_dir);

/// Asks the supervisor to end the program. kNotFound: no supervisor listens (any more).
Result<void> cancel(const std::string& attempt_dir, StopMode mode);

/// At most `max_bytes` of a stream from `offset`; empty at the present end, or when there is no such file.
Result<std::string> read_output(const std::string& attempt_dir, OutputStream stream, std::uint64_t offset,
                                std::size_t max_bytes = std::size_t{256} * 1024);

/// The newest kept copy of `name`, or nothing.
Result<std::optional<std::string>> newest_kept(const std::string& attempt_dir, const std::string& name);

struct WatchCallbacks {
    /// New bytes of standard output and error, as they are: not cut at lines. May be empty.
    std::function<void(OutputStream stream, std::string_view bytes)> on_output;
    /// Once: kExited, kNeverStarted or kCrashed, after the last on_output.
    std::function<void(Result<Inspection> inspection)> on_end;
    std::uint64_t stdout_offset = 0;  ///< where on_output begins
    std::uint64_t stderr_offset = 0;
};

/// One thread that waits for any number of attempts. Callbacks run on it and must not block or destroy the
/// watcher; after the destructor returned none runs. Thread-safe.
class Watcher {
public:
    Watcher();
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    void watch(std::string attempt_dir, WatchCallbacks callbacks);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace slipway::process
