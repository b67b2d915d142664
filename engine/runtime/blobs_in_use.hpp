// Blobs that attempts have put and not yet reported: nothing in the store refers to them, and they may not be
// collected.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "slipway/ids.hpp"

namespace slipway::runtime {

/// Thread-safe.
class BlobsInUse {
public:
    /// While this is there, somebody seals and stores a blob.
    class Putting {
    public:
        explicit Putting(BlobsInUse& blobs) : blobs_(blobs) { blobs_.add_putting(1); }
        ~Putting() { blobs_.add_putting(-1); }
        Putting(const Putting&) = delete;
        Putting& operator=(const Putting&) = delete;

    private:
        BlobsInUse& blobs_;
    };

    /// Before it is stored. Waits while it is being erased: then it is stored anew.
    void hold(const Digest& digest);
    void let_go(const std::vector<Digest>& digests);
    /// Those that nobody holds; whoever wants to hold one of them waits until end_erase().
    std::vector<Digest> begin_erase(const std::vector<Digest>& digests);
    void end_erase();
    bool is_putting() const;
    /// From now on, or no longer, it is noted what is stored.
    void note_stored(bool on);
    /// Before it is stored, whether somebody holds it or not.
    void stores(const Digest& digest);
    std::vector<Digest> take_stored();

private:
    void add_putting(int count);

    mutable std::mutex mutex_;
    std::condition_variable erased_;
    std::map<Digest, std::size_t> held_;  // by how many
    std::set<Digest> erasing_;
    int putting_ = 0;
    bool noting_ = false;
    std::vector<Digest> stored_;
};

}  // namespace slipway::runtime
