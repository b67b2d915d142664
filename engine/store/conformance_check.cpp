#include "slipway/testing/store_conformance.hpp"

namespace slipway::testing {

bool StoreCheck::expect(bool holds, const std::string& what) {
    if (!holds) {
        failures_.push_back(what);
    }
    return holds;
}

bool StoreCheck::expect_ok(const Result<void>& result, const std::string& what) {
    return expect(result.has_value(), what + (result ? "" : ": " + result.error().message));
}

bool StoreCheck::expect_error(const Result<void>& result, ErrorCode code, const std::string& what) {
    if (result) {
        return expect(false, what + ": succeeded");
    }
    return expect(result.error().code == code, what + ": " + std::string(to_string(result.error().code)) +
                                                   " instead of " + std::string(to_string(code)) + " (" +
                                                   result.error().message + ")");
}

bool StoreCheck::restart(bool close) {
    if (store_ && close) {
        expect_ok(store_->close(), "close");
    }
    store_.reset();
    auto opened = fixture_->open();
    if (!opened) {
        return expect(false, "open: " + opened.error().message);
    }
    store_ = std::move(opened).value();
    auto state = store_->open_partition(0);
    if (!state) {
        return expect(false, "open_partition: " + state.error().message);
    }
    state_ = std::move(state).value();
    return true;
}

Commit StoreCheck::next(std::vector<RunSlice> runs, std::string admission) const {
    Commit commit;
    commit.expected_tick = state_.last_tick;
    commit.epoch = state_.epoch;
    commit.admission = std::move(admission);
    commit.runs = std::move(runs);
    return commit;
}

bool StoreCheck::commit(std::vector<RunSlice> runs, std::string admission) {
    const bool done = expect_ok(store_->commit(next(std::move(runs), std::move(admission))),
                                "commit of tick " + std::to_string(state_.last_tick + 1));
    state_.last_tick += done ? 1 : 0;
    return done;
}

Fold StoreCheck::fold() const {
    Fold fold;
    fold.epoch = state_.epoch;
    return fold;
}

}  // namespace slipway::testing
