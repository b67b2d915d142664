// What tests of undo share.
#pragma once

#include "engine/core/counters.hpp"
#include "engine/core/explain.hpp"
#include "engine/core/ledger.hpp"
#include "engine/core/view.hpp"
#include "tests/unit/core/driver.hpp"

namespace slipway::test {

inline StepSpec undoable(const std::string& id, const std::vector<std::string>& data = {}) {
    StepSpec s = step(id, data);
    s.has_undo = true;
    return s;
}

/// a <- b <- c, all done, and a gate that keeps the run open.
inline Driver chain_of_three() {
    Driver d({undoable("a"), undoable("b", {"a"}), undoable("c", {"b"}), gate("open", {"c"})});
    for (const char* id : {"a", "b", "c"}) {
        d.succeed(id, std::string("made by ") + id);
    }
    return d;
}

inline UndoStanding standing(const Driver& d, const std::string& id) {
    return core::ledger_entry(d.workflow, d.state, d.index(id)).standing;
}

inline bool holds(const Driver& d, const std::string& id) {
    return d.holders.count(d.index(id)) != 0;
}

}  // namespace slipway::test
