#include "engine/runtime/blobs_in_use.hpp"

#include <utility>

namespace slipway::runtime {

void BlobsInUse::hold(const Digest& digest) {
    std::unique_lock lock(mutex_);
    erased_.wait(lock, [&] { return !erasing_.contains(digest); });
    ++held_[digest];
    if (noting_) {
        stored_.push_back(digest);
    }
}

void BlobsInUse::note_stored(bool on) {
    const std::lock_guard lock(mutex_);
    noting_ = on;
    stored_.clear();
}

void BlobsInUse::stores(const Digest& digest) {
    const std::lock_guard lock(mutex_);
    if (noting_) {
        stored_.push_back(digest);
    }
}

std::vector<Digest> BlobsInUse::take_stored() {
    const std::lock_guard lock(mutex_);
    return std::exchange(stored_, {});
}

void BlobsInUse::let_go(const std::vector<Digest>& digests) {
    const std::lock_guard lock(mutex_);
    for (const auto& digest : digests) {
        const auto found = held_.find(digest);
        if (found != held_.end() && --found->second == 0) {
            held_.erase(found);
        }
    }
}

std::vector<Digest> BlobsInUse::begin_erase(const std::vector<Digest>& digests) {
    const std::lock_guard lock(mutex_);
    std::vector<Digest> free;
    for (const auto& digest : digests) {
        if (!held_.contains(digest)) {
            free.push_back(digest);
            erasing_.insert(digest);
        }
    }
    return free;
}

void BlobsInUse::end_erase() {
    {
        const std::lock_guard lock(mutex_);
        erasing_.clear();
    }
    erased_.notify_all();
}

bool BlobsInUse::is_putting() const {
    const std::lock_guard lock(mutex_);
    return putting_ > 0;
}

void BlobsInUse::add_putting(int count) {
    const std::lock_guard lock(mutex_);
    putting_ += count;
}

}  // namespace slipway::runtime
