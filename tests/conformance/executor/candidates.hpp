// Every executor of ours with a world for the kit: a column of the table in the README each.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "slipway/testing/executor_conformance.hpp"

namespace slipway::testing {

struct Candidate {
    std::string column;
    std::function<std::unique_ptr<ExecutorFixture>()> fresh;  ///< empty: its tools are not here
    ConformanceOptions options = {};
    bool is_slow = false;  ///< all its rules are for the long proofs
};

std::vector<Candidate> simulated_candidates();
std::vector<Candidate> action_candidates();
std::vector<Candidate> terraform_candidates();
std::vector<Candidate> cluster_candidates();
std::vector<Candidate> build_candidates();

/// A private folder that goes away.
class WorldFolder {
public:
    WorldFolder();
    ~WorldFolder();
    WorldFolder(const WorldFolder&) = delete;
    WorldFolder& operator=(const WorldFolder&) = delete;
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::string content_of(const std::string& path);
void put_content(const std::string& path, const std::string& text);
int lines_in(const std::string& path);
bool comes_true(const std::function<bool()>& condition, int timeout_ms = 20'000);

/// Kills the supervisor and the program of every attempt below `folder` that runs; true when there was one.
bool kill_supervised(const std::string& folder);
bool any_supervised(const std::string& folder);
/// Ends everything below `folder`.
void fence_supervised(const std::string& folder);
/// Removes everything in it.
void empty_folder(const std::string& folder);

}  // namespace slipway::testing
