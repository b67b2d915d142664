#include "engine/app/materialise.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/app/private_copy.hpp"

namespace slipway::app {

namespace fs = std::filesystem;

namespace {

/// Names that no honest tree holds, or that would turn the copy into a repository.
bool is_bad_name(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name.empty() || name == "." || name == ".." || name == ".git" ||
           name.find('/') != std::string::npos;
}

class TreeCopy {
public:
    TreeCopy(git_repository* repository, const Submodules& submodules,
             const lifecycle::SourceOptions& options, PrivateCopy& copy)
        : repository_(repository), submodules_(&submodules), options_(options), copy_(copy) {}

    Result<void> run(git_tree* tree, const std::string& prefix, int depth) {
        constexpr int kDeepest = 100;
        if (depth > kDeepest) {
            return environment_error(ErrorCode::kLimit, "the folders are nested too deeply");
        }
        for (std::size_t i = 0; i < git_tree_entrycount(tree); ++i) {
            SLIPWAY_CHECK(entry(git_tree_entry_byindex(tree, i), prefix, depth));
        }
        return {};
    }

private:
    Result<void> entry(const git_tree_entry* entry, const std::string& prefix, int depth) {
        const std::string name = git_tree_entry_name(entry);
        if (is_bad_name(name)) {
            return Error{ErrorClass::kAuthoring,
                         ErrorCode::kForbidden,
                         "the commit holds the name '" + prefix + name + "'",
                         {}};
        }
        const std::string path = prefix + name;
        const git_filemode_t mode = git_tree_entry_filemode(entry);
        if (mode == GIT_FILEMODE_TREE) {
            git_tree* below = nullptr;
            if (git_tree_lookup(&below, repository_, git_tree_entry_id(entry)) != 0) {
                return git_error(ErrorCode::kIo, "cannot read '" + path + "'");
            }
            const GitTree owner(below);
            SLIPWAY_CHECK(copy_.make_folder(path));
            return run(below, path + "/", depth + 1);
        }
        if (mode == GIT_FILEMODE_COMMIT) {
            return submodule(path, *git_tree_entry_id(entry), depth);
        }
        return file(path, *git_tree_entry_id(entry), mode);
    }

    Result<void> submodule(const std::string& path, const git_oid& commit, int depth) {
        SLIPWAY_TRY(OpenSubmodule inner, submodules_->open(path.substr(inside_.size()), commit));
        SLIPWAY_CHECK(copy_.make_folder(path));
        TreeCopy below(inner.repository.get(), *inner.submodules, options_, copy_);
        below.inside_ = path + "/";
        return below.run(inner.tree.get(), path + "/", depth + 1);
    }

    /// Known before the file is read into memory.
    Result<void> expect_size(const std::string& path, const git_oid& id) {
        git_odb* found = nullptr;
        if (git_repository_odb(&found, repository_) != 0) {
            return git_error(ErrorCode::kIo, "cannot read '" + path + "'");
        }
        const std::unique_ptr<git_odb, GitFree<git_odb_free>> odb(found);
        std::size_t size = 0;
        git_object_t type = GIT_OBJECT_INVALID;
        if (git_odb_read_header(&size, &type, found, &id) != 0) {
            return git_error(ErrorCode::kIo, "cannot read '" + path + "'");
        }
        if (size > options_.largest_file) {
            return environment_error(ErrorCode::kLimit, "'" + path + "' is larger than " +
                                                            std::to_string(options_.largest_file) + " bytes");
        }
        return {};
    }

    Result<void> file(const std::string& path, const git_oid& id, git_filemode_t mode) {
        SLIPWAY_CHECK(expect_size(path, id));
        git_blob* found = nullptr;
        if (git_blob_lookup(&found, repository_, &id) != 0) {
            return git_error(ErrorCode::kIo, "cannot read '" + path + "'");
        }
        const GitBlob blob(found);
        // Raw: no filter of the repository is ever run.
        const std::string_view content(static_cast<const char*>(git_blob_rawcontent(found)),
                                       static_cast<std::size_t>(git_blob_rawsize(found)));
        if (mode == GIT_FILEMODE_LINK) {
            return copy_.add_link(path, std::string(content));
        }
        return copy_.write_file(path, content, mode == GIT_FILEMODE_BLOB_EXECUTABLE);
    }

