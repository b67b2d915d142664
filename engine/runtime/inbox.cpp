#include "engine/runtime/inbox.hpp"

#include <iterator>

namespace slipway::runtime {

void refuse(Item& item, const Error& why) {
    if (auto* deliver = std::get_if<Deliver>(&item)) {
        if (deliver->done) {
            deliver->done(why);
        }
    } else if (auto* begin = std::get_if<Begin>(&item)) {
        if (begin->done) {
            begin->done(why);
        }
    } else if (auto* ask = std::get_if<Ask>(&item)) {
        ask->body(&why);
    }
}

bool Inbox::post(Item item) {
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) {
            items_.push_back(std::move(item));
            if (waiting_) {
                wake_.notify_one();
            }
            return true;
        }
    }
    refuse(item, why_);
    return false;
}

void Inbox::drain(std::vector<Item>& out, std::size_t limit, std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (items_.empty() && wait.count() > 0) {
        waiting_ = true;
        wake_.wait_for(lock, wait, [this] { return !items_.empty(); });
        waiting_ = false;
    }
    move_out(out, limit);
}

void Inbox::move_out(std::vector<Item>& out, std::size_t limit) {
    if (taken_ == 0 && items_.size() <= limit && out.empty()) {
        out.swap(items_);
        return;
    }
    const std::size_t count = std::min(limit, items_.size() - taken_);
    const auto first = items_.begin() + static_cast<std::ptrdiff_t>(taken_);
    out.insert(out.end(), std::make_move_iterator(first),
               std::make_move_iterator(first + static_cast<std::ptrdiff_t>(count)));
    taken_ += count;
    if (taken_ == items_.size()) {
        items_.clear();
        taken_ = 0;
    }
}

std::size_t Inbox::size() const {
    const std::lock_guard lock(mutex_);
    return items_.size() - taken_;
}

void Inbox::close(Error why) {
    std::vector<Item> left;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return;
        }
        closed_ = true;
        why_ = std::move(why);
        move_out(left, items_.size());
    }
    for (auto& item : left) {
        refuse(item, why_);
    }
}

}  // namespace slipway::runtime
