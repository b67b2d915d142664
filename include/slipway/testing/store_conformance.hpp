// What every Store promises, as cases that any store can be run through; no test framework needed.
//
//   struct MyFixture : slipway::testing::StoreFixture {
//       slipway::Result<std::unique_ptr<slipway::Store>> open() override { return open_my_store(path); }
//   };
//   for (const auto& c : slipway::testing::store_conformance_cases()) {
//       MyFixture fresh;                              // empty for every case
//       slipway::testing::StoreCheck check(fresh);
//       c.run(check);
//       for (const auto& failure : check.failures()) std::puts((c.name + (": " + failure)).c_str());
//   }
#pragma once

#include <string>
#include <vector>

#include "slipway/store.hpp"

namespace slipway::testing {

/// One store's content. open() is called again after the store it gave before was destroyed: a restart.
class StoreFixture {
public:
    virtual ~StoreFixture() = default;
    virtual Result<std::unique_ptr<Store>> open() = 0;
};

/// Carries one case: the store, where it stands, and what went wrong.
class StoreCheck {
public:
    explicit StoreCheck(StoreFixture& fixture) : fixture_(&fixture) {}

    const std::vector<std::string>& failures() const { return failures_; }
    /// Notes `what` when `holds` is false; gives `holds` back.
    bool expect(bool holds, const std::string& what);
    bool expect_ok(const Result<void>& result, const std::string& what);
    bool expect_error(const Result<void>& result, ErrorCode code, const std::string& what);

    /// Opens partition 0, after closing (or, with close = false, only dropping) what was open. False ends the
    /// case.
    bool restart(bool close = true);
    Store& store() { return *store_; }
    PartitionState& state() { return state_; }

    /// The next commit of partition 0, with one slice per pair.
    Commit next(std::vector<RunSlice> runs, std::string admission = {}) const;
    /// Commits it and moves on.
    bool commit(std::vector<RunSlice> runs, std::string admission = {});
    /// A fold of partition 0 that does nothing yet.
    Fold fold() const;

private:
    StoreFixture* fixture_;
    std::unique_ptr<Store> store_;
    PartitionState state_;
    std::vector<std::string> failures_;
};

struct StoreCase {
    std::string name;
    void (*run)(StoreCheck& check);
};

std::vector<StoreCase> store_conformance_cases();

}  // namespace slipway::testing
