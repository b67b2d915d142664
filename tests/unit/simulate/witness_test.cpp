// The witness file outlives the process: here, the executors.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/simulate/attempts.hpp"

using namespace attempts;  // NOLINT: tests only

namespace {

struct TempFile {
    TempFile() {
        char name[] = "/tmp/slipway-witness-XXXXXX";
        path = std::string(::mkdtemp(name)) + "/witness.jsonl";
    }
    ~TempFile() { std::filesystem::remove_all(std::filesystem::path(path).parent_path()); }
    std::string path;
};

std::size_t lines(const std::string& path) {
    std::ifstream in(path);
    std::string line;
    std::size_t count = 0;
    while (std::getline(in, line)) {
        ++count;
    }
    return count;
}

const json::object kInput =
    json::parse(R"({"part":"component.db","state_key":"i/db","mode":"apply"})").as_object();

}  // namespace

TEST_CASE("an effect is found after a restart and not done twice") {
    const TempFile file;
    SimulationScript script;
    script.witness_file = file.path;
    output(change(make_simulated_executors(script), kInput));
    CHECK(lines(file.path) == 1);

    const auto after = make_simulated_executors(script);
    CHECK(std::holds_alternative<Finished>(reconcile(after, attempt("terraform.apply", "{}"))));
    CHECK(
        output(run(after, attempt("terraform.plan", json::serialize(kInput)))).at("nothing_to_do").as_bool());
    json::object input = kInput;
    input["plan"] = json::object{{"mode", "apply"}, {"desired", "x"}};
    output(run(after, attempt("terraform.apply", json::serialize(input))));
    CHECK(lines(file.path) == 1);
}

TEST_CASE("a line that a crash cut off is dropped, and the file is private") {
    const TempFile file;
    SimulationScript script;
    script.witness_file = file.path;
    output(change(make_simulated_executors(script), kInput));
    struct stat found {};
    REQUIRE(::stat(file.path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    const auto whole = std::filesystem::file_size(file.path);
    std::ofstream(file.path, std::ios::app) << R"({"key":"part.apply#2","state_key":"i/db","desi)";
    // Under another name, as another process would find it: within one process a world that is still at work
    // is shared.
    const TempFile found_later;
    std::filesystem::copy_file(file.path, found_later.path);
    script.witness_file = found_later.path;
    const auto after = make_simulated_executors(script);
    CHECK(std::filesystem::file_size(found_later.path) == whole);
    CHECK(std::holds_alternative<NotStarted>(reconcile(after, attempt("terraform.apply", "{}", 2))));
}

TEST_CASE("a witness file that cannot be written fails the attempts, with its name") {
    SimulationScript script;
    script.witness_file = "/proc/none/witness.jsonl";
    const auto executors = make_simulated_executors(script);
    const auto outcome = run(executors, attempt("terraform.plan", "{}"));
    REQUIRE(std::holds_alternative<Failed>(outcome));
    CHECK(std::get<Failed>(outcome).failure.message.find("/proc/none") != std::string::npos);
    CHECK(std::holds_alternative<InDoubt>(reconcile(executors, attempt("terraform.apply", "{}"))));
}
