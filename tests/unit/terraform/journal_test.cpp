#include "steps/terraform/journal.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace slipway::terraform;

namespace {

std::string hook(const std::string& type, const std::string& address, const std::string& action,
                 const std::string& rest = {}) {
    return R"({"type":")" + type + R"(","hook":{"resource":{"addr":")" + address + R"("},"action":")" +
           action + "\"" + rest + "}}\n";
}
std::string start(const std::string& address, const std::string& action = "create") {
    return hook("apply_start", address, action);
}
std::string complete(const std::string& address, const std::string& action = "create",
                     const std::string& id = "i-1") {
    return hook("apply_complete", address, action, R"(,"id_key":"id","id_value":")" + id + "\"");
}
const std::string kApplied = R"({"type":"change_summary","changes":{"operation":"apply"}})"
                             "\n";

}  // namespace

TEST_CASE("an operation is open until its end is written") {
    const auto journal = read_journal(start("t.a") + complete("t.a") + start("t.b"));
    REQUIRE(journal.operations.size() == 2);
    CHECK(journal.operations[0].end == OperationEnd::kComplete);
    CHECK(journal.operations[0].id_value == "i-1");
    CHECK(journal.operations[1].end == OperationEnd::kOpen);
    CHECK(journal.ended() == 1);
    CHECK_FALSE(journal.applied);
    CHECK(journal.damaged == 0);
}

TEST_CASE("a replacement is a delete and a create at one address") {
    const auto journal = read_journal(start("t.a", "delete") + complete("t.a", "delete") + start("t.a") +
                                      hook("apply_errored", "t.a", "create"));
    REQUIRE(journal.operations.size() == 2);
    CHECK(journal.operations[0].action == "delete");
    CHECK(journal.operations[0].end == OperationEnd::kComplete);
    CHECK(journal.operations[1].end == OperationEnd::kErrored);
}

TEST_CASE("only the summary of an apply says that everything is persisted") {
    CHECK(read_journal(kApplied).applied);
    CHECK_FALSE(read_journal(R"({"type":"change_summary","changes":{"operation":"plan"}})"
                             "\n")
                    .applied);
}

TEST_CASE("data reads are no effects, and planned operations are counted as they will end") {
    const auto planned = [](const std::string& action) {
        return R"({"type":"planned_change","change":{"action":")" + action + "\"}}\n";
    };
    const auto journal =
        read_journal(planned("create") + planned("replace") + planned("read") + planned("move") +
                     start("data.x.y", "read") + complete("data.x.y", "read"));
    CHECK(journal.planned == 3);
    CHECK_FALSE(journal.started());
    CHECK(journal.damaged == 0);
}

TEST_CASE("a torn last line is left out, a damaged one in the middle is counted") {
    const auto torn = read_journal(start("t.a") + start("t.b").substr(0, 40));
    CHECK(torn.operations.size() == 1);
    CHECK(torn.torn_tail);
    CHECK(torn.damaged == 0);

    const auto damaged = read_journal(start("t.a") + "\x01\x02 garbage\n" + "[1,2]\n" + start("t.b"));
    CHECK(damaged.operations.size() == 2);
    CHECK(damaged.damaged == 2);
}

TEST_CASE("the end of something that was never started means that lines are missing") {
    CHECK(read_journal(complete("t.a")).damaged == 1);
    CHECK(read_journal(start("t.a") + complete("t.a") + complete("t.a")).damaged == 1);
}

TEST_CASE("chunks may be cut anywhere") {
    const auto whole = start("t.a") + complete("t.a") + start("t.b") + kApplied;
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        JournalReader reader;
        reader.feed(std::string_view(whole).substr(0, cut));
        reader.feed(std::string_view(whole).substr(cut));
        CHECK(reader.journal().operations.size() == 2);
        CHECK(reader.journal().applied);
        CHECK_FALSE(reader.journal().torn_tail);
    }
}

TEST_CASE("any prefix of a journal and any wrong types are read without harm") {
    const auto whole = start("t.a") + complete("t.a") + kApplied;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        CHECK(read_journal(whole.substr(0, size)).damaged == 0);
    }
    for (const auto* line :
         {R"({"type":1,"hook":[]})", R"({"type":"apply_start","hook":{"resource":7,"action":{}}})",
          R"({"type":"diagnostic","diagnostic":"x"})", R"({"type":"planned_change"})", "{}"}) {
        CHECK_FALSE(read_journal(std::string(line) + "\n").started());
    }
    CHECK(read_journal(std::string(100'000, '[') + "\n").damaged == 1);
}

TEST_CASE("errors are kept, not without bound") {
    std::string text;
    for (int i = 0; i < 300; ++i) {
        text += R"({"type":"diagnostic","diagnostic":{"severity":"error","summary":")" +
                std::string(10'000, 'x') + "\"}}\n";
    }
    const auto journal = read_journal(text);
    CHECK(journal.errors.size() == 100);
    CHECK(journal.errors[0].summary.size() == 4096);
}
