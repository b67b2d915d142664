// A scratch folder with a repository in it.
#pragma once

#include <doctest/doctest.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/app/git_library.hpp"
#include "slipway/lifecycle/source.hpp"

namespace fs = std::filesystem;
using namespace slipway;
using namespace slipway::lifecycle;

inline std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

inline unsigned mode_of(const fs::path& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return info.st_mode & 0777U;
}

/// A scratch folder with a repository in it.
class World {
public:
    World() {
        std::string path = (fs::temp_directory_path() / "slipway-source-XXXXXX").string();
        REQUIRE(::mkdtemp(path.data()) != nullptr);
        root = fs::canonical(path);
        app::use_git();
        git_repository_init_options options;
        git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
        options.flags = GIT_REPOSITORY_INIT_MKPATH;
        options.initial_head = "main";
        REQUIRE(git_repository_init_ext(&repository, (root / "repo").c_str(), &options) == 0);
        sources.cache_dir = root / "cache";
        sources.mirrors["acme/app"] = root / "repo";
        sources.allow_network = false;
    }
    ~World() {
        git_repository_free(repository);
        fs::remove_all(root);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    fs::path at(const std::string& path) const { return root / "repo" / path; }

    std::string commit_tree(const git_oid& tree_id) {
        git_tree* tree = nullptr;
        REQUIRE(git_tree_lookup(&tree, repository, &tree_id) == 0);
        git_signature* who = nullptr;
        REQUIRE(git_signature_new(&who, "a", "a@example.com", 1, 0) == 0);
        git_oid parent{};
        git_commit* above = nullptr;
        const bool first = git_reference_name_to_id(&parent, repository, "HEAD") != 0;
        if (!first) {
            REQUIRE(git_commit_lookup(&above, repository, &parent) == 0);
        }
        const git_commit* parents[] = {above};
        git_oid id{};
        REQUIRE(git_commit_create(&id, repository, "HEAD", who, who, nullptr, "m", tree, first ? 0U : 1U,
                                  parents) == 0);
        git_commit_free(above);
        git_signature_free(who);
        git_tree_free(tree);
        return app::hex_of(id);
    }

    std::string commit_all() {
        git_index* index = nullptr;
        REQUIRE(git_repository_index(&index, repository) == 0);
        REQUIRE(git_index_add_all(index, nullptr, 0, nullptr, nullptr) == 0);
        git_index_update_all(index, nullptr, nullptr, nullptr);
        git_oid id{};
        REQUIRE(git_index_write_tree(&id, index) == 0);
        git_index_write(index);
        git_index_free(index);
        return commit_tree(id);
    }

    /// A tree with one entry, as raw bytes: what no honest git would write.
    std::string commit_raw(const std::string& mode, const std::string& name, const std::string& content) {
        git_oid blob{};
        REQUIRE(git_blob_create_from_buffer(&blob, repository, content.data(), content.size()) == 0);
        std::string raw = mode + " " + name + std::string(1, '\0') +
                          std::string(reinterpret_cast<const char*>(blob.id), 20);
        git_odb* odb = nullptr;
        REQUIRE(git_repository_odb(&odb, repository) == 0);
        git_oid id{};
        REQUIRE(git_odb_write(&id, odb, raw.data(), raw.size(), GIT_OBJECT_TREE) == 0);
        git_odb_free(odb);
        return commit_tree(id);
    }

    fs::path root;
    git_repository* repository = nullptr;
    SourceOptions sources;
};
