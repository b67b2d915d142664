#include "engine/app/remote_mirror.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "engine/app/private_copy.hpp"
#include "slipway/ids.hpp"

namespace slipway::app {

namespace {

class FileLock {
public:
    explicit FileLock(const std::string& path)
        : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
        while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    ~FileLock() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    bool held() const { return fd_ >= 0; }

private:
    int fd_;
};

/// An agent's key once; anything else is refused instead of asked for again and again.
int credentials(git_credential** out, const char*, const char* user, unsigned int allowed, void* payload) {
    auto* tried = static_cast<bool*>(payload);
    if (*tried || (allowed & GIT_CREDENTIAL_SSH_KEY) == 0) {
        return GIT_EAUTH;
    }
    *tried = true;
    return git_credential_ssh_key_from_agent(out, user != nullptr ? user : "git");
}

Result<void> fetch(git_repository* repository, const std::string& url) {
    git_remote* made = nullptr;
    if (git_remote_create_anonymous(&made, repository, url.c_str()) != 0) {
        return git_error(ErrorCode::kInvalidArgument, "'" + url + "' is no address of a repository");
    }
    const GitRemote remote(made);
    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.prune = GIT_FETCH_PRUNE;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;  // the second line below takes them all
    bool tried = false;
    options.callbacks.credentials = credentials;
    options.callbacks.payload = &tried;
    std::array<std::string, 2> lines = {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"};
    std::array<char*, 2> pointers = {lines[0].data(), lines[1].data()};
    const git_strarray specs{pointers.data(), pointers.size()};
    const int rc = git_remote_fetch(made, &specs, &options, nullptr);
    if (rc != 0) {
        Error error = git_error(ErrorCode::kIo, "cannot fetch '" + url + "'");
        if (rc == GIT_EAUTH) {
            error.hint = "the repository wants a login; map it to a local copy with a mirror";
        }
        return error;
    }
    git_buf branch{};
    if (git_remote_default_branch(&branch, made) == 0) {
        git_repository_set_head(repository, branch.ptr);
    }
    git_buf_dispose(&branch);
    return {};
}

/// True when `ref` is a whole commit id that is already here: it can never mean anything else.
bool has_commit(git_repository* repository, const std::string& ref) {
    git_oid id{};
    if (ref.size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, ref.c_str()) != 0) {
        return false;
    }
    git_object* object = nullptr;
    if (git_object_lookup(&object, repository, &id, GIT_OBJECT_COMMIT) != 0) {
        return false;
    }
    const GitObject owner(object);
    return true;
}

}  // namespace

Result<GitRepository> open_mirror(const std::string& url, const std::string& ref,
                                  const lifecycle::SourceOptions& options) {
    use_git();
    const std::string folder = options.cache_dir + "/repositories";
    SLIPWAY_CHECK(make_private_folders(folder));
    const std::string path = folder + "/" + sha256(url).hex();
    const FileLock lock(path + ".lock");
    if (!lock.held()) {
        return environment_error(ErrorCode::kIo, "cannot lock '" + path + "'");
    }
    std::error_code ec;
    const bool known = std::filesystem::exists(path + ".git/HEAD", ec);
    if (!known && !options.allow_network) {
        return usage_error(ErrorCode::kNotFound,
                           "'" + url + "' is not in the cache, and the network is not allowed",
                           "map it to a local copy with a mirror");
    }
    git_repository* opened = nullptr;
    const int rc = known ? git_repository_open_bare(&opened, (path + ".git").c_str())
                         : git_repository_init(&opened, (path + ".git").c_str(), 1);
    GitRepository repository(opened);
    if (rc != 0) {
        return git_error(ErrorCode::kIo, "cannot open the copy of '" + url + "'");
    }
    if (!has_commit(opened, ref) && options.allow_network) {
        SLIPWAY_CHECK(fetch(opened, url));
    }
    return repository;
}

}  // namespace slipway::app
