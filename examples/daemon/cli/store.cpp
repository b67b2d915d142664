// `slipway store …`: a store that no process uses, looked into and repaired.
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "commands.hpp"
#include "print.hpp"
#include "slipway/check.hpp"
#include "slipway/store.hpp"

namespace cli {

using namespace slipway;

namespace {

/// Where a store is, and the keys of what is sealed in it.
struct Place {
    std::string directory;
    std::string keys;
};

/// DIR is a store, or a daemon's data directory with one in it.
Place place_of(const std::string& directory, const std::string& keys) {
    std::error_code code;
    const std::filesystem::path given(directory);
    const bool is_data = !std::filesystem::exists(given / "format", code) &&
                         std::filesystem::exists(given / "engine" / "format", code);
    Place place{is_data ? (given / "engine").string() : directory, keys};
    const auto beside = is_data ? given / "keys" : given / ".." / "keys";
    if (keys.empty() && std::filesystem::exists(beside, code)) {
        place.keys = beside.string();
    }
    return place;
}

json::array names_of(const std::vector<RunId>& runs) {
    json::array out;
    for (const auto& run : runs) {
        out.emplace_back(run.str());
    }
    return out;
}

json::array ranges_of(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges) {
    json::array out;
    for (const auto& [first, last] : ranges) {
        out.push_back(json::array{first, last});
    }
    return out;
}

struct Looked {
    StoreCheck store;
    RunsCheck runs;

