// Two hundred real files, each with one slip. Every slip is found on its line, or the file is still valid,
// and the test says which.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "corpus.hpp"
#include "engine/app/load.hpp"
#include "engine/app/toml_tree.hpp"

namespace fs = std::filesystem;
using namespace slipway;
using namespace slipway::lifecycle;
using Files = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

namespace {

struct App {
    std::string name;
    Files files;
    std::vector<Diagnostic> before;
    Strings toml;  ///< files of the format
};

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

App read_app(const std::string& root) {
    App out;
    out.name = fs::path(root).filename().string();
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.is_regular_file()) {
            out.files[entry.path().lexically_relative(root).string()] = read(entry.path());
        }
    }
    auto loaded = app::load_folder(app::AppFolder::in_memory(out.name, out.files));
    REQUIRE(loaded.ok());
    out.before = std::move(loaded.diagnostics);
    for (const auto& file : loaded.files) {
        if (!file.section.empty() && file.path.ends_with(".toml")) {
            out.toml.push_back(file.path);
        }
    }
    return out;
}

/// A key with a value that stands alone on one line.
struct Site {
    std::string path;  ///< "steps[].name": without indexes
    std::string key;
    app::TomlKind kind = app::TomlKind::kString;
    std::string text;
    std::uint32_t line = 0;
    std::uint32_t table_line = 0;  ///< of the table that it belongs to
    std::size_t key_at = 0;        ///< byte of the key in the file
    std::size_t value_at = 0;
    std::size_t end = 0;  ///< byte behind the line
};

class Sites {
public:
    explicit Sites(const std::string& text) {
        lines_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') {
                lines_.push_back(i + 1);
            }
        }
        lines_.push_back(text.size() + 1);
        app::Sources sources;
        const auto file = sources.add("x.toml", text);
        app::TomlValue root;
        std::string problem;
        app::Spot spot;
        if (app::parse_toml(sources, file, root, problem, spot)) {
            walk(text, root, "", 1);
        }
    }
    std::vector<Site> all;

private:
    void walk(const std::string& text, const app::TomlValue& table, const std::string& path,
              std::uint32_t table_line) {
        for (const auto& member : table.members) {
            const std::string below = path.empty() ? member.key : path + "." + member.key;
            const auto& value = member.value;
            if (value.kind == app::TomlKind::kTable) {
                walk(text, value, below, value.at.line);
            } else if (value.kind == app::TomlKind::kArray) {
                for (const auto& item : value.items) {
                    if (item.kind == app::TomlKind::kTable) {
                        walk(text, item, below + "[]", item.at.line);
                    }
                }
            } else {
                add(text, member, below, table_line);
            }
        }
    }

    void add(const std::string& text, const app::TomlMember& member, const std::string& path,
             std::uint32_t table_line) {
        const auto& value = member.value;
        const std::size_t begin = lines_[member.at.line - 1];
        const std::size_t end = lines_[member.at.line] - 1;
        const std::size_t key_at = begin + member.at.column - 1;
        const bool alone = text.find_first_not_of(" \t", begin) == key_at &&
                           value.at.line == member.at.line &&
                           text.compare(key_at, member.key.size(), member.key) == 0;
        const std::size_t value_at = lines_[value.at.line - 1] + value.at.column - 1;
        const bool long_string =
            text.compare(value_at, 3, "\"\"\"") == 0 || text.compare(value_at, 3, "'''") == 0;
        if (alone && !long_string) {
            all.push_back({path, member.key, value.kind, value.text, member.at.line, table_line, key_at,
                           value_at, end});
        }
    }

    std::vector<std::size_t> lines_;
};

/// Tables whose keys are the author's own.
bool is_free(const Site& site) {
    static const std::set<std::string> kFree = {"vars",   "env_vars",   "values",        "labels",
                                                "config", "parameters", "pulumi_config", "onboarding"};
    std::istringstream in(site.path);
    for (std::string part; std::getline(in, part, '.');) {
        if (part.ends_with("[]")) {
            part.resize(part.size() - 2);
        }
        if (kFree.contains(part) && part != site.key) {
            return true;
        }
    }
    return false;
}

