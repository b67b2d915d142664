#include "engine/install/registry.hpp"

#include <chrono>
#include <random>

#include "engine/install/files.hpp"

namespace slipway::lifecycle {
namespace {

constexpr std::string_view kEnding = ".jsonl";

TimeMs system_now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

Registry::Registry(RegistryOptions options, int lock)
    : options_(std::move(options)), lock_(lock), versions_(options_.directory + "/apps") {
    if (!options_.now) {
        options_.now = system_now;
    }
}

Registry::~Registry() {
    files::unlock(lock_);
}

std::string Registry::file_of(const std::string& id) const {
    return options_.directory + "/installs/" + id + std::string(kEnding);
}

std::string Registry::new_id() const {
    if (options_.make_id) {
        return options_.make_id();
    }
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::random_device random;
    std::uniform_int_distribution<std::size_t> pick(0, kLetters.size() - 1);
    std::string id = "ins";
    for (int i = 0; i < 17; ++i) {
        id.push_back(kLetters[pick(random)]);
    }
    return id;
}

Result<void> Registry::load() {
    SLIPWAY_CHECK(files::make_dir(options_.directory + "/apps"));
    SLIPWAY_CHECK(files::make_dir(options_.directory + "/installs"));
    // What is synced in folders that are not themselves durable would be gone with them.
    SLIPWAY_CHECK(files::sync_dir(options_.directory));
    for (const auto& name : files::list(options_.directory + "/installs")) {
        if (name.ends_with(kEnding)) {
            SLIPWAY_CHECK(load_install(name.substr(0, name.size() - kEnding.size())));
        }
    }
    return {};
}

Result<void> Registry::load_install(const std::string& id) {
    const std::string file = file_of(id);
    SLIPWAY_TRY(const std::string bytes, files::read(file));
    Record record;
    record.install.id = id;
    std::size_t at = 0;
    std::size_t number = 0;
    for (std::size_t end = bytes.find('\n'); end != std::string::npos; end = bytes.find('\n', at)) {
        ++number;
        auto change = read_change(std::string_view(bytes).substr(at, end - at), id, options_.sealer.get());
        auto applied = change ? apply_change(record, *change) : Result<void>(change.error());
        if (!applied) {
            Error error = applied.error();
            const ErrorCode code = error.code == ErrorCode::kKey ? ErrorCode::kKey : ErrorCode::kCorrupt;
            return environment_error(code, file + ":" + std::to_string(number) + ": " + error.message,
                                     error.hint);
        }
        at = end + 1;
    }
    if (at < bytes.size()) {
        // A crash cut the last line off before it was acknowledged.
        SLIPWAY_CHECK(files::truncate(file, at));
    }
    if (record.state.version == 0) {
        return files::remove(file);
    }
    records_.emplace(id, std::move(record));
    return {};
}

Result<Record*> Registry::find(const std::string& install) {
    if (const auto found = records_.find(install); found != records_.end()) {
        return &found->second;
    }
    for (auto& entry : records_) {
        if (entry.second.install.name == install) {
            return &entry.second;
        }
    }
    return usage_error(ErrorCode::kNotFound, "there is no install '" + install + "'",
                       "list the installs to see them");
}

Result<void> Registry::keep(Record& record, Change change, const std::string& by) {
    if (record.broken) {
        return environment_error(ErrorCode::kIo,
                                 "the file of install " + record.install.id + " has to be repaired",
                                 "restart once the disk takes writes again");
    }
    change.head.version = record.state.version + 1;
    change.head.at_ms = options_.now();
    change.head.by = by;
    SLIPWAY_TRY(const std::string line, write_change(change, record.install.id, options_.sealer.get()));
    // Tried on a copy, without the history, so that a change that does not fit is never written.
    Record next;
    next.install = record.install;
    next.state = record.state;
    SLIPWAY_CHECK(apply_change(next, change));
    SLIPWAY_CHECK(files::append_synced(file_of(record.install.id), line, record.broken));
    record.install = std::move(next.install);
    record.state = std::move(next.state);
    record.history.push_back(std::move(next.history.back()));  // with the note that was applied
    record.reported.merge(next.reported);
    return {};
}

Result<std::shared_ptr<const AppVersion>> Registry::version_of(const Record& record) {
    return versions_.get(record.install.app, record.install.version);
}

Result<std::unique_ptr<InstallRegistry>> InstallRegistry::open(RegistryOptions options) {
    SLIPWAY_CHECK(files::make_dir(options.directory));
    SLIPWAY_TRY(const int lock, files::lock(options.directory));
    auto registry = std::make_unique<Registry>(std::move(options), lock);
    SLIPWAY_CHECK(registry->load());
    return std::unique_ptr<InstallRegistry>(std::move(registry));
}

}  // namespace slipway::lifecycle
