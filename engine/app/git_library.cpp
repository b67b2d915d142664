#include "engine/app/git_library.hpp"

#include <algorithm>
#include <array>

namespace slipway::app {

void use_git() {
    static const int kStarted = git_libgit2_init();  // stays for the life of the process
    static_cast<void>(kStarted);
}

Error git_error(ErrorCode code, const std::string& what) {
    const ::git_error* last = git_error_last();
    std::string message = what;
    // libgit2 1.5 sometimes fails without leaving a text.
    if (last != nullptr && last->message != nullptr && *last->message != '\0') {
        message += std::string(": ") + last->message;
    }
    const bool ours = code == ErrorCode::kIo;
    return ours ? environment_error(code, std::move(message)) : usage_error(code, std::move(message));
}

std::string hex_of(const git_oid& id) {
    std::array<char, GIT_OID_HEXSZ + 1> text{};
    git_oid_tostr(text.data(), text.size(), &id);
    return text.data();
}

Result<GitRepository> open_repository(const std::string& folder, bool search) {
    use_git();
    git_repository* opened = nullptr;
    const unsigned flags = search ? 0U : static_cast<unsigned>(GIT_REPOSITORY_OPEN_NO_SEARCH);
    const int rc = git_repository_open_ext(&opened, folder.c_str(), flags, nullptr);
    GitRepository owner(opened);
    if (rc == 0) {
        return owner;
    }
    Error error = git_error(rc == GIT_ENOTFOUND ? ErrorCode::kNotFound : ErrorCode::kIo,
                            "cannot open the git repository '" + folder + "'");
    if (rc == GIT_EOWNER) {
        error.hint = "the folder belongs to another user; add it to safe.directory of git's configuration";
    }
    return error;
}

namespace {

bool is_hex(const std::string& text) {
    return text.size() >= 7 && text.size() <= GIT_OID_HEXSZ &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           });
}

bool is_whole_id(const std::string& text) {
    return text.size() == GIT_OID_HEXSZ && is_hex(text);
}

/// The commit behind a reference or object.
bool peel(git_object* object, git_oid& out) {
    git_object* commit = nullptr;
    if (object == nullptr || git_object_peel(&commit, object, GIT_OBJECT_COMMIT) != 0) {
        return false;
    }
    const GitObject owner(commit);
    out = *git_object_id(commit);
    return true;
}

bool by_reference(git_repository* repository, const std::string& name, git_oid& out) {
    git_reference* found = nullptr;
    if (git_reference_lookup(&found, repository, name.c_str()) != 0) {
        return false;
    }
    const GitReference reference(found);
    git_object* object = nullptr;
    if (git_reference_peel(&object, found, GIT_OBJECT_COMMIT) != 0) {
        return false;
    }
    const GitObject owner(object);
    return peel(object, out);
}

bool by_id(git_repository* repository, const std::string& text, git_oid& out) {
    git_oid id{};
    if (!is_hex(text) || git_oid_fromstrn(&id, text.data(), text.size()) != 0) {
        return false;
    }
    git_object* object = nullptr;
    if (git_object_lookup_prefix(&object, repository, &id, text.size(), GIT_OBJECT_ANY) != 0) {
        return false;
    }
    const GitObject owner(object);
    return peel(object, out);
}

}  // namespace

Result<git_oid> resolve_ref(git_repository* repository, const std::string& ref) {
    git_oid id{};
    if (ref.empty()) {
        if (by_reference(repository, "HEAD", id)) {
            return id;
        }
        return git_error(ErrorCode::kNotFound, "the repository has no commit on its default branch");
    }
    if (is_whole_id(ref)) {
        // Whoever pins a commit gets that one or none, whatever somebody called a branch.
        if (by_id(repository, ref, id)) {
            return id;
        }
        return usage_error(ErrorCode::kNotFound, "there is no commit '" + ref + "'");
    }
    for (const auto* prefix : {"refs/heads/", "refs/tags/", "refs/remotes/origin/"}) {
        if (by_reference(repository, prefix + ref, id)) {
            return id;
        }
    }
    if (by_id(repository, ref, id)) {
        return id;
    }
    return usage_error(ErrorCode::kNotFound, "there is no branch, tag or commit '" + ref + "'");
}

Result<GitTree> tree_at(git_repository* repository, const git_oid& commit, const std::string& directory) {
    git_object* object = nullptr;
    if (git_object_lookup(&object, repository, &commit, GIT_OBJECT_COMMIT) != 0) {
        return git_error(ErrorCode::kIo, "cannot read commit " + hex_of(commit));
    }
    const GitObject owner(object);
    git_object* peeled = nullptr;
    if (git_object_peel(&peeled, object, GIT_OBJECT_TREE) != 0) {
        return git_error(ErrorCode::kIo, "cannot read the files of commit " + hex_of(commit));
    }
    GitTree root(reinterpret_cast<git_tree*>(peeled));  // libgit2's own way down from git_object
    if (directory.empty()) {
        return root;
    }
    git_tree_entry* entry = nullptr;
    if (git_tree_entry_bypath(&entry, root.get(), directory.c_str()) != 0) {
        return usage_error(ErrorCode::kNotFound, "there is no folder '" + directory + "' at commit " +
                                                     hex_of(commit).substr(0, 12));
    }
    const GitTreeEntry found(entry);
    git_tree* tree = nullptr;
    if (git_tree_entry_type(entry) != GIT_OBJECT_TREE ||
        git_tree_lookup(&tree, repository, git_tree_entry_id(entry)) != 0) {
        return usage_error(ErrorCode::kNotFound, "'" + directory + "' is no folder");
    }
    return GitTree(tree);
}

}  // namespace slipway::app