/// Keys that the tables of the format demand, by section and path, as the reference has them.
bool is_required(const std::string& section, const Site& site) {
    static const std::map<std::string, std::set<std::string>> kRequired = {
        {"metadata.toml", {"version"}},
        {"sandbox.toml", {"terraform_version"}},
        {"runner.toml", {"runner_type"}},
        {"stack.toml", {"type", "name", "description"}},
        {"components", {"name", "type", "terraform_version", "chart_name", "namespace@kubernetes_manifest"}},
        {"actions", {"name", "steps[].name", "triggers[].type"}},
        {"inputs.toml",
         {"input[].name", "input[].description", "input[].display_name", "input[].group", "group[].name",
          "group[].description"}},
        {"permissions", {"type", "name", "description"}},
        {"runbooks", {"name", "steps[].name", "steps[].type"}},
        {"break_glass.toml", {"role[].name", "role[].description"}},
        {"policies.toml", {"policy[].type", "policy[].contents"}},
        {"installs", {"name"}},
    };
    if (site.path.ends_with("public_repo.repo") || site.path.ends_with("public_repo.directory") ||
        site.path.ends_with("public_repo.branch")) {
        return true;
    }
    const auto it = kRequired.find(section);
    return it != kRequired.end() && it->second.contains(site.path);
}

std::string section_of(const std::string& file) {
    return file.substr(0, file.find('/'));
}

struct Mutation {
    std::string kind;
    std::string file;
    std::string text;  ///< of the whole file
    Site site;
    enum class Expect { kFound, kValid, kEither } expect = Expect::kEither;
    std::string says;  ///< a part of what must be said
};

using Random = std::mt19937;
using Expect = Mutation::Expect;

std::string replaced(const std::string& text, std::size_t begin, std::size_t end, const std::string& by) {
    return text.substr(0, begin) + by + text.substr(end);
}

/// The line is blanked, so that the others keep their numbers.
bool remove_key(const std::string& file, const std::string& text, const Site& site, Mutation& out) {
    out.text = replaced(text, site.key_at, site.end, "");
    const bool required = !is_free(site) && is_required(section_of(file), site);
    out.expect = required ? Expect::kFound : is_free(site) ? Expect::kValid : Expect::kEither;
    out.says = required ? "is required and missing" : "";
    return true;
}

bool misspell(const std::string&, const std::string& text, const Site& site, Mutation& out) {
    const std::size_t end = site.key_at + site.key.size();
    out.text = replaced(text, end - 1, end, site.key.back() == 'x' ? "y" : "x");
    out.expect = is_free(site) ? Expect::kValid : Expect::kFound;
    out.says = is_free(site) ? "" : site.path.find("inputs") == 0 ? "there is no input" : "is not a key of";
    return true;
}

bool wrong_type(const std::string&, const std::string& text, const Site& site, Mutation& out) {
    if (site.kind != app::TomlKind::kString && site.kind != app::TomlKind::kBool) {
        return false;
    }
    out.text = replaced(text, site.value_at, site.end, "[1, 2]");
    const bool any = site.key == "default" || site.path.starts_with("onboarding") ||
                     site.path.starts_with("values.") || site.path.find("parameters.") != std::string::npos ||
                     site.key == "enabled_in_stack";
    out.expect = any ? Expect::kValid : Expect::kFound;
    out.says = any ? "" : "must be";
    return true;
}

bool break_toml(const std::string&, const std::string& text, const Site& site, Mutation& out) {
    const std::size_t equals = text.find('=', site.key_at);
    if (equals == std::string::npos || equals > site.value_at) {
        return false;
    }
    if (site.kind == app::TomlKind::kString && site.line % 2 == 0) {
        out.text = replaced(text, site.value_at, site.end, "\"open");
    } else {
        out.text = replaced(text, equals, equals + 1, site.line % 3 == 0 ? "= =" : " ");
    }
    out.expect = Expect::kFound;
    out.says = "is not valid TOML";
    return true;
}

bool bad_reference(const std::string& file, const std::string& text, const Site& site, Mutation& out) {
    const std::string line = text.substr(site.value_at, site.end - site.value_at);
    for (const std::string root : {".nuon.components.", ".nuon.inputs.inputs.", ".nuon.install.inputs."}) {
        const std::size_t at = line.find(root);
        if (at != std::string::npos && file != "metadata.toml") {
            const std::size_t behind = site.value_at + at + root.size();
            out.text = replaced(text, behind, behind, "nope_");
            out.says = "which does not exist";
            out.expect = Expect::kFound;
            return true;
        }
    }
    if (site.key == "component_name" || site.key == "action_name" || site.key == "group") {
        out.text = replaced(text, site.value_at, site.end, "\"nothing_such\"");
        out.says = site.key == "group" && site.path == "group[].group" ? "is not a key" : "there is no";
        out.expect = Expect::kFound;
        return true;
    }
    if (site.path.ends_with("contents") && site.text.starts_with("./")) {
        out.text = replaced(text, site.value_at + 3, site.value_at + 3, "nope");
        out.says = "there is no file";
        out.expect = Expect::kFound;
        return true;
    }
    return false;
}

