// The same search without interning: every situation is copied whole and every tick carried out anew. Slow,
// and simple: what search_all() finds is compared with it.
#include "tests/simulation/core/search.hpp"

#include <deque>
#include <unordered_map>

namespace search {

namespace {

struct Trail {
    std::uint64_t parent = 0;
    std::string move;
};

class Search {
public:
    Search(const Workflow& workflow, const SearchOptions& options, Bug bug)
        : w_(workflow), options_(options), bug_(bug), renamings_(symmetries(workflow)) {}

    SearchResult run() {
        Tick tick = first_tick(w_, options_.capacity, bug_);
        if (tick.wrong) {
            return fail(0, *tick.wrong);
        }
        for (std::size_t count = 0; count < std::max<std::size_t>(tick.owed.size(), 1); ++count) {
            Situation partly = tick.after;
            if (auto wrong = deliver(w_, partly, tick.owed, count, bug_)) {
                return fail(0, *wrong);
            }
            Recovery recovery = crash_and_recover(w_, std::move(partly), bug_);
            if (recovery.wrong) {
                return fail(0, *recovery.wrong);
            }
            for (auto& one : recovery.results) {
                meet(std::move(one), 0, "start, kill -9");
            }
        }
        if (auto wrong = deliver(w_, tick.after, tick.owed, tick.owed.size(), bug_)) {
            return fail(0, *wrong);
        }
        meet(std::move(tick.after), 0, "start");
        while (!queue_.empty() && result_.situations < options_.situations_max) {
            auto [situation, number] = std::move(queue_.front());
            queue_.pop_front();
            if (auto wrong = visit(situation, number)) {
                return fail(number, *wrong);
            }
        }
        if (!queue_.empty() && options_.bound_is_wrong) {
            return fail(0, "the search did not end within its bound");
        }
        return result_;
    }

private:
    void meet(Situation situation, std::uint64_t parent, const std::string& move) {
        if (!seen_.emplace(canonical(w_, situation, renamings_), trails_.size() + 1).second) {
            return;
        }
        trails_.push_back({parent, move});
        ++result_.situations;
        queue_.emplace_back(std::move(situation), trails_.size());
    }

    std::optional<std::string> visit(const Situation& situation, std::uint64_t number) {
        if (auto wrong = check_rest(w_, situation)) {
            return wrong;
        }
        if (auto wrong = probe(w_, situation, bug_)) {
            return wrong;
        }
        bool helped = false;
        std::vector<Move> list = moves(w_, situation, options_.moves);
        if (auto wrong = drop_refused(w_, situation, bug_, list, result_.edges)) {
            return wrong;
        }
        for (const auto& move : list) {
            Successors next = carry_out(w_, situation, move, bug_);
            ++result_.edges;
            if (next.wrong) {
                return "after \"" + move.text + "\": " + *next.wrong;
            }
            helped = helped || (move.kind == Move::Kind::kOperator && !next.refused);
            for (auto& one : next.situations) {
                meet(std::move(one), number, move.text);
            }
        }
        const bool stuck = situation.state.status == RunStatus::kBlocked || situation.state.paused;
        if (options_.moves.operators && options_.moves.run_acts && stuck &&
            !is_final(situation.state.status) && !helped) {
            return "an operator must act and every act is refused";
        }
        return std::nullopt;
    }

    SearchResult fail(std::uint64_t number, const std::string& what) {
        std::string path;
        for (std::uint64_t at = number; at != 0; at = trails_[at - 1].parent) {
            path = "\n    " + trails_[at - 1].move + path;
        }
        result_.wrong = w_.spec().name + ": " + what + "; moves:" + path;
        return result_;
    }

    const Workflow& w_;
    const SearchOptions& options_;
    Bug bug_;
    std::vector<Renaming> renamings_;
    SearchResult result_;
    std::unordered_map<std::string, std::uint64_t> seen_;
    std::vector<Trail> trails_;
    std::deque<std::pair<Situation, std::uint64_t>> queue_;
};

}  // namespace

SearchResult plain_search(const Workflow& workflow, const SearchOptions& options, Bug bug) {
    return Search(workflow, options, bug).run();
}

}  // namespace search