    git_repository* repository_;
    const Submodules* submodules_;
    const lifecycle::SourceOptions& options_;
    PrivateCopy& copy_;
    std::string inside_;  ///< where the repository stands in the copy: "" or "path/"
};

Result<std::string> read_whole(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    std::error_code ec;
    if (!in.is_open() || (out.fail() && fs::file_size(path, ec) != 0)) {
        return environment_error(ErrorCode::kIo, "cannot read '" + path.string() + "'");
    }
    return std::move(out).str();
}

/// Copies a folder and takes its digest on the way.
class FolderCopy {
public:
    FolderCopy(fs::path root, git_repository* repository, PrivateCopy& copy)
        : root_(std::move(root)), repository_(repository), copy_(copy) {}

    Result<void> run(const std::string& prefix) {
        std::error_code ec;
        std::vector<fs::directory_entry> entries(fs::directory_iterator(root_ / prefix, ec),
                                                 fs::directory_iterator());
        if (ec) {
            return environment_error(ErrorCode::kIo, "cannot list '" + prefix + "': " + ec.message());
        }
        std::sort(entries.begin(), entries.end());
        for (const auto& entry : entries) {
            const std::string name = entry.path().filename().string();
            if (is_bad_name(name)) {
                continue;
            }
            SLIPWAY_CHECK(one(entry, prefix + name));
        }
        return {};
    }

    Digest digest() const { return sha256(listing_); }

private:
    Result<void> one(const fs::directory_entry& entry, const std::string& path) {
        if (ignored(entry)) {
            return {};
        }
        std::error_code ec;
        const auto status = entry.symlink_status(ec);
        if (ec) {
            return environment_error(ErrorCode::kIo, "cannot read '" + path + "': " + ec.message());
        }
        if (fs::is_symlink(status)) {
            const std::string target = fs::read_symlink(entry.path(), ec).string();
            note('l', path, target);
            return copy_.add_link(path, target);
        }
        if (fs::is_directory(status)) {
            SLIPWAY_CHECK(copy_.make_folder(path));
            return run(path + "/");
        }
        if (!fs::is_regular_file(status)) {
            return usage_error(ErrorCode::kUnsupported,
                               "'" + path + "' is neither a file, a folder nor a link");
        }
        SLIPWAY_TRY(const std::string content, read_whole(entry.path()));
        const bool program = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
        note(program ? 'x' : 'f', path, content);
        return copy_.write_file(path, content, program);
    }

    bool ignored(const fs::directory_entry& entry) const {
        if (repository_ == nullptr || git_repository_workdir(repository_) == nullptr) {
            return false;
        }
        const auto relative =
            entry.path().lexically_relative(git_repository_workdir(repository_)).generic_string();
        int result = 0;
        return git_ignore_path_is_ignored(&result, repository_, relative.c_str()) == 0 && result == 1;
    }

    /// Lengths in front, so that no two folders give the same listing.
    void note(char kind, const std::string& path, const std::string& content) {
        listing_ += kind + std::to_string(path.size()) + ":" + path + sha256(content).hex();
    }

    fs::path root_;
    git_repository* repository_;
    PrivateCopy& copy_;
    std::string listing_;
};

std::string safe_name(const std::string& name) {
    std::string out;
    for (char c : name) {
        const bool plain =
            std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
        out.push_back(plain ? c : '_');
    }
    return is_bad_name(out) ? "root" : out.substr(0, 100);
}

bool is_there(const std::string& path) {
    std::error_code ec;
    return fs::is_directory(path, ec);
}

}  // namespace

Result<std::string> materialise_tree(git_repository* repository, git_tree* tree, const std::string& name,
                                     const Submodules& submodules, const lifecycle::SourceOptions& options) {
    const std::string final_path =
        options.cache_dir + "/trees/" + hex_of(*git_tree_id(tree)) + "/" + safe_name(name);
    if (is_there(final_path)) {
        return final_path;
    }
    SLIPWAY_TRY(PrivateCopy copy, PrivateCopy::begin(options.cache_dir, options.largest_folder));
    SLIPWAY_CHECK(TreeCopy(repository, submodules, options, copy).run(tree, "", 0));
    SLIPWAY_CHECK(copy.publish(final_path));
    return final_path;
}

Result<Snapshot> snapshot_folder(const std::string& folder, git_repository* repository,
                                 const std::string& name, const lifecycle::SourceOptions& options) {
    SLIPWAY_TRY(PrivateCopy copy, PrivateCopy::begin(options.cache_dir, options.largest_folder));
    FolderCopy files(folder, repository, copy);
    SLIPWAY_CHECK(files.run(""));
    const std::string digest = files.digest().hex();
    Snapshot out{options.cache_dir + "/trees/" + digest + "/" + safe_name(name), "sha256:" + digest};
    SLIPWAY_CHECK(copy.publish(out.path));
    return out;
}

}  // namespace slipway::app
