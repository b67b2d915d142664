#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "kit.hpp"

namespace end_to_end {

namespace fs = std::filesystem;

namespace {

constexpr const char* kModule = R"(terraform {
  required_version = ">= 1.4"
}
variable "name" { type = string }
variable "pace" { type = number }
variable "witness" { type = string }
variable "below" {
  type    = string
  default = ""
}
variable "token" {
  type      = string
  default   = ""
  sensitive = true
}
resource "terraform_data" "first" {
  input = { name = "${var.name}-first", pace = var.pace, witness = var.witness, below = var.below, token = sha256(var.token) }
  provisioner "local-exec" {
    command     = "sleep \"$PACE\"; echo \"up $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
}
resource "terraform_data" "second" {
  input = { name = "${var.name}-second", pace = var.pace, witness = var.witness, first = terraform_data.first.id }
  provisioner "local-exec" {
    command     = "sleep \"$PACE\"; echo \"up $NAME\" >> \"$WITNESS\""
    environment = { NAME = self.input.name, PACE = self.input.pace, WITNESS = self.input.witness }
  }
}
output "id" { value = terraform_data.second.id }
output "login" {
  value     = "user:${var.token}"
  sensitive = true
}
)";

constexpr const char* kInputs = R"([[group]]
name         = "all"
display_name = "All"
description  = "All of them"

[[input]]
name         = "pace"
display_name = "Pace"
description  = "Seconds for each part"
group        = "all"
type         = "number"
default      = 0

[[input]]
name         = "witness"
display_name = "Witness"
description  = "A file with a line for each effect"
group        = "all"
required     = true

[[input]]
name         = "token"
display_name = "Token"
description  = "Something secret"
group        = "all"
default      = ""
sensitive    = true
)";

std::string part(const std::string& name, const std::string& below) {
    std::string vars = "name    = \"{{ .nuon.install.id }}-" + name +
                       "\"\npace    = \"{{ .nuon.inputs.inputs.pace }}\"\n" +
                       "witness = \"{{ .nuon.inputs.inputs.witness }}\"\n";
    if (!below.empty()) {
        vars += "below   = \"{{ .nuon." + below + ".outputs.id }}\"\n";
    }
    if (name == "front") {
        vars += "token   = \"{{ .nuon.inputs.inputs.token }}\"\n";
    }
    const std::string head =
        name == "sandbox" ? "" : "name = \"" + name + "\"\ntype = \"terraform_module\"\n";
    return head +
           "terraform_version = \"1.11.4\"\n[public_repo]\nrepo = \".\"\ndirectory = \"src\"\nbranch = "
           "\"main\"\n[vars]\n" +
           vars;
}

constexpr const char* kAction = R"(name    = "speak"
timeout = "1m"

[[triggers]]
type = "manual"

[[steps]]
name = "say"
inline_contents = """
#!/bin/sh
set -eu
echo "the token is $TOKEN"
printf 'said=%s\n' "$FRONT" >> "$NUON_ACTIONS_OUTPUT_FILEPATH"
"""

[steps.env_vars]
TOKEN = "{{ .nuon.inputs.inputs.token }}"
FRONT = "{{ .nuon.components.front.outputs.id }}"
)";

}  // namespace

void write_small_app(const std::string& folder) {
    write_all(folder + "/metadata.toml",
              "version = \"v2\"\ndisplay_name = \"Small\"\ndescription = \"Four parts\"\n");
    write_all(folder + "/runner.toml", "runner_type = \"aws\"\n");
    write_all(folder + "/inputs.toml", kInputs);
    write_all(folder + "/sandbox.toml", part("sandbox", ""));
    write_all(folder + "/components/back.toml", part("back", "sandbox"));
    write_all(folder + "/components/side.toml", part("side", "sandbox"));
    write_all(folder + "/components/front.toml", part("front", "components.back"));
    write_all(folder + "/actions/speak.toml", kAction);
    write_all(folder + "/src/main.tf", kModule);
}

std::vector<std::string> small_app_effects(const std::string& install) {
    std::vector<std::string> lines;
    for (const char* name : {"sandbox", "back", "side", "front"}) {
        for (const char* half : {"first", "second"}) {
            lines.push_back("up " + install + "-" + name + "-" + half);
        }
    }
    return lines;
}

void copy_demo_app(const std::string& folder) {
    fs::copy(environment("SLIPWAY_EXAMPLES") + "/demo_app", folder, fs::copy_options::recursive);
    const std::vector<std::string> git{
        "/usr/bin/env", "git", "-C", folder, "-c", "user.name=test", "-c", "user.email=test@localhost"};
    for (const std::vector<std::string>& words : {std::vector<std::string>{"init", "-q", "-b", "main"},
                                                  {"add", "-A"},
                                                  {"commit", "-q", "-m", "The app"}}) {
        auto line = git;
        line.insert(line.end(), words.begin(), words.end());
        const auto done = run_program(line);
        REQUIRE_MESSAGE(done.code == 0, done.output);
    }
}

json::value sync_and_build(Daemon& daemon, const std::string& folder) {
    const auto synced = daemon.send("POST", "/v1/apps/sync", {{"path", folder}});
    if (const auto* build = synced.as_object().if_contains("build")) {
        if (const std::string run = text(*build, "run"); !run.empty()) {
            const auto ended = daemon.wait_final(run, 60);
            CHECK_MESSAGE(text(ended, "status") == "succeeded", json::serialize(ended));
        }
    }
    return synced;
}

std::string sync_and_create(Daemon& daemon, const std::string& folder, const std::string& app,
                            const std::string& install, const json::object& inputs) {
    const auto synced = sync_and_build(daemon, folder);
    CHECK(text(synced, "app") == app);
    const auto created =
        daemon.send("POST", "/v1/installs",
                    {{"name", install}, {"app", app}, {"inputs", inputs}, {"region", "eu-central-1"}});
    return text(created, "id");
}

bool has_terraform() {
    std::istringstream folders(environment("PATH"));
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (::access((folder + "/terraform").c_str(), X_OK) == 0) {
            return true;
        }
    }
    return false;
}

}  // namespace end_to_end
