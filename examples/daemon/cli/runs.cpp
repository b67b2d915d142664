#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "commands.hpp"
#include "http.hpp"
#include "print.hpp"
#include "timeline.hpp"

namespace cli {

using host::url_encode;

namespace {

std::string run_target(const std::string& run, const std::string& rest = "") {
    return "/v1/runs/" + url_encode(run) + rest;
}

int show_list(const Session& session, const std::string& install, bool all) {
    std::string query = "unfinished=" + std::string(all ? "0" : "1");
    if (!install.empty()) {
        query += "&install=" + url_encode(install);
    }
    const auto runs = session.runs(query);
    if (!runs) {
        return fail(runs.error());
    }
    if (session.as_json) {
        return print_json(json::object{{"runs", *runs}});
    }
    std::printf("%-36s %-22s %-10s %-9s %s\n", "RUN", "WORKFLOW", "STATUS", "STEPS", "WAITS FOR");
    for (const auto& run : *runs) {
        const std::string waits = number(run, "gates_open") > 0
                                      ? std::to_string(number(run, "gates_open")) + " approval(s)"
                                      : text(run, "reason");
        const bool aside = member(run, "quarantined") == json::value(true);
        std::printf("%-36s %-22s %-10s %3lld/%-5lld %s\n", text(run, "run").c_str(),
                    text(run, "workflow").c_str(), aside ? "quarantined" : text(run, "status").c_str(),
                    static_cast<long long>(number(run, "steps_done")),
                    static_cast<long long>(number(run, "steps_total")), waits.c_str());
    }
    return 0;
}

bool is_over(const std::string& status) {
    return status == "succeeded" || status == "failed" || status == "cancelled" || status == "unwound";
}

/// One line for each change of a step, and for each new word of progress.
class Teller {
public:
    void tell(const json::value& run) {
        for (const auto& step : list(run, "steps")) {
            const auto& progress = member(step, "progress");
            std::string now = text(step, "status") + " r" + std::to_string(number(step, "round"));
            if (progress.is_object()) {
                now += " " + text(progress, "text");
            }
            auto& before = seen_[text(step, "id")];
            if (now == before || (before.empty() && text(step, "status") == "pending")) {
                continue;
            }
            before = now;
            line(step, progress);
        }
        std::fflush(stdout);
    }

private:
    static void line(const json::value& step, const json::value& progress) {
        const auto at = progress.is_object() ? now_ms() : number(step, "since_ms");
        std::printf("%s  %s %-32s %s", clock_time(at).c_str(), mark(text(step, "status")),
                    text(step, "id").c_str(), text(step, "status").c_str());
        if (progress.is_object()) {
            std::printf("  %s", text(progress, "text").c_str());
        }
        const auto& failure = member(step, "failure");
        if (failure.is_object() && text(step, "status") != "succeeded") {
            std::printf("  %s", text(failure, "message").c_str());
        }
        if (!text(step, "doubt").empty() && text(step, "status") == "in_doubt") {
            std::printf("  %s", text(step, "doubt").c_str());
        }
        std::printf("\n");
        if (text(step, "status") == "failed") {
            print_detail(failure);
        }
    }

