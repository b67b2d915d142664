#include "steps/process/records.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <limits>

#include "steps/process/os.hpp"
#include "steps/process/protocol.hpp"

namespace slipway::process {
namespace {

namespace json = boost::json;

Error corrupt(const char* what) {
    return environment_error(ErrorCode::kCorrupt, std::string("attempt record does not decode: ") + what,
                             "keep the attempt directory and settle the step by hand");
}

// Takes fields out of an object and remembers whether all were there in the right type.
class Reader {
public:
    explicit Reader(const json::object& object) : object_(object) {}

    template <class T>
    void number(const char* key, T& out) {
        const auto* v = object_.if_contains(key);
        if (v == nullptr || !v->is_int64()) {
            return miss(key);
        }
        const std::int64_t n = v->get_int64();
        if constexpr (std::is_same_v<T, int>) {
            if (n < std::numeric_limits<int>::min() || n > std::numeric_limits<int>::max()) {
                return miss(key);
            }
        } else if constexpr (std::is_unsigned_v<T>) {
            if (n < 0) {
                return miss(key);
            }
        }
        out = static_cast<T>(n);
    }
    void flag(const char* key, bool& out) {
        const auto* v = object_.if_contains(key);
        if (v == nullptr || !v->is_bool()) {
            return miss(key);
        }
        out = v->get_bool();
    }
    void text(const char* key, std::string& out) {
        const auto* v = object_.if_contains(key);
        if (v == nullptr || !v->is_string()) {
            return miss(key);
        }
        out.assign(v->get_string().data(), v->get_string().size());
    }
    void fence(FenceStrength& out) {
        std::string name;
        text("fence", name);
        for (const auto f : {FenceStrength::kWeak, FenceStrength::kPidns, FenceStrength::kCgroup}) {
            if (to_string(f) == name) {
                out = f;
                return;
            }
        }
        miss("fence");
    }
    void stream(const char* key, std::uint64_t& bytes, std::uint64_t& dropped) {
        const auto* v = object_.if_contains(key);
        if (v == nullptr || !v->is_object()) {
            return miss(key);
        }
        Reader inner(v->get_object());
        inner.number("bytes", bytes);
        inner.number("dropped", dropped);
        if (inner.missed_ != nullptr) {
            miss(key);
        }
    }
    void identity(const char* key, ProcessIdentity& out) {
        const auto* v = object_.if_contains(key);
        if (v == nullptr || !v->is_object()) {
            return miss(key);
        }
        Reader inner(v->get_object());
        inner.number("pid", out.pid);
        inner.number("starttime", out.starttime);
        if (inner.missed_ != nullptr || out.pid <= 0) {
            miss(key);
        }
    }
    const char* missed() const { return missed_; }

private:
    void miss(const char* key) {
        if (missed_ == nullptr) {
            missed_ = key;
        }
    }
    const json::object& object_;
    const char* missed_ = nullptr;
};

Result<json::object> parse_object(std::string_view text) {
    boost::system::error_code ec;
    json::value value = json::parse(text, ec);
    if (ec || !value.is_object()) {
        return corrupt("not a JSON object");
    }
    const auto* protocol = value.get_object().if_contains("protocol");
    if (protocol == nullptr || !protocol->is_int64()) {
        return corrupt("protocol");
    }
    if (protocol->get_int64() != kProtocolVersion) {
        return environment_error(ErrorCode::kUnsupportedFormat,
                                 "attempt was written by supervisor protocol " +
                                     std::to_string(protocol->get_int64()) + ", this is " +
                                     std::to_string(kProtocolVersion));
    }
    return std::move(value.get_object());
}

// Regular files of ours only: the directory is private, but the program that ran may have had the same user
// id.
Result<std::optional<std::string>> read_record(const std::string& dir, const char* name) {
    const std::string path = dir + "/" + name;
    struct stat st {};
    if (::lstat(path.c_str(), &st) != 0) {
        return std::optional<std::string>();
    }
    if (!S_ISREG(st.st_mode)) {
        return corrupt(name);
    }
    return std::optional<std::string>(read_small(AT_FDCWD, path.c_str()));
}

}  // namespace

Result<StartedRecord> parse_started(std::string_view text) {
    SLIPWAY_TRY(const json::object object, parse_object(text));
    StartedRecord r;
    Reader in(object);
    in.identity("supervisor", r.supervisor);
    in.identity("child", r.child);
    in.identity("waited", r.waited);
    in.text("boot_id", r.boot_id);
    in.text("pid_namespace", r.pid_namespace);
    in.text("cgroup_namespace", r.cgroup_namespace);
    in.fence(r.fence);
    in.text("cgroup", r.cgroup);
    in.text("marker", r.marker);
    if (in.missed() != nullptr) {
        return corrupt(in.missed());
    }
    if (r.marker.empty() || (r.fence == FenceStrength::kCgroup && r.cgroup.empty())) {
        return corrupt("fence");
    }
    return r;
}

Result<ExitRecord> parse_exit(std::string_view text) {
    SLIPWAY_TRY(const json::object object, parse_object(text));
    ExitRecord r;
    Reader in(object);
    in.flag("started", r.started);
    in.text("reason", r.reason);
    in.text("detail", r.detail);
    in.number("rc", r.rc);
    in.number("signal", r.signal);
    in.number("exec_errno", r.exec_errno);
    in.flag("timed_out", r.timed_out);
    in.flag("cancelled", r.cancelled);
    in.flag("all_dead", r.all_dead);
    in.fence(r.fence);
    if (object.contains("isolation")) {
        in.text("isolation", r.isolation);
    }
    in.number("orphans", r.orphans);
    in.number("released_ms", r.released_ms);
    in.number("ended_ms", r.ended_ms);
    in.number("user_us", r.user_us);
    in.number("system_us", r.system_us);
    in.number("max_rss_kib", r.max_rss_kib);
    in.stream("stdout", r.out_bytes, r.out_dropped);
    in.stream("stderr", r.err_bytes, r.err_dropped);
    in.number("kept", r.kept);
    if (in.missed() != nullptr) {
        return corrupt(in.missed());
    }
    return r;
}

Result<std::optional<StartedRecord>> read_started(const std::string& attempt_dir) {
    SLIPWAY_TRY(const auto text, read_record(attempt_dir, file::kStarted));
    if (!text) {
        return std::optional<StartedRecord>();
    }
    SLIPWAY_TRY(auto record, parse_started(*text));
    return std::optional<StartedRecord>(std::move(record));
}

Result<std::optional<ExitRecord>> read_exit(const std::string& attempt_dir) {
    SLIPWAY_TRY(const auto text, read_record(attempt_dir, file::kExit));
    if (!text) {
        return std::optional<ExitRecord>();
    }
    SLIPWAY_TRY(auto record, parse_exit(*text));
    return std::optional<ExitRecord>(std::move(record));
}

}  // namespace slipway::process
