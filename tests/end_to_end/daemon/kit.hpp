// A daemon as a process of its own, its socket, and the means to kill it or all that it started.
#pragma once

#include <sys/types.h>

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "http.hpp"

namespace end_to_end {

namespace json = boost::json;

/// A private directory below /tmp, removed at the end (kept, with a word about it, when SLIPWAY_KEEP is set).
class Home {
public:
    Home();
    ~Home();
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

struct Exit {
    int code = -1;  ///< -1: ended by a signal, or not at all in time
    std::string output;
};

/// Runs a program to its end, with everything that it printed.
Exit run_program(const std::vector<std::string>& arguments, const std::string& input = {});

class Daemon {
public:
    Daemon(std::string data, std::vector<std::string> arguments);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    bool offline = true;
    void start();  ///< until it answers
    bool alive();
    void kill();                    ///< SIGKILL, the daemon alone
    std::size_t kill_everything();  ///< the daemon, supervisors and all that they run; how many there were
    int stop();                     ///< SIGTERM; the exit code
    pid_t pid() const { return pid_; }
    const std::string& data() const { return data_; }
    std::string socket() const { return data_ + "/slipwayd.sock"; }
    std::string log() const;

    host::HttpAnswer call(const std::string& method, const std::string& target, const std::string& body = {});
    /// These require an answer of 200.
    json::value get(const std::string& target);
    json::value send(const std::string& method, const std::string& target, const json::object& body);
    json::value act(const std::string& run, json::object body) {
        return send("POST", "/v1/runs/" + run + "/act", body);
    }
    int connect() const;  ///< a descriptor; the caller closes it
    /// Sends bytes as they are and reads until the daemon closes.
    std::string raw(const std::string& bytes);

    /// The run once `done` says yes; requires that within `seconds`.
    json::value wait_run(const std::string& run, const std::function<bool(const json::value&)>& done,
                         int seconds);
    json::value wait_final(const std::string& run, int seconds);
    /// Approves every gate as it opens, showing each to `look` first, until the run is final.
    json::value approve_each(const std::string& run, int seconds,
                             const std::function<void(const json::value&)>& look = {});

private:
    std::vector<pid_t> others() const;

    std::string data_;
    std::vector<std::string> arguments_;
    pid_t pid_ = -1;
};

std::string environment(const char* name);
bool has_terraform();
std::string text(const json::value& object, std::string_view key);
std::int64_t number(const json::value& object, std::string_view key);
const json::value& step_of(const json::value& run, std::string_view step);
std::string read_all(const std::string& file);
void write_all(const std::string& file, const std::string& content);
/// How often each line stands in the file.
std::map<std::string, int> line_counts(const std::string& file);

/// A sandbox and three components on one module; each has two parts that sleep and then write a line to the
/// witness.
void write_small_app(const std::string& folder);
/// The effects that one install of it has, for the given install id.
std::vector<std::string> small_app_effects(const std::string& install);
/// The demo shop as a git repository.
void copy_demo_app(const std::string& folder);
/// Syncs a folder and waits until what the daemon builds of it is built; what the sync answered.
json::value sync_and_build(Daemon& daemon, const std::string& folder);
/// The same, and creates an install; its id.
std::string sync_and_create(Daemon& daemon, const std::string& folder, const std::string& app,
                            const std::string& install, const json::object& inputs);

}  // namespace end_to_end