    std::map<std::string, std::string> seen_;
};

int show(const Session& session, const std::string& target,
         const std::function<void(const json::value&)>& print) {
    return finish(session, session.get(target), print);
}

int history(const Session& session, const std::string& run) {
    const auto events = session.history(run);
    if (!events) {
        return fail(events.error());
    }
    if (session.as_json) {
        return print_json(json::object{{"events", *events}});
    }
    for (const auto& event : *events) {
        print_event(event);
    }
    return 0;
}

int timeline(const Session& session, const std::string& run) {
    const auto view = session.get(run_target(run));
    if (!view) {
        return fail(view.error());
    }
    const auto events = session.history(run);
    if (!events) {
        return fail(events.error());
    }
    const auto lines = timeline_of(*view, *events);
    if (session.as_json) {
        return print_json(lines);
    }
    print_timeline(*view, lines);
    return 0;
}

int diff(const Session& session, const std::string& run, const std::string& step) {
    return show(session, run_target(run, "/gates/" + url_encode(step)), [&](const json::value& gate) {
        print_plan(member(gate, "what"));
        // With the digest: what is approved is what was looked at, whatever the gate shows by then.
        std::printf("digest %s, round %lld\n  next: slipway approve %s %s --shown %s\n",
                    text(gate, "shown").c_str(), static_cast<long long>(number(gate, "round")), run.c_str(),
                    step.c_str(), text(gate, "shown").c_str());
    });
}

int logs(const Session& session, const std::string& run, const std::string& step, bool follow) {
    std::int64_t offset = 0;
    for (;;) {
        const auto answer = session.get(
            run_target(run, "/logs?step=" + url_encode(step) + "&offset=" + std::to_string(offset)));
        if (!answer) {
            return fail(answer.error());
        }
        std::printf("%s", text(*answer, "text").c_str());
        std::fflush(stdout);
        const bool more = number(*answer, "next") != offset;
        offset = number(*answer, "next");
        if (!more && (!follow || member(*answer, "over") == json::value(true))) {
            return 0;
        }
        if (!more) {
            ::usleep(300'000);
        }
    }
}

struct Names {
    std::string run;
    std::string step;
    std::string install;
    bool flag = false;
};

using Body = std::function<int(const Session&, const Names&)>;

CLI::App* add(Commands c, const char* name, const char* about, const std::shared_ptr<Names>& names,
              const Body& body) {
    auto* command = c.app.add_subcommand(name, about);
    command->callback(
        [=, chosen = &c.chosen, session = &c.session] { *chosen = [=] { return body(*session, *names); }; });
    return command;
}

}  // namespace

int watch_run(const Session& session, const std::string& run, bool until_waiting, bool quiet) {
    Teller teller;
    std::int64_t seen = 0;
    for (int lost = 0;;) {
        const auto answer = session.get(run_target(run, "/watch?wait_ms=20000&seen=" + std::to_string(seen)));
        if (!answer) {
            // A daemon that is being started again is worth waiting for.
            if (answer.error().error_class != slipway::ErrorClass::kEnvironment || ++lost > 60) {
                return fail(answer.error());
            }
            ::usleep(500'000);
            continue;
        }
        lost = 0;
        seen = number(*answer, "tick");
        if (quiet) {
            // Nothing but the exit code.
        } else if (session.as_json) {
            print_json(*answer);
        } else {
            teller.tell(*answer);
        }
        const std::string status = text(*answer, "status");
        const bool tells = !quiet && !session.as_json;
        if (is_over(status)) {
            if (tells) {
                std::printf("%s: %s%s%s\n", run.c_str(), status.c_str(),
                            text(*answer, "reason").empty() ? "" : ": ", text(*answer, "reason").c_str());
            }
            return status == "succeeded" ? 0 : 1;
        }
        bool busy = false;
        bool gate = false;
        for (const auto& step : list(*answer, "steps")) {
            const std::string state = text(step, "status");
            busy = busy || state == "running" || state == "ready" || state == "backing_off";
            gate = gate || (state == "waiting" && member(step, "gate").is_object());
        }
        if (until_waiting && !busy && (gate || status == "blocked" || status == "paused")) {
            if (tells) {
                std::printf("%s waits for you; slipway explain %s says why\n", run.c_str(), run.c_str());
            }
            return 3;
        }
    }
}

void add_run_commands(Commands c) {
    auto n = std::make_shared<Names>();
    auto* runs = add(c, "list", "runs that are not finished", n,
                     [](const Session& s, const Names& a) { return show_list(s, a.install, a.flag); });
    runs->add_option("--install", n->install);
    runs->add_flag("--all", n->flag, "finished ones too");
    auto* shown = add(c, "show", "a run and its steps", n, [](const Session& s, const Names& a) {
        return show(s, run_target(a.run), [](const json::value& run) { print_run(run, true); });
    });
    shown->add_option("run", n->run)->required();
    auto* watched = add(c, "watch", "a run as it goes on, a line for each change", n,
                        [](const Session& s, const Names& a) { return watch_run(s, a.run, a.flag); });
    watched->add_option("run", n->run)->required();
    watched->add_flag("--until-waiting", n->flag, "return (3) once only a person can move it");
    auto* explained =
        add(c, "explain", "why a run or a step waits, on whom, and what comes next", n,
            [](const Session& s, const Names& a) {
                return show(
                    s, run_target(a.run, "/explain" + (a.step.empty() ? "" : "?step=" + url_encode(a.step))),
                    print_explanation);
            });
    explained->add_option("run", n->run)->required();
    explained->add_option("step", n->step);
    auto* shown_diff = add(c, "diff", "what an open gate asks to approve", n,
                           [](const Session& s, const Names& a) { return diff(s, a.run, a.step); });
    shown_diff->add_option("run", n->run)->required();
    shown_diff->add_option("step", n->step)->required();
    auto* events = add(c, "history", "everything that was decided, in order", n,
                       [](const Session& s, const Names& a) { return history(s, a.run); });
    events->add_option("run", n->run)->required();
    auto* lines = add(c, "timeline", "when each step ran, how long, and what came of it", n,
                      [](const Session& s, const Names& a) { return timeline(s, a.run); });
    lines->add_option("run", n->run)->required();
    auto* logged = add(c, "logs", "what a step wrote", n,
                       [](const Session& s, const Names& a) { return logs(s, a.run, a.step, a.flag); });
    logged->add_option("run", n->run)->required();
    logged->add_option("step", n->step)->required();
    logged->add_flag("--follow,-f", n->flag);
}

}  // namespace cli
