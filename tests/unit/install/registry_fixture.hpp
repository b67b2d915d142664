// A registry in a folder of its own, with the example app synced.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "slipway/lifecycle/install.hpp"

namespace registry_test {

using namespace slipway;             // NOLINT: tests only
using namespace slipway::lifecycle;  // NOLINT: tests only

struct Folder {
    Folder() {
        char name[] = "/tmp/slipway-registry-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

class Fixture {
public:
    Fixture() { open(); }

    void open() {
        registry.reset();
        auto opened = try_open(true);
        if (!opened) {
            FAIL(opened.error().message);
        }
        registry = std::move(*opened);
    }
    Result<std::unique_ptr<InstallRegistry>> try_open(bool with_key) {
        RegistryOptions options;
        options.directory = folder.path + "/registry";
        options.now = [this] { return ++clock; };
        options.make_id = [this] { return "ins" + std::to_string(++ids); };
        if (with_key) {
            auto keys = open_file_keys(folder.path + "/keys");
            REQUIRE(keys.has_value());
            options.sealer = std::make_shared<Sealer>(*keys);
        }
        return InstallRegistry::open(std::move(options));
    }
    Digest sync(const std::string& content = "c1") {
        auto loaded = load_app("examples/demo_app");
        REQUIRE(loaded.has_value());
        auto synced = registry->sync_version(
            {*loaded, "examples/demo_app", {{"sandbox", {"/src", content, "abc"}}}, "abc", false});
        if (!synced) {
            FAIL(synced.error().message);
        }
        return (*synced)->digest;
    }
    Install create(const std::string& name = "acme") {
        NewInstall request;
        request.name = name;
        request.app = "demo_app";
        request.inputs = {{"admin_password", "tops3cret"}, {"replicas", "3"}};
        request.account = {"aws", "eu-central-1", ""};
        auto made = registry->create_install(request, "ana");
        if (!made) {
            FAIL(made.error().message);
        }
        return *made;
    }
    PartReport report(const std::string& part, PartStatus status, const std::string& run = "r1") const {
        PartReport made;
        made.run = RunId{run};
        made.step = StepId{part + ".outputs"};
        made.part = part;
        made.status = status;
        made.version = sha256("v");
        if (status == PartStatus::kActive) {
            made.outputs = {{"address", {"\"db:1\"", false}}, {"login", {"\"adm1n-l0gin\"", true}}};
        }
        return made;
    }
    std::string journal(const std::string& id) const {
        return folder.path + "/registry/installs/" + id + ".jsonl";
    }
    static std::string read(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        return text.str();
    }
    /// Everything that lies below the registry's folder, in one string.
    std::string everything() const {
        std::string all;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path + "/registry")) {
            if (entry.is_regular_file()) {
                all += read(entry.path().string());
            }
        }
        return all;
    }

    Folder folder;
    TimeMs clock = 1000;
    int ids = 0;
    std::unique_ptr<InstallRegistry> registry;
};

}  // namespace registry_test
