// Two installs at once: what the script of one can see of the other, and of the host's data.
#include <doctest/doctest.h>

#include <filesystem>

#include "slipway/steps/process.hpp"
#include "tests/crash/action/kit.hpp"

using kit::Folder;

TEST_CASE(
    "isolation: of two installs at once neither reads the other's files, environment or state, nor the "
    "store") {
    const Folder data;
    for (const auto* install : {"one", "two"}) {
        std::filesystem::create_directory(data / install);
    }
    std::filesystem::create_directory(data / "store");
    kit::write(data / "store/000001.log", "what is stored");
    kit::write(data / "terraform.tfstate", "state of one");
    const Folder outside;

    slipway::ActionOptions options;
    options.hidden = {data.path()};
    options.allow_pid_namespace = false;  // which would hide the processes by itself
    const auto executor = slipway::action_executors(options).front();
    const auto holder = std::make_shared<kit::Context>(
        data / "one", kit::input_of({"echo $$ > " + (outside / "pid.part") +
                                     "; echo mine > $TMPDIR/file; mv " + (outside / "pid.part") + " " +
                                     (outside / "pid") + "; while [ ! -e " + (outside / "go") +
                                     " ]; do sleep 0.02; done; echo still=$(cat $TMPDIR/file) "
                                     ">> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH"},
                                    R"("secrets":{"TOKEN":"env:T"})"));
    executor->start(holder);
    REQUIRE(kit::eventually([&] { return std::filesystem::exists(outside / "pid"); }));

    const std::string look = "D=" + data.path() + "\nP=$(cat " + (outside / "pid") +
                             ")\nfound() { echo \"seen_$1=yes\" >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH; }\n"
                             "cat $D/one/scratch/action-1/tmp/file && found file\n"
                             "ls $D/one/scratch && found folder\n"
                             "cat $D/one/scratch/action-1/run-0/started.json && found record\n"
                             "tr '\\0' '\\n' < /proc/$P/environ | grep -q TOKEN && found environment\n"
                             "ls -l /proc/$P/cwd/ && found working_folder\n"
                             "ls /proc/$P/root/ && found root\n"
                             "cat $D/terraform.tfstate && found state\ncat $D/store/* && found store\n"
                             "echo x >> $D/store/000001.log && found writing\n"
                             "echo own > $TMPDIR/own && test \"$(cat $TMPDIR/own)\" = own && echo own=yes >> "
                             "$SLIPWAY_ACTIONS_OUTPUT_FILEPATH\n";
    const auto nosy = std::make_shared<kit::Context>(data / "two", kit::input_of({look}));
    executor->start(nosy);
    const auto outcome = nosy->outcome();
    kit::write(outside / "go", "");
    const auto held = holder->outcome();
    REQUIRE(outcome);
    REQUIRE(held);
    const auto seen = kit::to_text(*outcome);
    const auto inspection = slipway::process::inspect(data / "two/scratch/action-1/run-0");
    REQUIRE(inspection);
    REQUIRE(inspection->exit);
    const auto level = inspection->exit->isolation;
    MESSAGE("isolation of scripts on this machine: " << level);
    std::printf("figures: isolation of scripts on this machine: %s\n", level.c_str());
    CHECK(seen.find("\"own\"") != std::string::npos);
    CHECK(kit::to_text(*held).find("mine") != std::string::npos);
    if (level != "landlock") {
        std::puts("SLIPWAY-ABSENT-PART: landlock");
        return;
    }
    CHECK_MESSAGE(seen.find("seen_") == std::string::npos, seen);
    CHECK(kit::read(data / "store/000001.log") == "what is stored");
    // It is the hiding that does it: without, everything of it can be seen.
    options.hidden = {};
    const Folder open;
    const auto all =
        kit::run_here(open,
                      kit::input_of({"cat " + (data / "store/000001.log") +
                                     " && echo seen_store=yes >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH"}),
                      options);
    CHECK(all.find("seen_store") != std::string::npos);
}
