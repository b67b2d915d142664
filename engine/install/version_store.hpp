// Synced versions of apps on disk: a copy of the files that make an app up, beside a document that says where
// it came from.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "slipway/lifecycle/install.hpp"

namespace slipway::lifecycle {

/// Not thread-safe: the registry's mutex guards it.
class VersionStore {
public:
    explicit VersionStore(std::string directory) : directory_(std::move(directory)) {}

    /// Durable when it returns. A copy of the same digest that is damaged is written anew.
    Result<std::shared_ptr<const AppVersion>> sync(const SyncRequest& request, TimeMs now);
    Result<std::shared_ptr<const AppVersion>> get(const std::string& app, const Digest& digest);
    std::vector<std::string> apps() const;
    /// Oldest first, by when they were last synced.
    std::vector<Digest> versions(const std::string& app) const;
    /// Of every app; an error when a folder or a document cannot be read.
    Result<std::map<std::string, std::vector<Digest>>> all() const;

private:
    std::string folder_of(const std::string& app, const Digest& digest) const;
    Result<void> write_copy(const SyncRequest& request, const std::string& folder) const;
    Result<void> take_in(const std::string& beside, const std::string& folder) const;

    std::string directory_;
    std::map<std::string, std::shared_ptr<const AppVersion>> loaded_;  ///< by folder
};

}  // namespace slipway::lifecycle
