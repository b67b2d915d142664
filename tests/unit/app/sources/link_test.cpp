// Links in an app's folder: nothing that they hide is dropped without a word.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "slipway/lifecycle/app.hpp"

namespace fs = std::filesystem;
using namespace slipway;
using namespace slipway::lifecycle;

namespace {

class LinkedApp {
public:
    LinkedApp() {
        std::string name = (fs::temp_directory_path() / "slipway-links-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root = name + "/app";
        fs::create_directories(root + "/shared/acts");
        fs::create_directories(root + "/components/chart");
        fs::create_directories(name + "/outside");
        std::ofstream(root + "/metadata.toml") << "version = \"v2\"\n";
        std::ofstream(root + "/shared/acts/a.toml") << "name = \"a\"\n";
    }
    LinkedApp(const LinkedApp&) = delete;
    LinkedApp& operator=(const LinkedApp&) = delete;
    ~LinkedApp() { fs::remove_all(fs::path(root).parent_path()); }

    void link(const std::string& target, const std::string& path) const {
        fs::create_symlink(target, root + "/" + path);
    }
    /// "error: …" of the finding about `path`; empty when there is none.
    std::string said(const std::string& path) const {
        const auto loaded = load_app(root);
        REQUIRE(loaded);
        for (const auto& d : loaded->diagnostics) {
            if (d.file == path) {
                return to_text(d).substr(path.size() + 2);
            }
        }
        return {};
    }

    std::string root;
};

}  // namespace

TEST_CASE("a section's folder that is a link is an error, wherever the link leads") {
    const LinkedApp app;
    app.link("shared/acts", "actions");
    app.link("nowhere", "runbooks");
    app.link("../outside", "installs");
    CHECK(app.said("actions").starts_with("error: is a link to the folder 'shared/acts' and is not read"));
    CHECK(app.said("runbooks").starts_with("error: is a link to nothing"));
    CHECK(app.said("installs").starts_with("error: is a link that leads out of the app's folder"));
}

TEST_CASE("a link inside of a section's folder is told when it hides files of the format") {
    const LinkedApp app;
    app.link("../shared/acts", "components/sub");
    app.link("../../outside", "components/away");
    app.link("nowhere", "components/gone");
    app.link("../../shared", "components/chart/deep");
    fs::create_directories(app.root + "/charts");
    app.link("../charts", "components/plain");
    app.link("shared/acts", "other");
    CHECK(app.said("components/sub").starts_with("error: is a link to the folder 'shared/acts'"));
    CHECK(app.said("components/away").starts_with("warning: is a link that leads out"));
    CHECK(app.said("components/gone").starts_with("warning: is a link to nothing"));
    CHECK(app.said("components/chart/deep").starts_with("error: is a link to the folder 'shared'"));
    CHECK(app.said("components/plain").empty());
    CHECK(app.said("other").empty());
}

TEST_CASE("links in a circle end") {
    const LinkedApp app;
    app.link(".", "components/loop");
    app.link("../..", "components/up");
    CHECK(app.said("components/up").starts_with("warning: is a link that leads out"));
    CHECK_FALSE(app.said("components/loop").starts_with("error: is a link to nothing"));
}
