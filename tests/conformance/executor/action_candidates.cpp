// Scripts: effects are lines of a file, and a script stands before its line while a gate is closed.
#include <boost/json.hpp>

#include "slipway/steps/action.hpp"
#include "tests/conformance/executor/candidates.hpp"

namespace slipway::testing {
namespace {

namespace json = boost::json;

class ActionFixture final : public ExecutorFixture {
public:
    explicit ActionFixture(bool with_check) : with_check_(with_check) {}
    ~ActionFixture() override { empty_gate(); }

    std::shared_ptr<Executor> make() override {
        ActionOptions options;
        options.grace_ms = 2'000;
        options.output_head_bytes = 1U << 20U;
        return action_executors(options).front();
    }
    Payload input() override { return of(effect()); }
    std::optional<int> effects() override { return lines_in(folder_ / "effects"); }

    std::optional<Payload> held_input() override {
        put_content(folder_ / "closed", "");
        return input();
    }
    bool wait_until_held(const std::string&) override {
        return comes_true([&] { return !content_of(folder_ / "waiting").empty(); });
    }
    void release(const std::string&) override { empty_gate(); }
    bool kill_program(const std::string& scratch) override { return kill_supervised(scratch); }

    std::optional<Payload> secret_input(std::string_view reference) override {
        return of(
            "echo \"token $TOKEN\"; echo \"token $TOKEN\" >&2; echo \"t=$TOKEN\" >> "
            "$SLIPWAY_ACTIONS_OUTPUT_FILEPATH\n" +
                effect() + "test -z \"$FAILS\" || exit 3\n",
            {{"TOKEN", reference}});
    }
    std::optional<Payload> flood_input() override {
        return of(
            "head -c 20000000 /dev/zero | tr '\\0' 'x'\nhead -c 3000000 /dev/zero | tr '\\0' 'y' >> "
            "$SLIPWAY_ACTIONS_OUTPUT_FILEPATH\n");
    }
    std::optional<Payload> nonsense_input() override {
        return of("echo '[1, 2' >> $SLIPWAY_ACTIONS_OUTPUT_FILEPATH\n");
    }
    bool lose_witness(const std::string& scratch) override {
        if (with_check_) {
            return false;  // the check asks the world
        }
        empty_folder(scratch);
        return true;
    }
    DurationMs patience_ms() override { return 20'000; }
    void tidy(const std::string& scratch) override { fence_supervised(scratch); }

private:
    std::string effect() const {
        return "echo x > " + (folder_ / "waiting") + "\nwhile [ -e " + (folder_ / "closed") +
               " ]; do sleep 0.01; done\necho done >> " + (folder_ / "effects") + "\n";
    }
    Payload of(const std::string& script, const json::object& secrets = {}) const {
        json::object input{{"name", "kit"}, {"secrets", secrets}};
        input["steps"] = {{{"name", "s"}, {"inline_contents", "#!/bin/sh\n" + script}}};
        if (with_check_) {
            input["retry"] = "check";
            input["check"] = "#!/bin/sh\ngrep -q done " + (folder_ / "effects") + " || exit 1\n";
        }
        return {json::serialize(input), false};
    }
    void empty_gate() const { (void)std::remove((folder_ / "closed").c_str()); }

    WorldFolder folder_;
    bool with_check_;
};

}  // namespace

std::vector<Candidate> action_candidates() {
    return {{"action", [] { return std::make_unique<ActionFixture>(false); }},
            {"action, check", [] { return std::make_unique<ActionFixture>(true); }}};
}

}  // namespace slipway::testing
