#include "engine/runtime/rotation.hpp"

namespace slipway::runtime {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kSliceBytes = 256U << 10U;
constexpr milliseconds kLookEvery{10'000};
constexpr milliseconds kPatience{2'000};  // for an idle moment; who asks often how far it is makes none
constexpr milliseconds kBetweenSlicesWhenBusy{20};

}  // namespace

void Rotation::maybe(bool idle) {
    if (never_ || shell_.failed || shell_.services->sealer == nullptr) {
        return;
    }
    const auto now = Clock::now();
    if (!resealer_) {
        resealer_.emplace(shell_.store(), *shell_.services->sealer, kPartition, shell_.note);
        next_ = now;
    }
    if (now < next_) {
        return;
    }
    if (active_) {
        slice(idle, now);
    } else {
        look(idle, now);
    }
}

std::optional<milliseconds> Rotation::next() const {
    if (never_ || shell_.services->sealer == nullptr) {
        return std::nullopt;
    }
    const auto left = std::chrono::ceil<milliseconds>(next_ - Clock::now());
    return std::max(left, milliseconds{1});
}

ResealProgress Rotation::progress() const {
    return resealer_ ? resealer_->progress() : ResealProgress{};
}

void Rotation::look(bool idle, Clock::time_point now) {
    next_ = now + kLookEvery;
    if (const auto started = start(idle, now); !started) {
        give_up(started.error(), now);
    } else {
        active_ = *started;
        if (active_) {
            next_ = now;
            due_since_.reset();
        }
    }
}

Result<bool> Rotation::start(bool idle, Clock::time_point now) {
    SLIPWAY_TRY(const bool interrupted, resealer_->interrupted());
    if (interrupted) {
        return true;
    }
    SLIPWAY_TRY(const bool due, resealer_->due());
    if (!due) {
        return false;
    }
    due_since_ = due_since_.value_or(now);
    // The journal has to be folded first. What observers have not heard yet stays in it.
    // A blob that is being put may be sealed with the older key, and would arrive behind the pass.
    const bool heard = shell_.services->publisher->drained() && !shell_.services->blobs.is_putting();
    if (!heard || (!idle && now - *due_since_ < kPatience)) {
        next_ = now + kBetweenSlicesWhenBusy * 10;
        return false;
    }
    if (!shell_.dirty.empty()) {
        SLIPWAY_CHECK(folder_.fold());
    }
    SLIPWAY_CHECK(resealer_->begin());
    return true;
}

void Rotation::slice(bool idle, Clock::time_point now) {
    auto fold = resealer_->next(shell_.epoch, kSliceBytes);
    if (!fold) {
        give_up(fold.error(), now);
        return;
    }
    if (*fold && (*fold)->note) {
        if (const auto written = shell_.store().fold(**fold); !written) {
            shell_.fail(written.error());
            return;
        }
    }
    next_ = now + (idle ? milliseconds{0} : kBetweenSlicesWhenBusy);
    const auto& progress = resealer_->progress();
    if (progress.complete) {
        active_ = false;
        next_ = now + kLookEvery;
        if (progress.unreadable > 0) {
            shell_.alarm("not_resealed", RunId{},
                         std::to_string(progress.unreadable) +
                             " sealed things could not be opened and keep their old key; the first: " +
                             progress.first_unreadable);
        }
    }
}

/// It is only housekeeping: the runs go on, and it is tried again.
void Rotation::give_up(const Error& why, Clock::time_point now) {
    active_ = false;
    never_ = why.code == ErrorCode::kUnsupported;
    next_ = now + kLookEvery;
    if (why.message != last_alarm_) {  // the same trouble every few seconds is told once
        last_alarm_ = why.message;
        shell_.alarm("not_resealed", RunId{}, why.message);
    }
}

}  // namespace slipway::runtime
