// The distinct durable states of one workflow. A state is interned under a key in which everything stands
// that the core can ever ask of it, and nothing else:
//
//  * no fences, attempt numbers, round numbers and times: the core compares a fence with a report's only for
//    equality, and times only with those that timers name (live.hpp keeps these answers). What it does ask of
//    them stands in the key: failures against the policy's limit, whether a step behind a gate has ever
//    started (revoking asks), how many rounds the section's limit has left.
//  * no texts, payloads, principals: the core hands them on and decides nothing by them.
//  * nothing that the rest determines: counters, holders of places (both are checked in every tick).
//
// States that differ by a symmetry of the workflow share a key. The state that came first stands for all; a
// later one is told the renaming that turns its names into those of the first.
#pragma once

#include <memory>
#include <string>

#include "tests/simulation/core/live.hpp"
#include "tests/simulation/core/symmetry.hpp"
#include "tests/simulation/core/tables.hpp"

namespace search {

/// A durable state as the core has it. Kept only until everything that can follow it has been worked out.
struct Rich {
    core::RunState state;
    core::AdmissionState admission;
    TimeMs now_ms = 0;
};

class Durables {
public:
    struct Found {
        std::uint32_t number = 0;
        std::uint8_t renaming = 0;  ///< from the names of the state that was looked up to those of the first
    };

    explicit Durables(const Workflow& workflow, bool with_symmetries = true);

    Found intern(Situation&& situation);
    std::uint32_t size() const { return keys_.size(); }
    const SymmetryGroup& group() const { return group_; }
    std::unique_ptr<Rich> take(std::uint32_t number) { return std::move(rich_[number]); }

    /// Of situations with this durable state that differ only by a symmetry, the one that stands for all.
    Live canonical(std::uint32_t number, Live live) const;
    /// The whole situation in bytes, the same for all that differ by a symmetry, whether the search makes use
    /// of symmetries or not.
    std::string class_of(std::uint32_t number, Live live) const;

private:
    struct Entry {
        std::uint8_t naming;        ///< takes the first state's names to those of the key
        std::uint32_t stabilizers;  ///< renamings that leave the state as it is
    };
    struct Key;

    void put_key(Key& key, const Situation& s, const Renaming& name) const;

    const Workflow& w_;
    SymmetryGroup group_;
    std::size_t renamings_;  ///< 1 without symmetries
    std::vector<bool> behind_gate_;
    ByteTable keys_;
    std::vector<Entry> entries_;
    std::vector<std::unique_ptr<Rich>> rich_;
};

}  // namespace search
