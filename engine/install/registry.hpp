// The registry behind InstallRegistry: versions, and one record with a journal for each install.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/install/install_change.hpp"
#include "engine/install/version_store.hpp"

namespace slipway::lifecycle {

class Registry final : public InstallRegistry {
public:
    Registry(RegistryOptions options, int lock);
    ~Registry() override;
    Result<void> load();

    Result<std::shared_ptr<const AppVersion>> sync_version(SyncRequest request) override;
    Result<std::shared_ptr<const AppVersion>> version(const std::string& app, const Digest& digest) override;
    std::vector<std::string> apps() override;
    std::vector<Digest> versions(const std::string& app) override;
    Result<std::map<std::string, std::vector<Digest>>> all_versions() override;

    Result<Install> create_install(NewInstall request, const std::string& by) override;
    Result<std::vector<std::string>> update_inputs(const std::string& install, const StringMap& inputs,
                                                   const std::string& by) override;
    Result<bool> set_settings(const std::string& install, const InstallSettings& settings,
                              const std::string& by) override;
    Result<void> set_version(const std::string& install, const Digest& version,
                             const std::string& by) override;
    Result<void> set_stack_outputs(const std::string& install, const Outputs& outputs,
                                   const std::string& by) override;
    Result<void> note(const std::string& install, const std::string& what, const std::string& part,
                      const std::string& why, const std::string& by) override;
    Result<void> forget(const std::string& install, const std::string& by) override;

    Result<Install> get(const std::string& install) override;
    std::vector<Install> list() override;
    Result<InstallState> state(const std::string& install) override;
    Result<std::vector<InstallChange>> history(const std::string& install) override;
    Result<StateDocument> state_json(const std::string& install, bool masked) override;
    Result<void> report(const std::string& install, const PartReport& report) override;

private:
    using Lock = std::lock_guard<std::mutex>;

    // All of these expect the mutex to be held.
    Result<Record*> find(const std::string& install);
    Result<std::shared_ptr<const AppVersion>> version_of(const Record& record);
    Result<Digest> chosen_version(const NewInstall& request) const;
    Result<void> keep(Record& record, Change change, const std::string& by);
    Result<void> load_install(const std::string& id);
    std::string file_of(const std::string& id) const;
    std::string new_id() const;

    RegistryOptions options_;
    int lock_;
    std::mutex mutex_;
    VersionStore versions_;
    std::map<std::string, Record> records_;
};

}  // namespace slipway::lifecycle
