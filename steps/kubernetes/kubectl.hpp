// kubectl as the client of a cluster, in supervised runs of an attempt. Bodies travel through descriptors;
// what stands in arguments is no secret.
#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "slipway/steps/kubernetes.hpp"
#include "steps/kubernetes/mask.hpp"
#include "steps/kubernetes/objects.hpp"
#include "steps/process/tool_steps.hpp"

namespace slipway::kubernetes {

/// How a cluster is reached.
struct Access {
    std::string kubeconfig = {};  ///< absolute path; empty: `content` is its text
    std::string content = {};     ///< a secret: it goes through a descriptor
    std::string context = {};     ///< empty: the file's current one
};
/// The path under which `run` will find the kubeconfig.
std::string hand_over_kubeconfig(const Access& access, process::ToolRun& run);

class Kubectl {
public:
    /// `prefix` begins the names of its runs: no other run of the attempt may have it.
    Kubectl(process::Tools& tools, std::string program, Access access, std::string prefix,
            const ClusterOptions& options);

    /// The object at a path of the API; nothing on 404.
    Result<std::optional<boost::json::object>> get_raw(const std::string& path);
    /// Those of `ids` that exist. A kind that the cluster does not know has no objects.
    Result<std::vector<boost::json::object>> get_all(const std::vector<ObjectId>& ids);
    /// PUT; kConflict when the object was changed since the resourceVersion in `object`.
    Result<void> replace_raw(const std::string& path, const boost::json::object& object);
    /// POST; kAlreadyExists.
    Result<void> create_raw(const std::string& path, const boost::json::object& object);
    /// Deletes the object with this uid and no other of its name. False: it was gone, or another stands
    /// there.
    Result<bool> remove(const ObjectId& id, const std::string& uid, const std::string& propagation);

    struct Applied {
        std::vector<boost::json::object> objects;  ///< as the server has (or would have) them
        std::string conflicts;                     ///< not empty: nothing certain was applied, and why
    };
    /// Server-side apply of objects that all have different names. A conflict is no error.
    Result<Applied> apply(const std::vector<boost::json::object>& objects, const std::string& manager,
                          bool force, bool dry_run);

    /// The API path of the collection or, with a name, of the object; nothing when the kind is unknown.
    Result<std::optional<std::string>> path_of(const ObjectId& id);

private:
    Result<std::string> run(const std::string& what, std::vector<std::string> args, const std::string& body);
    Result<const boost::json::object*> resources(const std::string& api_version);
    Result<std::vector<ObjectId>> known(const std::vector<ObjectId>& ids);

    process::Tools& tools_;
    std::string program_;
    Access access_;
    std::string prefix_;
    const ClusterOptions& options_;
    int count_ = 0;
    std::map<std::string, boost::json::object> resources_;  ///< by API version; empty: there is none
};

/// The object of this id among `objects`, or null.
const boost::json::object* find_object(const std::vector<boost::json::object>& objects, const ObjectId& id);

/// Options and inputs of both families say the cluster alike: {"kubeconfig": path, "context": name}, else
/// {"cluster": {"install", "context"}} for the host's hook, else the host's own. `mask` knows what is secret
/// in it then.
Result<Access> access_of(AttemptContext& context, const boost::json::object& input,
                         const ClusterOptions& options, Mask& mask);

}  // namespace slipway::kubernetes
