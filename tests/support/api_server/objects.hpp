// The objects of the stand-in: kept in memory, changed by one request at a time, with the few things that a
// real server or its controllers would do with them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/api_server/patch.hpp"
#include "tests/support/api_server/types.hpp"

namespace slipway::test {

/// An answer: HTTP status and body.
struct Answer {
    int status = 200;
    json::object body;
};

struct Place {
    ResourceType type;
    std::string space;  ///< namespace; empty for kinds without one
    std::string name;   ///< empty: the collection
};

struct Write {
    std::string method;        ///< POST, PUT, PATCH, DELETE
    std::string content_type;  ///< of a PATCH
    std::string manager;
    bool force = false;
    bool dry_run = false;
};

struct WatchEvent {
    std::uint64_t version = 0;
    std::string type;  ///< ADDED, MODIFIED, DELETED
    ResourceType of;
    json::object object;
};

class Objects {
public:
    Objects();

    ResourceTypes types() const;
    /// The type at "/apis/apps/v1" + plural.
    std::optional<ResourceType> find_type(const std::string& root, const std::string& plural) const;

    Answer get(const Place& place) const;
    Answer list(const Place& place, const std::string& label_selector,
                const std::string& field_selector) const;
    Answer write(const Place& place, const Write& how, const json::value& body);

    /// "Kind/name" (or "Kind/namespace/name") of every object, sorted.
    std::vector<std::string> listing() const;
    std::optional<json::object> find(const std::string& kind, const std::string& space,
                                     const std::string& name) const;
    /// As another client would: no request, no owner but `manager`.
    void change(const std::string& kind, const std::string& space, const std::string& name,
                const json::value& merge, const std::string& manager = "someone-else");
    void erase(const std::string& kind, const std::string& space, const std::string& name);
    /// Workloads and hooks of this name never become ready (or complete) from now on.
    void hold_unready(const std::string& name);

    /// Events after `version`, waiting for one at most `wait_ms`.
    std::vector<WatchEvent> events_after(std::uint64_t version, int wait_ms) const;
    std::uint64_t version() const;

private:
    struct Entry {
        json::object object;
        Owners owners;
        ResourceType type;
    };
    using Key = std::string;

    static Key key_of(const Place& place);
    Answer create(const Place& place, const Write& how, json::object object);
    Answer replace(Entry& entry, const Write& how, json::value next);
    Answer patch(const Place& place, const Write& how, const json::value& body);
    Answer apply(const Place& place, const Write& how, const json::value& body);
    Answer remove(const Place& place, const Write& how, const json::value& options);
    void store(const Key& key, Entry entry, const char* event);
    void drop(const Key& key);
    void settle(Entry& entry);
    void make_replica_set(const json::object& deployment);
    void seed(const std::string& name);

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    ResourceTypes types_ = builtin_types();
    std::map<Key, Entry> entries_;
    std::vector<WatchEvent> events_;
    std::map<std::string, bool> unready_;
    std::uint64_t version_ = 100;
    std::uint64_t uid_ = 0;
};

Answer failure(int code, const std::string& reason, const std::string& message, json::object details = {});

}  // namespace slipway::test