std::string said(const std::vector<Diagnostic>& found) {
    std::string out;
    for (const auto& d : found) {
        out += "\n" + to_text(d);
    }
    return out;
}

/// What is new in `after`.
std::vector<Diagnostic> added(const std::vector<Diagnostic>& before, const std::vector<Diagnostic>& after) {
    std::vector<Diagnostic> out;
    for (const auto& d : after) {
        if (std::find(before.begin(), before.end(), d) == before.end()) {
            out.push_back(d);
        }
    }
    return out;
}

bool on_its_line(const Mutation& mutation, const std::vector<Diagnostic>& found) {
    return std::any_of(found.begin(), found.end(), [&](const Diagnostic& d) {
        const bool line = d.line == mutation.site.line || d.line == mutation.site.table_line ||
                          (mutation.kind == "broken TOML" && d.line == mutation.site.line + 1);
        return d.file == mutation.file && line && d.message.find(mutation.says) != std::string::npos;
    });
}

/// Other files may have used what is gone: they name it, or what it belonged to.
bool speaks_of(const Mutation& mutation, const std::vector<Diagnostic>& found) {
    return std::any_of(found.begin(), found.end(), [&](const Diagnostic& d) {
        return d.key.find(mutation.site.key) != std::string::npos || d.file == mutation.file ||
               d.message.find(mutation.site.text) != std::string::npos;
    });
}

struct Kind {
    const char* name;
    bool (*make)(const std::string&, const std::string&, const Site&, Mutation&);
};

constexpr std::array<Kind, 5> kKinds = {{{"key removed", remove_key},
                                         {"key misspelt", misspell},
                                         {"wrong type", wrong_type},
                                         {"broken TOML", break_toml},
                                         {"bad reference", bad_reference}}};

Mutation pick(const std::vector<App>& apps, const Kind& kind, Random& random, const App*& app) {
    for (;;) {
        app = &apps[random() % apps.size()];
        Mutation out;
        out.kind = kind.name;
        out.file = app->toml[random() % app->toml.size()];
        const std::string& text = app->files.at(out.file);
        const Sites sites(text);
        if (sites.all.empty()) {
            continue;
        }
        out.site = sites.all[random() % sites.all.size()];
        if (kind.make(out.file, text, out.site, out)) {
            return out;
        }
    }
}

}  // namespace

TEST_CASE("two hundred slips in real files are found on their lines, or leave the file valid") {
    const std::string folder = test::corpus();
    if (folder.empty()) {
        return;
    }
    std::vector<App> apps;
    for (const auto& root : test::corpus_apps(folder)) {
        apps.push_back(read_app(root));
    }
    Random random(20261121);
    std::map<std::string, std::array<int, 2>> counts;
    for (int turn = 0; turn < 200; ++turn) {
        const App* app = nullptr;
        const Mutation mutation =
            pick(apps, kKinds[static_cast<std::size_t>(turn) % kKinds.size()], random, app);
        Files files = app->files;
        files[mutation.file] = mutation.text;
        const auto loaded = app::load_folder(app::AppFolder::in_memory(app->name, std::move(files)));
        const auto found = added(app->before, loaded.diagnostics);
        const bool valid = loaded.ok();
        CAPTURE(mutation.kind);
        CAPTURE(app->name + "/" + mutation.file + ":" + std::to_string(mutation.site.line) + ": " +
                mutation.site.path);
        CAPTURE(said(found));
        if (mutation.expect == Expect::kFound) {
            CHECK(on_its_line(mutation, found));
        } else if (mutation.expect == Expect::kValid) {
            CHECK(valid);
        } else if (!valid) {
            CHECK(speaks_of(mutation, found));
        }
        ++counts[mutation.kind][found.empty() || (valid && mutation.expect != Expect::kFound) ? 1 : 0];
    }
    for (const auto& [kind, count] : counts) {
        std::printf("%-14s found %3d, still valid %3d\n", kind.c_str(), count[0], count[1]);
        CHECK(count[0] + count[1] == 40);
    }
    CHECK(counts["broken TOML"][1] == 0);
    CHECK(counts["bad reference"][1] == 0);
}
