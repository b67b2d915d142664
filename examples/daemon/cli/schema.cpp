// What an editor needs to help while an app is written; no daemon needed.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "commands.hpp"
#include "print.hpp"
#include "slipway/lifecycle/schema.hpp"

namespace cli {

using namespace slipway;

namespace {

int list_kinds() {
    for (const auto& kind : lifecycle::file_kinds()) {
        std::printf("%-20s %s\n", kind.name.c_str(), kind.where.c_str());
    }
    return 0;
}

int write_all(const std::string& folder) {
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec) {
        return fail(
            environment_error(ErrorCode::kIo, "cannot make the folder '" + folder + "': " + ec.message()));
    }
    for (const auto& kind : lifecycle::file_kinds()) {
        const std::string path = folder + "/" + kind.name + ".schema.json";
        std::ofstream out(path, std::ios::binary);
        out << lifecycle::json_schema(kind.name).value() << "\n";
        if (!out.flush()) {
            return fail(environment_error(ErrorCode::kIo, "cannot write '" + path + "'"));
        }
    }
    return 0;
}

int schema(const std::string& kind, const std::string& folder) {
    if (!folder.empty()) {
        return write_all(folder);
    }
    if (kind.empty()) {
        return list_kinds();
    }
    const auto text = lifecycle::json_schema(kind);
    if (!text) {
        (void)fail(text.error());
        return 2;
    }
    std::printf("%s\n", text->c_str());
    return 0;
}

}  // namespace

void add_schema_command(Commands c) {
    auto* command =
        c.app.add_subcommand("schema", "the JSON Schema of a kind of file, for editors; needs no daemon");
    auto kind = std::make_shared<std::string>();
    auto folder = std::make_shared<std::string>();
    command->add_option("kind", *kind, "component, action, inputs, …; without it: the list of kinds");
    command->add_option("--all", *folder, "write all of them into this folder");
    command->callback([=, chosen = &c.chosen] { *chosen = [=] { return schema(*kind, *folder); }; });
}

}  // namespace cli
