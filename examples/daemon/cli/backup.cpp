// `slipway store backup`, `store restore` and `keys …`: copies of a store, and another key for what is
// sealed.
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "commands.hpp"
#include "json_view.hpp"
#include "print.hpp"
#include "slipway/secrets.hpp"
#include "slipway/store.hpp"

namespace cli {

using namespace slipway;

namespace {

std::string absolute(const std::string& path) {
    std::error_code code;
    return std::filesystem::absolute(path, code).lexically_normal().string();
}

/// A store, or a daemon's data directory with one in it.
std::string store_in(const std::string& given) {
    std::error_code code;
    return std::filesystem::exists(given + "/engine/format", code) ? given + "/engine" : given;
}

void print_backup(const json::value& answer) {
    std::printf("%s: %lld files, %lld bytes, verified\n", text(answer, "directory").c_str(),
                static_cast<long long>(number(answer, "files")),
                static_cast<long long>(number(answer, "bytes")));
}

int show(const Session& session, const std::string& directory, const Result<BackupReport>& report) {
    return finish(
        session,
        report ? Result<json::value>(host::to_json(directory, *report)) : Result<json::value>(report.error()),
        print_backup);
}

Result<BackupReport> backup_of(const std::string& store, const std::string& directory) {
    SLIPWAY_TRY(const auto opened, open_rocksdb_store_to_read({.directory = store}));
    return opened->backup(directory);
}

int backup(const Session& session, const std::string& directory, const std::string& from) {
    const std::string target = absolute(directory);
    if (!from.empty()) {
        return show(session, target, backup_of(store_in(from), target));
    }
    return finish(session, session.send("POST", "/v1/store/backup", json::object{{"directory", target}}),
                  print_backup);
}

int restore(const Session& session, const std::string& from, const std::string& directory, bool only_verify) {
    if (only_verify) {
        return show(session, absolute(from), verify_backup(from));
    }
    const std::string target = absolute(directory);
    return show(session, target, restore_rocksdb_store(from, target));
}

int rotate(const Session& session, const std::string& given) {
    std::error_code code;
    const std::string file = std::filesystem::is_directory(given, code) ? given + "/keys" : given;
    if (!std::filesystem::exists(file, code)) {
        return fail(environment_error(ErrorCode::kNotFound, "there is no key file " + file));
    }
    const auto key = rotate_file_keys(file);
    return finish(
        session,
        key ? Result<json::value>(json::object{{"file", file}, {"key", *key}})
            : Result<json::value>(key.error()),
        [](const json::value& answer) {
            std::printf("%s: new key %s; older keys stay, for what they sealed\n",
                        text(answer, "file").c_str(), text(answer, "key").c_str());
            std::printf("  next: slipway keys status shows how far a running daemon has sealed anew\n");
        });
}

int status(const Session& session) {
    return finish(session, session.get("/v1/store/keys"), [](const json::value& answer) {
        const auto count = [&](const char* key) { return static_cast<long long>(number(answer, key)); };
        std::printf("key %s: %s, %lld runs and %lld blobs looked at, %lld sealed anew, %lld unreadable\n",
                    text(answer, "key").c_str(),
                    member(answer, "complete").as_bool() ? "complete" : "at work", count("runs"),
                    count("blobs"), count("resealed"), count("unreadable"));
        if (const auto first = text(answer, "first_unreadable"); !first.empty()) {
            std::printf("  %s\n", first.c_str());
        }
    });
}

}  // namespace

void add_backup_commands(CLI::App& store, Commands c) {
    struct Arguments {
        std::string directory;
        std::string from;
        bool verify = false;
    };
    const auto a = std::make_shared<Arguments>();
    auto* save =
        store.add_subcommand("backup", "a verified copy of the engine's store while the daemon runs");
    save->add_option("dir", a->directory, "absent or empty")->required();
    save->add_option("--from", a->from, "a store, or a daemon's data directory, that no daemon has open");
    save->callback([=, chosen = &c.chosen, session = &c.session] {
        *chosen = [=] { return backup(*session, a->directory, a->from); };
    });
    auto* load = store.add_subcommand("restore", "make a store of a backup; needs no daemon");
    load->add_option("backup", a->from)->required();
    auto* target =
        load->add_option("dir", a->directory, "the new store: DATA/engine of a daemon; absent or empty");
    load->add_flag("--verify", a->verify, "only read the backup, and compare it with its checksums");
    load->callback([=, chosen = &c.chosen, session = &c.session] {
        if (!a->verify && target->count() == 0) {
            throw CLI::RequiredError("dir");
        }
        *chosen = [=] { return restore(*session, a->from, a->directory, a->verify); };
    });
}

void add_key_commands(Commands c) {
    auto* keys = c.app.add_subcommand("keys", "the keys of what is sealed");
    keys->require_subcommand(1);
    auto file = std::make_shared<std::string>();
    auto* turn = keys->add_subcommand("rotate", "add a new key; a running daemon seals anew by itself");
    turn->add_option("file", *file, "the key file, or a daemon's data directory")->required();
    turn->callback(
        [=, chosen = &c.chosen, session = &c.session] { *chosen = [=] { return rotate(*session, *file); }; });
    auto* how = keys->add_subcommand("status", "how far the daemon has sealed anew");
    how->callback(
        [chosen = &c.chosen, session = &c.session] { *chosen = [session] { return status(*session); }; });
}

}  // namespace cli
