#include "tests/unit/simulate/attempts.hpp"

using namespace attempts;  // NOLINT: tests only

namespace {

const json::object kInput =
    json::parse(
        R"({"kind":"terraform","part":"component.db","state_key":"i/db","mode":"apply","vars":{"size":"1"},
        "expected_outputs":["address","dns.zone.name","dns.zone","subnet_ids"]})")
        .as_object();

json::object with(const std::string& key, const std::string& value) {
    json::object input = kInput;
    input[key] = json::parse(value);
    return input;
}

json::object planned(const Executors& executors, const json::object& input) {
    return output(run(executors, attempt("terraform.plan", json::serialize(input))));
}

}  // namespace

TEST_CASE("a plan creates, then changes nothing, then updates, then destroys") {
    const auto executors = make_simulated_executors({});
    CHECK(planned(executors, kInput).at("summary").at("add") == 1);
    CHECK_FALSE(planned(executors, kInput).at("nothing_to_do").as_bool());
    output(change(executors, kInput));
    CHECK(planned(executors, kInput).at("nothing_to_do").as_bool());
    CHECK(planned(executors, with("vars", R"({"size":"2"})")).at("summary").at("change") == 1);
    const auto gone = with("mode", R"("destroy")");
    CHECK(planned(executors, gone).at("summary").at("destroy") == 1);
    output(change(executors, gone, 2));
    CHECK(planned(executors, gone).at("nothing_to_do").as_bool());
}

TEST_CASE("outputs that others read are made up, nested, and always the same") {
    const auto first = output(change(make_simulated_executors({}), kInput)).at("outputs").as_object();
    const auto second = output(change(make_simulated_executors({}), kInput)).at("outputs").as_object();
    CHECK(first == second);
    CHECK(first.at("address").at("value").is_string());
    CHECK(first.at("dns").at("value").at("zone").at("name").is_string());
    CHECK(first.at("subnet_ids").at("value").is_array());
    CHECK_FALSE(first.at("address").at("sensitive").as_bool());
}

TEST_CASE("a script decides outputs, and which of them are sensitive") {
    const auto executors = make_simulated_executors(script(
        R"({"rules":[{"kind":"terraform.apply","outputs":{"address":"db:1","key":{"value":"k","sensitive":true}}}]})"));
    const auto outcome = change(executors, kInput);
    CHECK(output(outcome).at("outputs").at("address").at("value") == "db:1");
    CHECK(std::get<Succeeded>(outcome).output.sensitive);
}

TEST_CASE("the first attempts fail as the script says, over all rounds") {
    const auto executors = make_simulated_executors(script(
        R"({"rules":[{"step":"part.apply","fail_attempts":2,"failure_class":"permanent","message":"no room"}]})"));
    const auto failed = change(executors, kInput, 1, 1);
    REQUIRE(std::holds_alternative<Failed>(failed));
    CHECK(std::get<Failed>(failed).failure.failure_class == FailureClass::kPermanent);
    CHECK(std::get<Failed>(failed).failure.message == "no room");
    CHECK(std::holds_alternative<Failed>(change(executors, kInput, 2, 2)));
    CHECK(std::holds_alternative<Succeeded>(change(executors, kInput, 3, 3)));
}

TEST_CASE("an effect can happen although the attempt fails, and is found at reconcile") {
    const auto executors = make_simulated_executors(
        script(R"({"rules":[{"kind":"terraform.apply","fail_attempts":1,"fail_after_effect":true}]})"));
    const auto info = attempt("terraform.apply", "{}");
    CHECK(std::holds_alternative<NotStarted>(reconcile(executors, info)));
    CHECK(std::holds_alternative<Failed>(change(executors, kInput)));
    const auto verdict = reconcile(executors, info);
    REQUIRE(std::holds_alternative<Finished>(verdict));
    CHECK(planned(executors, kInput).at("nothing_to_do").as_bool());
}

TEST_CASE("an apply ends in doubt where the script says so") {
    const auto executors =
        make_simulated_executors(script(R"({"rules":[{"kind":"terraform.apply","in_doubt":true}]})"));
    CHECK(std::holds_alternative<InDoubt>(change(executors, kInput)));
}

TEST_CASE("drift shows as a change that nobody asked for") {
    const auto executors = make_simulated_executors(
        script(R"({"rules":[{"step":"drifted","kind":"terraform.plan","drift":true}]})"));
    output(change(executors, kInput));
    auto info = attempt("terraform.plan", json::serialize(kInput));
    info.step = StepId{"drifted"};
    const auto plan = output(run(executors, info));
    CHECK(plan.at("drift").as_bool());
    CHECK_FALSE(plan.at("nothing_to_do").as_bool());
}

TEST_CASE("a plan of another world is not applied") {
    const auto executors = make_simulated_executors({});
    json::object stale = kInput;
    stale["plan"] = planned(executors, kInput);
    output(change(executors, with("vars", R"({"size":"9"})"), 2));
    const auto outcome = run(executors, attempt("terraform.apply", json::serialize(stale), 3));
    CHECK(std::holds_alternative<Redo>(outcome));
}

TEST_CASE("a waiting attempt ends at once when it is cancelled") {
    const auto executors = make_simulated_executors(script(R"({"delay_ms":60000})"));
    const auto info = attempt("action", "{}");
    const auto context = std::make_shared<walk::Context>(info);
    const auto executor = of_kind(executors, "action");
    executor->start(context);
    executor->cancel(info, CancelMode::kCooperative);
    const auto outcome = context->outcome();
    REQUIRE(outcome.has_value());
    CHECK(std::get<Failed>(*outcome).failure.failure_class == FailureClass::kCancelled);
}

TEST_CASE("garbage in an input is a failure, not a crash") {
    const auto executors = make_simulated_executors({}, true);
    for (const auto& executor : executors) {
        const std::string kind = executor->traits().kind;
        for (const std::string bytes :
             {"[", "[]", "7", "\xff", "{\"plan\":7,\"expected_outputs\":{},\"result\":[]}",
              "{\"plan\":{\"base\":3},\"expected_outputs\":[1,\"\",\".\",\"a..b\",\"a.b\",\"a\"]}"}) {
            CAPTURE(kind);
            CAPTURE(bytes);
            const auto outcome = run(executors, attempt(kind, bytes));
            CHECK_FALSE(std::holds_alternative<WaitFor>(outcome));
        }
    }
}
