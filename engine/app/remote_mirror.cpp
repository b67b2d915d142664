#include "engine/app/remote_mirror.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <set>

#include "engine/app/location.hpp"
#include "engine/app/private_copy.hpp"
#include "slipway/ids.hpp"

namespace slipway::lifecycle {

struct FetchSession::State {
    std::mutex mutex;
    std::set<std::string> fetched;
};
FetchSession::FetchSession() : state_(std::make_unique<State>()) {}
FetchSession::~FetchSession() = default;

}  // namespace slipway::lifecycle

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

/// With its port: another one is another server.
std::string host_of(const std::string& url) {
    const std::string plain = without_login(url);
    const std::size_t scheme = plain.find("://");
    if (scheme == std::string::npos) {  // user@host:path
        const std::size_t begin = plain.find('@') + 1;
        return plain.substr(begin, plain.find_first_of(":/", begin) - begin) + ":22";
    }
    const std::size_t at = plain.find('@', scheme);
    const std::size_t slash = plain.find('/', scheme + 3);
    const std::size_t begin = at < slash ? at + 1 : scheme + 3;
    std::string host = plain.substr(begin, slash == std::string::npos ? slash : slash - begin);
    if (host.find(':', host.rfind(']') == std::string::npos ? 0 : host.rfind(']')) == std::string::npos) {
        const std::string name = plain.substr(0, scheme);
        host += name == "https" ? ":443" : name == "http" ? ":80" : ":22";
    }
    return host;
}

struct FetchAttempt {
    const lifecycle::SourceOptions& options;
    const std::string& url;
    std::chrono::steady_clock::time_point until;
    bool tried = false;
    bool refused = false;
    bool too_large = false;
    bool too_slow = false;
};

/// Asked for every few objects: what never ends, ends here.
int progress(const git_indexer_progress* stats, void* payload) {
    auto* attempt = static_cast<FetchAttempt*>(payload);
    attempt->too_large = stats->received_bytes > attempt->options.largest_fetch;
    attempt->too_slow = std::chrono::steady_clock::now() >= attempt->until;
    return attempt->too_large || attempt->too_slow ? GIT_EUSER : 0;
}

int said(const char*, int, void* payload) {
    auto* attempt = static_cast<FetchAttempt*>(payload);
    attempt->too_slow = std::chrono::steady_clock::now() >= attempt->until;
    return attempt->too_slow ? GIT_EUSER : 0;
}

Error fetch_error(const FetchAttempt& attempt, int rc) {
    const std::string what = "cannot fetch '" + without_login(attempt.url) + "'";
    if (attempt.too_large) {
        return environment_error(ErrorCode::kLimit, what + ": it is larger than the " +
                                                        std::to_string(attempt.options.largest_fetch) +
                                                        " bytes that one fetch may bring");
    }
    if (attempt.too_slow) {
        return environment_error(
            ErrorCode::kTimeout,
            what + ": not done in " + std::to_string(attempt.options.fetch_timeout_ms) + " ms");
    }
    Error error = git_error(ErrorCode::kIo, what);
    if (rc == GIT_EAUTH) {
        error.code = ErrorCode::kForbidden;
        error.hint = attempt.refused ? "the repository refused the login"
                                     : "the repository wants a login, or is not there";
    }
    return error;
}

/// One login once; a refused one is not offered again and again.
int credentials(git_credential** out, const char* url, const char* user, unsigned int allowed,
                void* payload) {
    auto* attempt = static_cast<FetchAttempt*>(payload);
    if (attempt->tried || (url != nullptr && host_of(url) != host_of(attempt->url))) {
        attempt->refused = attempt->tried;
        return GIT_EAUTH;
    }
    attempt->tried = true;
    const auto login = attempt->options.login ? attempt->options.login(attempt->url) : std::nullopt;
    const std::string name = user != nullptr ? user : login && !login->user.empty() ? login->user : "git";
    if ((allowed & GIT_CREDENTIAL_SSH_KEY) != 0) {
        if (login && !login->ssh_private_key.empty()) {
            return git_credential_ssh_key_memory_new(
                out, name.c_str(), nullptr, login->ssh_private_key.c_str(), login->ssh_passphrase.c_str());
        }
        return git_credential_ssh_key_from_agent(out, name.c_str());
    }
    if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0 && login && !login->token.empty()) {
        return git_credential_userpass_plaintext_new(out, name.c_str(), login->token.c_str());
    }
    return GIT_EAUTH;
}

Result<void> fetch(git_repository* repository, const std::string& url,
                   const lifecycle::SourceOptions& settings) {
    git_remote* made = nullptr;
    if (git_remote_create_anonymous(&made, repository, url.c_str()) != 0) {
        return git_error(ErrorCode::kInvalidArgument,
                         "'" + without_login(url) + "' is no address of a repository");
    }
    const GitRemote remote(made);
    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.prune = GIT_FETCH_PRUNE;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;  // the second line below takes them all
    FetchAttempt attempt{
        settings, url,
        std::chrono::steady_clock::now() + std::chrono::milliseconds(settings.fetch_timeout_ms)};
    options.callbacks.credentials = credentials;
    options.callbacks.transfer_progress = progress;
    options.callbacks.sideband_progress = said;
    options.callbacks.payload = &attempt;
    std::array<std::string, 2> lines = {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"};
    std::array<char*, 2> pointers = {lines[0].data(), lines[1].data()};
    const git_strarray specs{pointers.data(), pointers.size()};
    const int rc = git_remote_fetch(made, &specs, &options, nullptr);
    if (rc != 0) {
        return fetch_error(attempt, rc);
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

bool known_to(lifecycle::FetchSession& session, const std::string& url) {
    const std::lock_guard<std::mutex> guard(session.state().mutex);
    return session.state().fetched.contains(url);
}

void remember(lifecycle::FetchSession& session, const std::string& url) {
    const std::lock_guard<std::mutex> guard(session.state().mutex);
    session.state().fetched.insert(url);
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
                           "'" + without_login(url) + "' is not in the cache, and the network is not allowed",
                           "map it to a local copy with a mirror");
    }
    git_repository* opened = nullptr;
    const int rc = known ? git_repository_open_bare(&opened, (path + ".git").c_str())
                         : git_repository_init(&opened, (path + ".git").c_str(), 1);
    GitRepository repository(opened);
    if (rc != 0) {
        return git_error(ErrorCode::kIo, "cannot open the copy of '" + without_login(url) + "'");
    }
    if (!has_commit(opened, ref) && options.allow_network &&
        !(options.session && known_to(*options.session, url))) {
        SLIPWAY_CHECK(fetch(opened, url, options));
        if (options.session) {
            remember(*options.session, url);
        }
    }
    return repository;
}

}  // namespace slipway::app
