// The published schemas against what real apps hold.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "../json_schema_check.hpp"
#include "corpus.hpp"
#include "engine/app/app_folder.hpp"
#include "engine/app/toml_tree.hpp"
#include "slipway/lifecycle/app.hpp"
#include "slipway/lifecycle/schema.hpp"

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace slipway;
using namespace slipway::lifecycle;
using Strings = std::vector<std::string>;

namespace {

/// The kinds that a file of a section may be: the file form, the folder form.
Strings kinds_of(const std::string& section, bool in_folder) {
    Strings out;
    for (const auto& kind : file_kinds()) {
        if (kind.section == section && (in_folder || kind.where.find("/**/") == std::string::npos)) {
            out.push_back(kind.name);
        }
    }
    return out;
}

json::value json_of_file(const fs::path& path) {
    auto folder = app::AppFolder::open(path.parent_path().string());
    REQUIRE(folder);
    app::Sources sources;
    const auto file = sources.add(path.filename().string(), *folder->read(path.filename().string()));
    app::TomlValue root;
    std::string problem;
    app::Spot spot;
    REQUIRE(app::parse_toml(sources, file, root, problem, spot));
    return json::parse(app::to_json(root));
}

}  // namespace

TEST_CASE("every file of every packaged app agrees with its schema, but for the keys that are warned of") {
    const std::string folder = test::corpus();
    if (folder.empty()) {
        return;
    }
    std::map<std::string, json::value> schemas;
    for (const auto& kind : file_kinds()) {
        schemas[kind.name] = json::parse(*json_schema(kind.name));
    }
    std::size_t files = 0;
    for (const auto& root : test::corpus_apps(folder)) {
        const auto loaded = load_app(root);
        REQUIRE(loaded);
        std::set<std::string> warned;
        for (const auto& d : loaded->diagnostics) {
            if (d.message.find("is not a key of") != std::string::npos) {
                warned.insert(d.file);
            }
        }
        for (const auto& file : loaded->files) {
            if (file.section.empty() || file.content == Digest{}) {
                continue;
            }
            CAPTURE(root + "/" + file.path);
            const auto value = json_of_file(fs::path(root) / file.path);
            bool agrees = false;
            for (const auto& kind : kinds_of(file.section, file.path.find('/') != std::string::npos)) {
                agrees = agrees || test::SchemaCheck::run(schemas.at(kind), value).empty();
            }
            CHECK(agrees != warned.contains(file.path));
            ++files;
        }
    }
    CHECK(files == 588);
}