    bool is_sound() const { return store.damage.empty() && store.findings.empty() && runs.findings.empty(); }
};

Result<Looked> look(const Place& place) {
    Looked looked;
    const RocksDbStoreOptions options{.directory = place.directory};
    SLIPWAY_TRY(looked.store, check_rocksdb_store(options, 0));
    if (!looked.store.damage.empty()) {
        return looked;  // what the runs say cannot be told before the repair
    }
    std::shared_ptr<KeyProvider> keys;
    if (!place.keys.empty()) {
        SLIPWAY_TRY(keys, open_file_keys(place.keys));
    }
    SLIPWAY_TRY(const auto store, open_rocksdb_store_to_read(options));
    SLIPWAY_TRY(looked.runs, check_runs(*store, keys));
    return looked;
}

json::object to_json(const Place& place, const Looked& looked) {
    json::array findings;
    for (const auto* list : {&looked.store.findings, &looked.runs.findings}) {
        for (const auto& one : *list) {
            findings.push_back(json::object{{"run", one.run.str()}, {"what", one.what}});
        }
    }
    return {
        {"directory", place.directory},
        {"sound", looked.is_sound()},
        {"damage", looked.store.damage},
        {"findings", std::move(findings)},
        {"format", looked.store.format},
        {"epoch", looked.store.epoch},
        {"last_tick", looked.store.last_tick},
        {"folded_through", looked.store.folded_through},
        {"journal_records", looked.store.records},
        {"checkpoints", looked.store.runs},
        {"blobs", looked.store.blobs},
        {"given_up", ranges_of(looked.store.given_up)},
        {"quarantined", names_of(looked.store.quarantined)},
        {"runs", looked.runs.runs},
        {"unfinished", looked.runs.unfinished},
        {"unopened", looked.runs.unopened},
        {"places_held", looked.runs.places_held},
        {"places_awaited", looked.runs.places_awaited},
        {"blobs_unreferenced", looked.runs.blobs_unreferenced ? json::value(*looked.runs.blobs_unreferenced)
                                                              : json::value(nullptr)}};
}

void print_check(const json::value& check) {
    const auto count = [&](const char* key) { return static_cast<long long>(number(check, key)); };
    std::printf("%s: format %lld, ticks to %lld, folded through %lld, %lld in the journal\n",
                text(check, "directory").c_str(), count("format"), count("last_tick"),
                count("folded_through"), count("journal_records"));
    for (const auto& range : list(check, "given_up")) {
        std::printf("ticks %s were given up in a repair\n", json::serialize(range).c_str());
    }
    for (const auto& run : list(check, "quarantined")) {
        std::printf("quarantined: %s\n", run.as_string().c_str());
    }
    for (const auto& finding : list(check, "findings")) {
        std::printf("%s%s%s\n", text(finding, "run").c_str(), text(finding, "run").empty() ? "" : ": ",
                    text(finding, "what").c_str());
    }
    if (!text(check, "damage").empty()) {
        std::printf("damaged: %s\n  next: slipway store repair %s shows what would be lost\n",
                    text(check, "damage").c_str(), text(check, "directory").c_str());
        return;
    }
    std::printf("%lld runs, %lld unfinished, %lld places held, %lld awaited\n", count("runs"),
                count("unfinished"), count("places_held"), count("places_awaited"));
    if (count("unopened") != 0) {
        std::printf(
            "%lld runs were not looked into (quarantined, or sealed and the keys are not here: --keys)\n",
            count("unopened"));
    }
    std::printf(member(check, "sound").as_bool() ? "sound\n" : "not sound\n");
}

int check(const Place& place, bool as_json) {
    const auto looked = look(place);
    if (!looked) {
        return fail(looked.error());
    }
    const json::value answer = to_json(place, *looked);
    if (as_json) {
        (void)print_json(answer);
    } else {
        print_check(answer);
    }
    return looked->is_sound() ? 0 : 1;
}

void print_repair(const Place& place, const RepairReport& report, bool accept_loss) {
    if (report.damage.empty()) {
        std::printf("%s: nothing to repair\n", place.directory.c_str());
        return;
    }
    std::printf("damaged: %s\n", report.damage.c_str());
    if (report.first_lost != 0) {
        std::printf("ticks %llu to %llu %s lost\n", static_cast<unsigned long long>(report.first_lost),
                    static_cast<unsigned long long>(report.last_lost), accept_loss ? "are" : "would be");
    }
    for (const auto& run : report.quarantined) {
        std::printf("%s: %s\n", accept_loss ? "quarantined" : "would be quarantined", run.str().c_str());
    }
    if (!accept_loss) {
        std::printf(
            "nothing was changed\n  next: copy the directory, then slipway store repair --accept-loss %s\n",
            place.directory.c_str());
    }
}

/// 0 when there is nothing left to repair.
int repair(const Place& place, bool accept_loss, bool as_json) {
    const RocksDbStoreOptions options{.directory = place.directory};
    auto report = repair_rocksdb_store(options, 0, false);
    if (report && accept_loss && !report->damage.empty()) {
        report = repair_rocksdb_store(options, 0, true);
    }
    if (!report) {
        return fail(report.error());
    }
    const bool repaired = accept_loss && !report->damage.empty();
    if (as_json) {
        (void)print_json(json::object{{"directory", place.directory},
                                      {"damage", report->damage},
                                      {"repaired", repaired},
                                      {"first_lost", report->first_lost},
                                      {"last_lost", report->last_lost},
                                      {"quarantined", names_of(report->quarantined)}});
    } else {
        print_repair(place, *report, accept_loss);
    }
    return report->damage.empty() || repaired ? 0 : 1;
}

}  // namespace

void add_store_commands(Commands c) {
    auto* store = c.app.add_subcommand("store", "look into a store that no process uses, repair it, copy it");
    store->require_subcommand(1);
    auto directory = std::make_shared<std::string>();
    auto keys = std::make_shared<std::string>();
    auto accept_loss = std::make_shared<bool>(false);
    auto* look_at = store->add_subcommand("check", "read everything and say what is wrong; changes nothing");
    look_at->add_option("dir", *directory, "a store, or a daemon's data directory")->required();
    look_at->add_option("--keys", *keys, "the key file (default: \"keys\" beside the store)");
    look_at->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return check(place_of(*directory, *keys), session->as_json); };
    });
    auto* mend =
        store->add_subcommand("repair", "say what a repair would lose, or with --accept-loss repair");
    mend->add_option("dir", *directory, "a store, or a daemon's data directory")->required();
    mend->add_flag("--accept-loss", *accept_loss,
                   "cut the journal at the damage and quarantine the runs that may be concerned");
    mend->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return repair(place_of(*directory, {}), *accept_loss, session->as_json); };
    });
    add_backup_commands(*store, c);
}

}  // namespace cli
