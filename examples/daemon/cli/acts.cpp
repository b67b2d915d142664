#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "arguments.hpp"
#include "commands.hpp"
#include "http.hpp"
#include "print.hpp"

namespace cli {

using host::url_encode;

namespace {

struct Arguments {
    std::string run;
    std::string step;
    std::string note;
    std::string shown;
    std::string output;
    std::string decision = "deny";
    bool flag = false;
    bool failed = false;
    bool off = false;
};

int act(const Session& session, const std::string& run, const json::object& body) {
    const std::string name = text(body, text(body, "act") == "answer" ? "decision" : "act");
    const auto answer = session.send("POST", "/v1/runs/" + url_encode(run) + "/act", body);
    if (!answer) {
        return fail(answer.error());
    }
    if (session.as_json) {
        return print_json(*answer);
    }
    std::printf("%s: %s%s%s\n", run.c_str(), name.c_str(), text(body, "step").empty() ? "" : " ",
                text(body, "step").c_str());
    return 0;
}

/// What was approved last at a gate, as the history tells it.
slipway::Result<json::value> approved_of(const Session& session, const Arguments& a) {
    SLIPWAY_TRY(const auto events, session.history(a.run));
    json::value found;
    for (const auto& event : events) {
        if (text(event, "step") == a.step && text(event, "decision") == "approve") {
            found = event;
        }
    }
    if (found.is_null()) {
        return slipway::usage_error(slipway::ErrorCode::kRefused,
                                    "nothing was approved at " + a.step + " of " + a.run,
                                    "slipway history " + a.run + " shows what was decided");
    }
    return found;
}

/// Answers the gate as it stands: what it shows is fetched, printed and its digest sent along, so that an
/// answer can never release something else. With --shown the digest is the one that was looked at before.
int answer(const Session& session, const Arguments& a, const std::string& decision) {
    std::int64_t round = 0;
    std::string shown = a.shown;
    const std::string base = "/v1/runs/" + url_encode(a.run);
    if (decision == "revoke") {
        const auto approved = approved_of(session, a);
        if (!approved) {
            return fail(approved.error());
        }
        round = number(*approved, "round");
        if (shown.empty()) {
            shown = text(*approved, "shown");
        }
    } else {
        const auto gate = session.get(base + "/gates/" + url_encode(a.step));
        if (!gate) {
            return fail(gate.error());
        }
        if (!session.as_json) {
            print_plan(member(*gate, "what"));
        }
        round = number(*gate, "round");
        if (shown.empty()) {
            shown = text(*gate, "shown");
        }
    }
    return act(session, a.run,
               {{"act", "answer"},
                {"step", a.step},
                {"decision", decision},
                {"round", round},
                {"shown", shown},
                {"note", a.note},
                {"role", session.who.roles.empty() ? "" : session.who.roles.front()}});
}

using Body = std::function<int(const Session&, const Arguments&)>;

CLI::App* add(Commands c, const char* name, const char* about, const std::shared_ptr<Arguments>& a,
              bool with_step, const Body& body) {
    auto* command = c.app.add_subcommand(name, about);
    command->add_option("run", a->run)->required();
    if (with_step) {
        command->add_option("step", a->step)->required();
    }
    command->add_option("--note", a->note, "why; kept in the history");
    command->callback(
        [=, chosen = &c.chosen, session = &c.session] { *chosen = [=] { return body(*session, *a); }; });
    return command;
}

int settle(const Session& s, const Arguments& a) {
    if (a.flag == a.failed) {
        return fail_arguments(slipway::usage_error(
            slipway::ErrorCode::kInvalidArgument, "settle: say what really happened, --succeeded or --failed",
            "slipway explain " + a.run + " " + a.step + " shows what is known"));
    }
    json::object body{{"act", "settle"}, {"step", a.step}, {"succeeded", a.flag}, {"note", a.note}};
    if (!a.output.empty()) {
        boost::system::error_code code;
        body["output"] = json::parse(a.output, code);
        if (code) {
            return fail_arguments(slipway::usage_error(slipway::ErrorCode::kInvalidArgument,
                                                       "--output is not JSON: " + code.message(),
                                                       "--output '{}' is an empty object"));
        }
    }
    return act(s, a.run, body);
}

int approve_all(const Session& s, const Arguments& a) {
    if (!a.flag) {
        return act(s, a.run, {{"act", "approve_all"}, {"on", !a.off}, {"note", a.note}});
    }
    const auto answer_value = s.send("POST", "/v1/installs/" + url_encode(a.run) + "/approve_all",
                                     {{"on", !a.off}, {"note", a.note}});
    const bool some = answer_value && !list(*answer_value, "runs").empty();
    const int done = finish(s, answer_value, [&](const json::value& answered) {
        for (const auto& run : list(answered, "runs")) {
            std::printf("%s: approve all%s\n", run.as_string().c_str(), a.off ? " no more" : "");
        }
        if (!text(answered, "message").empty()) {
            std::printf("%s\n  next: %s\n", text(answered, "message").c_str(),
                        text(answered, "hint").c_str());
        }
    });
    return done == host::kDone && !some ? host::kFailed : done;
}

void add_answers(Commands c, const std::shared_ptr<Arguments>& a) {
    add(c, "approve", "approve what a gate shows", a, true, [](const Session& s, const Arguments& x) {
        return answer(s, x, "approve");
    })->add_option("--shown", a->shown, "the digest that was looked at; refused when the gate shows another");
    auto* deny = add(c, "deny", "deny what a gate shows", a, true,
                     [](const Session& s, const Arguments& x) { return answer(s, x, x.decision); });
    deny->add_flag_callback(
        "--skip", [a] { a->decision = "skip"; }, "and go on without this part");
    deny->add_flag_callback(
        "--skip-dependents", [a] { a->decision = "skip_with_dependents"; }, "and without what depends on it");
    add(c, "retry-plan", "throw the plan away and make a new one", a, true,
        [](const Session& s, const Arguments& x) { return answer(s, x, "retry_plan"); });
    add(c, "revoke", "take an approval back while nothing behind it has started", a, true,
        [](const Session& s, const Arguments& x) { return answer(s, x, "revoke"); })
        ->add_option("--shown", a->shown, "the digest that was approved");
    auto* all = add(c, "approve-all", "approve everything in a run, now and later", a, false, approve_all);
    all->add_flag("--install", a->flag, "RUN names an install: all its unfinished runs");
    all->add_flag("--off", a->off, "from here on it asks again");
}

}  // namespace

void add_act_commands(Commands c) {
    auto a = std::make_shared<Arguments>();
    add_answers(c, a);
    add(c, "retry", "try a failed step again (an apply: with a new plan)", a, true,
        [](const Session& s, const Arguments& x) {
            return act(s, x.run, {{"act", "retry"}, {"step", x.step}, {"note", x.note}});
        });
    add(c, "redo", "a new round for a step's section and what depends on it", a, true,
        [](const Session& s, const Arguments& x) {
            return act(s, x.run, {{"act", "redo"}, {"step", x.step}, {"why", x.note}});
        });
    add(c, "skip", "go on without a step", a, true, [](const Session& s, const Arguments& x) {
        return act(s, x.run,
                   {{"act", "skip"}, {"step", x.step}, {"with_dependents", x.flag}, {"note", x.note}});
    })->add_flag("--with-dependents", a->flag);
    auto* settled =
        add(c, "settle", "say what really happened to a step that failed or is in doubt", a, true, settle);
    settled->add_flag("--succeeded", a->flag, "it did happen");
    settled->add_flag("--failed", a->failed, "it did not");
    settled->add_option("--output", a->output, "JSON that the step would have put out");
    for (const char* name : {"pause", "resume"}) {
        add(c, name, name[0] == 'p' ? "start nothing new in a run" : "go on with a paused run", a, false,
            [name](const Session& s, const Arguments& x) {
                return act(s, x.run, {{"act", name}, {"note", x.note}});
            });
    }
    add(c, "cancel", "stop what runs, cancel the rest", a, false, [](const Session& s, const Arguments& x) {
        return act(s, x.run, {{"act", "cancel"}, {"note", x.note}});
    });
    add(c, "stop", "give a run up: it ends failed", a, false, [](const Session& s, const Arguments& x) {
        return act(s, x.run, {{"act", "stop"}, {"note", x.note}});
    });
    add(c, "release", "give a quarantined run up, and with it the places that it holds", a, false,
        [](const Session& s, const Arguments& x) {
            return act(s, x.run, {{"act", "release"}, {"note", x.note}});
        });
    add(c, "undo", "take back what a run did, last step first; skip leaves a step as it is", a, false,
        [](const Session& s, const Arguments& x) {
            return act(s, x.run, {{"act", "undo"}, {"note", x.note}});
        });
}

}  // namespace cli
