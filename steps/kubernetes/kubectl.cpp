#include "steps/kubernetes/kubectl.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "steps/kubernetes/json.hpp"

namespace slipway::kubernetes {
namespace {

constexpr std::uint32_t kBodyFd = 3;
constexpr std::size_t kMaxAnswer = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kMaxSaid = std::size_t{16} * 1024;

bool says(const Error& error, std::string_view text) {
    return error.message.find(text) != std::string::npos;
}

/// What a client could not do although the request was fine: may be better the next time.
Error sorted(Error error) {
    if (says(error, "(Conflict)") || says(error, "the object has been modified")) {
        error.code = ErrorCode::kConflict;
    } else if (says(error, "(AlreadyExists)")) {
        error.code = ErrorCode::kAlreadyExists;
    } else if (says(error, "Unable to connect") || says(error, "connection refused") ||
               says(error, "connection reset") || says(error, "EOF") || says(error, "i/o timeout") ||
               says(error, "(InternalError)") || says(error, "(ServiceUnavailable)") ||
               says(error, "TLS handshake timeout") || says(error, "(TooManyRequests)") ||
               says(error, "(ServerTimeout)") || says(error, "(Timeout)") ||
               says(error, "an error on the server")) {
        error.code = ErrorCode::kIo;
    }
    return error;
}

json::object list_of(json::array items) {
    return {{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}};
}

Result<std::vector<json::object>> printed_objects(const std::string& text) {
    std::vector<json::object> out;
    if (text.find_first_not_of(" \n\t\r") == std::string::npos) {
        return out;
    }
    // kubectl prints one object as it is, several as a List, and with apply each on its own.
    json::stream_parser parser;
    std::size_t from = 0;
    while (from < text.size()) {
        json::error_code error;
        const auto used = parser.write_some(text.data() + from, text.size() - from, error);
        if (error) {
            return environment_error(ErrorCode::kCorrupt, "kubectl printed something that is not JSON");
        }
        from += used;
        if (!parser.done()) {
            break;
        }
        const auto value = parser.release();
        parser.reset();
        if (const auto* object = value.if_object()) {
            if (text_of(*object, "kind") == "List") {
                for (const auto& item : array_of(*object, "items")) {
                    out.push_back(item.as_object());
                }
            } else {
                out.push_back(*object);
            }
        }
        from = std::min(text.find_first_not_of(" \n\t\r", from), text.size());
    }
    return out;
}

}  // namespace

Kubectl::Kubectl(process::Tools& tools, std::string program, Access access, std::string prefix,
                 const ClusterOptions& options)
    : tools_(tools),
      program_(std::move(program)),
      access_(std::move(access)),
      prefix_(std::move(prefix)),
      options_(options) {}

Result<std::string> Kubectl::run(const std::string& what, std::vector<std::string> args,
                                 const std::string& body) {
    SLIPWAY_TRY(const auto folder, tools_.folder());
    process::ToolRun run;
    run.name = prefix_ + "-" + std::to_string(++count_) + "-" + what;
    run.program = program_;
    run.argv = {"kubectl", "--kubeconfig=" + hand_over_kubeconfig(access_, run),
                "--cache-dir=" + folder + "/kube-cache", "--request-timeout=60s"};
    if (!access_.context.empty()) {
        run.argv.push_back("--context=" + access_.context);
    }
    run.argv.insert(run.argv.end(), args.begin(), args.end());
    run.env = options_.env;
    run.env["KUBECACHEDIR"] = folder + "/kube-cache";
    run.time_limit_ms = options_.request_limit_ms;
    run.output_max = kMaxAnswer;
    if (!body.empty()) {
        run.fds[kBodyFd] = body;
        run.argv.insert(run.argv.end(), {"-f", "/dev/fd/" + std::to_string(kBodyFd)});
    }
    auto output = tools_.run(run);
    if (output) {
        return output;
    }
    // Conflicts are told over many lines, and the first ones matter most.
    auto error = output.error();
    const auto said =
        process::read_output(folder + "/" + run.name, process::OutputStream::kStderr, 0, kMaxSaid);
    if (error.code == ErrorCode::kRefused && said && !said->empty()) {
        error.message = "kubectl: " + *said;
    }
    return sorted(std::move(error));
}

Result<std::optional<json::object>> Kubectl::get_raw(const std::string& path) {
    const auto text = run("get", {"get", "--raw", path}, {});
    if (!text) {
        return says(text.error(), "(NotFound)") ? Result<std::optional<json::object>>(std::nullopt)
                                                : text.error();
    }
    SLIPWAY_TRY(auto object, parse_object(*text, "what " + path + " answered"));
    return std::optional<json::object>(std::move(object));
}

Result<std::vector<json::object>> Kubectl::get_all(const std::vector<ObjectId>& ids) {
    if (ids.empty()) {
        return std::vector<json::object>();
    }
    json::array items;
    for (const auto& id : ids) {
        items.push_back(stub_of(id));
    }
    const auto body = json::serialize(list_of(std::move(items)));
    const auto text = run("objects", {"get", "--ignore-not-found", "-o", "json"}, body);
    if (text) {
        return printed_objects(*text);
    }
    if (!says(text.error(), "no matches for kind") && !says(text.error(), "resource mapping not found")) {
        return text.error();
    }
    SLIPWAY_TRY(const auto those, known(ids));
    if (those.size() == ids.size()) {
        return text.error();
    }
    return get_all(those);
}

Result<std::vector<ObjectId>> Kubectl::known(const std::vector<ObjectId>& ids) {
    std::vector<ObjectId> out;
    for (const auto& id : ids) {
        SLIPWAY_TRY(const auto path, path_of(id));
        if (path) {
            out.push_back(id);
        }
    }
    return out;
}

Result<const json::object*> Kubectl::resources(const std::string& api_version) {
    auto found = resources_.find(api_version);
    if (found == resources_.end()) {
        const bool core = api_version.find('/') == std::string::npos;
        SLIPWAY_TRY(auto list, get_raw((core ? "/api/" : "/apis/") + api_version));
        found = resources_.emplace(api_version, list ? std::move(*list) : json::object()).first;
    }
    return &found->second;
}

Result<std::optional<std::string>> Kubectl::path_of(const ObjectId& id) {
    SLIPWAY_TRY(const auto* list, resources(id.api_version));
    for (const auto& item : array_of(*list, "resources")) {
        const auto& resource = item.as_object();
        const auto name = text_of(resource, "name");
        if (text_of(resource, "kind") != id.kind || name.find('/') != std::string::npos) {
            continue;
        }
        const bool core = id.api_version.find('/') == std::string::npos;
        auto path = (core ? "/api/" : "/apis/") + id.api_version;
        if (flag_of(resource, "namespaced")) {
            path += "/namespaces/" + (id.space.empty() ? "default" : id.space);
        }
        return std::optional<std::string>(path + "/" + name + (id.name.empty() ? "" : "/" + id.name));
    }
    return std::optional<std::string>();
}

Result<void> Kubectl::replace_raw(const std::string& path, const json::object& object) {
    SLIPWAY_TRY([[maybe_unused]] const auto text,
                run("replace", {"replace", "--raw", path}, json::serialize(object)));
    return {};
}

Result<void> Kubectl::create_raw(const std::string& path, const json::object& object) {
    SLIPWAY_TRY([[maybe_unused]] const auto text,
                run("create", {"create", "--raw", path}, json::serialize(object)));
    return {};
}

Result<bool> Kubectl::remove(const ObjectId& id, const std::string& uid, const std::string& propagation) {
    SLIPWAY_TRY(const auto path, path_of(id));
    if (!path) {
        return false;
    }
    const json::object options{{"apiVersion", "v1"},
                               {"kind", "DeleteOptions"},
                               {"preconditions", json::object{{"uid", uid}}},
                               {"propagationPolicy", propagation}};
    const auto text = run("delete", {"delete", "--raw", *path}, json::serialize(options));
    if (text) {
        return true;
    }
    const bool other = says(text.error(), "(NotFound)") || says(text.error(), "UID in");
    return other ? Result<bool>(false) : text.error();
}

Result<Kubectl::Applied> Kubectl::apply(const std::vector<json::object>& objects, const std::string& manager,
                                        bool force, bool dry_run) {
    // A stream and no List: a List is checked against a schema of its own, which not every server has.
    std::string stream;
    for (const auto& object : objects) {
        stream += "---\n" + json::serialize(object) + "\n";
    }
    std::vector<std::string> args = {"apply", "--server-side", "--field-manager=" + manager, "-o", "json"};
    if (force) {
        args.emplace_back("--force-conflicts");
    }
    if (dry_run) {
        args.emplace_back("--dry-run=server");
    }
    const auto text = run(dry_run ? "predict" : "apply", std::move(args), stream);
    if (!text) {
        const bool conflict =
            says(text.error(), "Apply failed with") || says(text.error(), "conflicts with the field manager");
        return conflict ? Result<Applied>(Applied{{}, text.error().message}) : text.error();
    }
    SLIPWAY_TRY(auto printed, printed_objects(*text));
    return Applied{std::move(printed), {}};
}

const json::object* find_object(const std::vector<json::object>& objects, const ObjectId& id) {
    const auto found = std::find_if(objects.begin(), objects.end(), [&](const json::object& object) {
        const auto its = id_of(object);
        return its && same_object(*its, id);
    });
    return found == objects.end() ? nullptr : &*found;
}

}  // namespace slipway::kubernetes
