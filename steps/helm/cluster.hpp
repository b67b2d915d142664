// One attempt's dealings with a release: its records, the objects that live, and runs of helm.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "steps/helm/bundle.hpp"
#include "steps/helm/recovery.hpp"
#include "steps/kubernetes/diff.hpp"

namespace slipway::helm {

struct Tooling {
    std::string helm;
    std::string kubectl;
};
Result<Tooling> find_tools(const HelmOptions& options);

/// Which release, where.
struct ReleaseName {
    std::string release;
    std::string space;
    Driver driver = Driver::kSecret;
};

class Cluster {
public:
    /// `prefix`: see Kubectl.
    Cluster(process::Tools& tools, const HelmOptions& options, const Tooling& tooling, ReleaseName name,
            kubernetes::Access access, const std::string& prefix);

    /// All revisions that are recorded, in their order.
    Result<std::vector<ReleaseRecord>> history();
    /// Writes another status into a record that nobody has changed since it was read.
    Result<void> mark(const ReleaseRecord& record, const std::string& status, const std::string& description);

    struct Live {
        std::vector<kubernetes::ObjectChange> changes;  ///< with those that change nothing
        std::vector<std::string> kept;  ///< would be deleted, but their resource policy says keep
    };
    /// What `documents` would change: against what lives and what the current revision says. What any
    /// recorded revision brought, that is still there as this release's own and in `documents` no more, is
    /// deleted.
    Result<Live> compare(const std::vector<std::string>& documents,
                         const std::vector<ReleaseRecord>& history);
    /// Deletes what `compare` calls deleted, each by its uid. What was deleted, by address.
    Result<std::vector<std::string>> prune(const std::vector<std::string>& documents,
                                           const std::vector<ReleaseRecord>& history);

    /// A run of helm, with the connection and private folders that it needs. `name` is that of the run.
    process::ToolRun helm_run(const std::string& name, std::vector<std::string> args,
                              const std::string& folder) const;
    kubernetes::Kubectl& kubectl() { return kubectl_; }

private:
    std::string records_path() const;
    Result<std::vector<std::pair<kubernetes::ObjectId, std::string>>> leftovers(
        const std::vector<kubernetes::ObjectId>& wanted, const std::vector<ReleaseRecord>& history,
        std::vector<std::string>& kept);

    process::Tools& tools_;
    const HelmOptions& options_;
    Tooling tooling_;
    ReleaseName name_;
    kubernetes::Access access_;
    kubernetes::Kubectl kubectl_;
};

/// Stubs (a YAML stream) of all objects that the revisions brought.
std::string known_objects(const std::vector<ReleaseRecord>& history, const std::string& space);

/// The revision whose manifest helm takes as what is there: the deployed one, else the newest.
const ReleaseRecord* current_of(const std::vector<ReleaseRecord>& history);

RevisionFacts facts_of(const ReleaseRecord& record, const Bundle* bundle);

}  // namespace slipway::helm
