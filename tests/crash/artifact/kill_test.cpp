// kill -9 while an app of twelve components is built: it always finishes, nothing is torn, and nothing is
// built a second time once its build was recorded.
#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/crash/artifact/app_rig.hpp"
#include "tests/unit/artifact/temp_folder.hpp"

extern char** environ;

using namespace slipway;
using slipway::test::TempFolder;

namespace {

constexpr std::size_t kComponents = 12;
constexpr std::size_t kParts = kComponents + 1;  // and the sandbox
constexpr int kStartsMax = 60;

int kills_wanted() {
    const char* text = std::getenv("SLIPWAY_KILLS");
    return text == nullptr ? 10 : std::atoi(text);
}

pid_t start_host(const std::string& folder) {
    std::string program = BUILD_HOST;
    std::string argument = folder;
    char* argv[] = {program.data(), argument.data(), nullptr};
    pid_t pid = 0;
    REQUIRE(::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environ) == 0);
    return pid;
}

/// Files in the folder of the records.
std::size_t records_on_disk(const std::string& folder) {
    std::error_code code;
    std::size_t found = 0;
    for (std::filesystem::recursive_directory_iterator it(folder + "/state/artifacts/builds", code), end;
         !code && it != end; it.increment(code)) {
        found += it->is_regular_file(code) && it->path().extension() == ".json" ? 1U : 0U;
    }
    return found;
}

/// The exit code, or -1 when it was killed: `after` its start, or `after` it has recorded a build.
int run_host(const std::string& folder, std::chrono::microseconds after, bool at_record) {
    const std::size_t before = records_on_disk(folder);
    const pid_t pid = start_host(folder);
    auto until = std::chrono::steady_clock::now() + after;
    bool waits = at_record;
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) == 0) {
        if (waits && records_on_disk(folder) > before) {
            until = std::chrono::steady_clock::now() + after / 10;
            waits = false;
        }
        if (!waits && std::chrono::steady_clock::now() >= until) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, &status, 0);
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

using Built = std::map<std::string, lifecycle::BuildRecord>;

Built records_in(const std::string& folder, const lifecycle::AppVersion& version) {
    Built out;
    const auto store = lifecycle::ArtifactStore::open(folder + "/state/artifacts");
    REQUIRE(store);
    std::vector<std::string> parts{"sandbox"};
    for (const auto& component : version.config.components) {
        parts.push_back(component.name);
    }
    for (const auto& part : parts) {
        for (auto& record : (*store)->records(version.app, part)) {
            const auto verified = (*store)->verify(record.artifact);
            CHECK_MESSAGE(verified.has_value(), part, ": ", (verified ? "" : verified.error().message));
            CHECK(out.emplace(part, std::move(record)).second);
        }
    }
    return out;
}

void check_kept(const Built& before, const Built& now) {
    for (const auto& entry : before) {
        const auto& component = entry.first;  // clang 14 captures no structured binding
        const auto& record = entry.second;
        const auto found = now.find(component);
        REQUIRE(found != now.end());
        CHECK(found->second.artifact.digest == record.artifact.digest);
        CHECK_MESSAGE(found->second.built_ms == record.built_ms, component, " was built twice");
    }
}

struct Tally {
    int kills = 0;
    std::size_t found_built = 0;  ///< records seen after a kill
    int with_records = 0;         ///< kills that left some
    int longest = 700'000;        ///< microseconds to the latest kill; less where a build is done sooner
};

/// Other owners of the files, another time zone and another umask: nothing of it is in an artifact.
void change_world(const std::string& sources, bool first) {
    ::umask(first ? 0022 : 0077);
    ::setenv("TZ", first ? "Asia/Kathmandu" : "America/St_Johns", 1);
    if (::geteuid() != 0) {
        return;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(sources)) {
        REQUIRE(::lchown(entry.path().c_str(), first ? 0 : 4242, first ? 0 : 4242) == 0);
    }
}

/// One app, killed until it finishes undisturbed.
void one_app(std::mt19937& random, std::map<std::string, Digest>& expected, Tally& tally, int kills) {
    const TempFolder folder;
    const test::AppRigOptions options{folder.path("in"), test::is_tool_here("buildah"), 3U << 20U};
    REQUIRE(test::write_app(options));
    change_world(folder.path("in"), expected.empty());
    const auto version = test::load_version(options);
    REQUIRE_MESSAGE(version.has_value(), (version ? "" : version.error().message));
    REQUIRE(version->config.components.size() == kComponents);
    Built built;
    int ended = -1;
    for (int starts = 0; ended != 0 && starts < kStartsMax; ++starts) {
        const bool kill = kills-- > 0;
        const auto after =
            kill ? std::uniform_int_distribution<int>(10'000, tally.longest)(random) : 300'000'000;
        const bool at_record = kill && starts % 2 == 1;
        ended = run_host(folder.path(), std::chrono::microseconds(after), at_record);
        CHECK(ended != 1);
        tally.kills += ended == -1 ? 1 : 0;
        if (kill && ended == 0) {
            tally.longest = std::max(50'000, tally.longest * 2 / 3);
        }
        auto now = records_in(folder.path(), *version);
        check_kept(built, now);
        built = std::move(now);
        tally.found_built += ended == -1 ? built.size() : 0;
        tally.with_records += ended == -1 && !built.empty() ? 1 : 0;
    }
    REQUIRE(ended == 0);
    REQUIRE(built.size() == kParts);
    for (const auto& entry : built) {
        const auto& digest = entry.second.artifact.digest;
        // The same source gives the same digest in every folder.
        CHECK_MESSAGE(expected.emplace(entry.first, digest).first->second == digest, entry.first);
    }
    // What killed hosts left half-written goes when the store is opened by nobody else.
    CHECK(std::filesystem::is_empty(folder.path("state/artifacts/tmp")));
}

}  // namespace

TEST_CASE("a build that is killed again and again finishes, nothing torn, nothing built twice") {
    if (!test::is_tool_here("buildah")) {
        std::puts("SLIPWAY-SKIPPED-PART: buildah");
    }
    std::mt19937 random(20'261'122);
    std::map<std::string, Digest> expected;
    Tally tally;
    const int wanted = kills_wanted();
    int apps = 0;
    while (tally.kills < wanted && apps < 2 * wanted) {
        one_app(random, expected, tally, 5);
        ++apps;
    }
    CHECK(tally.kills >= wanted);
    // "Nothing built twice" says nothing where nothing had been built.
    CHECK(tally.with_records >= wanted / 3);
    std::printf(
        "figures: builds killed: %d, apps built: %d, kills that left records: %d, records found: %zu\n",
        tally.kills, apps, tally.with_records, tally.found_built);
}
