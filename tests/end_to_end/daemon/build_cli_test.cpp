// `slipway validate` and `slipway build` as scripts call them: exit codes, shapes, logins, no network.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>

#include "kit.hpp"
#include "tests/end_to_end/artifact/registry_rig.hpp"
#include "tests/unit/app/sources/git_http.hpp"

using namespace end_to_end;
using slipway::test::RealRegistry;

TEST_SUITE_BEGIN("builds");

namespace {

namespace fs = std::filesystem;

Exit run_cli(std::vector<std::string> words) {
    words.insert(words.begin(), environment("SLIPWAY_CLI"));
    return run_program(words);
}

json::value parsed(const Exit& exit) {
    boost::system::error_code code;
    auto value = json::parse(exit.output, code);
    REQUIRE_MESSAGE(!code, exit.output);
    return value;
}

bool says(const Exit& exit, const std::string& what) {
    return exit.output.find(what) != std::string::npos;
}

std::string repository(const std::string& name) {
    return "[public_repo]\nrepo = \"acme/" + name + "\"\ndirectory = \".\"\nbranch = \"main\"\n";
}

void write_component(const std::string& app, const std::string& name, const std::string& text) {
    write_all(app + "/components/" + name + ".toml", "name = \"" + name + "\"\n" + text);
}

/// A sandbox and one module, both of folders that --mirror names.
struct App {
    explicit App(const Home& home) : folder(home.path() + "/app"), sources(home.path() + "/sources") {
        write_all(folder + "/metadata.toml", "version = \"v2\"\ndisplay_name = \"A\"\ndescription = \"a\"\n");
        write_all(folder + "/runner.toml", "runner_type = \"aws\"\n");
        write_all(folder + "/sandbox.toml", "terraform_version = \"1.11.4\"\n" + repository("base"));
        write_component(folder, "net",
                        "type = \"terraform_module\"\nterraform_version = \"1.11.4\"\n" + repository("net"));
        write_all(sources + "/base/main.tf", "locals {}\n");
        write_all(sources + "/net/main.tf", "locals {}\n");
        state = home.path() + "/state";
    }
    Exit build(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"build", folder, "--dir", state};
        for (const char* name : {"base", "net", "web"}) {
            words.insert(words.end(), {"--mirror", "acme/" + std::string(name) + "=" + sources + "/" + name});
        }
        words.insert(words.end(), more.begin(), more.end());
        return run_cli(words);
    }
    std::string folder;
    std::string sources;
    std::string state;
};

}  // namespace

TEST_CASE("slipway validate: 0 without an error, 1 with one, 2 when it could not look") {
    const Home home;
    const App app(home);
    const auto good = run_cli({"validate", app.folder});
    CHECK_MESSAGE(good.code == 0, good.output);
    const auto shape = parsed(run_cli({"validate", app.folder, "--format", "json"}));
    CHECK(text(shape, "app") == "app");
    CHECK(shape.at("ok").as_bool());
    CHECK(shape.at("findings").is_array());
    CHECK(shape.at("kept_files").is_array());
    write_component(app.folder, "net", "type = \"terraform_modul\"\n");
    const auto bad = run_cli({"validate", app.folder});
    CHECK(bad.code == 1);
    CHECK(says(bad, "components/net.toml:2:"));
    const auto findings = run_cli({"--json", "validate", app.folder});
    CHECK(findings.code == 1);
    const json::value finding = parsed(findings).at("findings").at(0);
    for (const char* key : {"severity", "file", "line", "column", "key", "message", "hint"}) {
        CHECK_MESSAGE(finding.as_object().contains(key), key);
    }
    const auto sarif = run_cli({"validate", app.folder, "--format", "sarif"});
    CHECK(sarif.code == 1);
    CHECK(text(parsed(sarif), "version") == "2.1.0");
    for (const char* format : {"text", "json", "sarif"}) {
        CHECK(run_cli({"validate", home.path() + "/nowhere", "--format", format}).code == 2);
    }
}

TEST_CASE("slipway build: 0 when all of it is built, 1 when something was left out or failed") {
    const Home home;
    const App app(home);
    const auto explained = app.build({"--explain"});
    CHECK_MESSAGE(explained.code == 0, explained.output);
    CHECK(says(explained, "it was never built"));
    CHECK_FALSE(fs::exists(app.state + "/engine"));
    const auto first = app.build();
    CHECK_MESSAGE(first.code == 0, first.output);
    CHECK(says(first, "sandbox"));
    CHECK(says(first, "sha256:"));
    CHECK(app.build().code == 0);
    CHECK(app.build({"--component", "net", "--rebuild"}).code == 0);
    CHECK(app.build({"--component", "nte"}).code == 1);

    SUBCASE("what only an install can name lacks nothing") {
        write_component(app.folder, "image",
                        "type = \"container_image\"\n[aws_ecr]\niam_role_arn = \"arn:aws:iam::1:role/r\"\n"
                        "region = \"us-east-1\"\nimage_url = \"{{ .nuon.install.id }}.dkr.ecr.test/web\"\n"
                        "tag = \"1\"\n");
        const auto built = app.build({"--offline"});
        CHECK_MESSAGE(built.code == 0, built.output);
        CHECK(says(built, "resolved per install: its image is named by a template"));
    }
    SUBCASE("an image that cannot be resolved does") {
        write_component(app.folder, "image",
                        "type = \"container_image\"\n[public]\nimage_url = \"acme/web\"\ntag = \"1\"\n");
        const auto built = app.build({"--offline"});
        CHECK(built.code == 1);
        CHECK(says(built, "left out: its image docker.io/acme/web:1 could not be resolved"));
    }
    SUBCASE("a source that is not there does") {
        fs::remove_all(app.sources + "/net");
        const auto built = app.build({"--offline"});
        CHECK(built.code == 1);
        CHECK(says(built, "component.net: "));
    }
    SUBCASE("an app with an error is not built") {
        write_component(app.folder, "net", "type = \"terraform_modul\"\n");
        const auto built = app.build();
        CHECK(built.code == 1);
        CHECK(says(built, "has 1 error"));
    }
}

TEST_CASE("offline nothing is fetched by any tool: it is refused, and named") {
    const Home home;
    const App app(home);
    const auto refused = [&](const std::string& tool, const std::string& what) {
        const auto built = app.build({"--offline", "--component", "web"});
        const std::string words = "offline: " + tool + " would fetch " + what;
        CHECK_MESSAGE(built.code == 1, built.output);
        CHECK_MESSAGE(says(built, words), words << "\n" << built.output);
    };
    SUBCASE("a chart's dependencies") {
        write_component(app.folder, "web",
                        "type = \"helm_chart\"\nchart_name = \"web\"\n" + repository("web"));
        write_all(
            app.sources + "/web/Chart.yaml",
            "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n- name: redis\n  version: 1.0.0\n"
            "  repository: https://charts.test\n");
        refused("helm dependency build", "redis from https://charts.test");
    }
    SUBCASE("a chart of a repository") {
        write_component(app.folder, "web",
                        "type = \"helm_chart\"\nchart_name = \"web\"\n[helm_repo]\nrepo_url = "
                        "\"https://charts.test\"\nchart = \"redis\"\nversion = \"1.0.0\"\n");
        refused("helm pull", "the chart redis from https://charts.test");
    }
    SUBCASE("a remote base of a kustomization, also below another") {
        write_component(app.folder, "web",
                        "type = \"kubernetes_manifest\"\nnamespace = \"web\"\n[kustomize]\npath = \"top\"\n" +
                            repository("web"));
        write_all(app.sources + "/web/top/kustomization.yaml", "resources: [../base, one.yaml]\n");
        write_all(app.sources + "/web/top/one.yaml", "kind: ConfigMap\n");
        write_all(
            app.sources + "/web/base/kustomization.yaml",
            "resources:\n- github.com/acme/base?ref=v1\npatches:\n- path: https://patches.test/p.yaml\n");
        refused("kubectl kustomize", "github.com/acme/base?ref=v1, https://patches.test/p.yaml");
    }
    SUBCASE("images and downloads of a Dockerfile") {
        write_component(app.folder, "web",
                        "type = \"docker_build\"\ndockerfile = \"Dockerfile\"\n" + repository("web"));
        write_all(app.sources + "/web/Dockerfile",
                  "# FROM nothing\nFROM golang:1.22 AS build\nADD https://files.test/a.tgz /\n"
                  "RUN go \\\n  get\nFROM scratch\nCOPY --from=build /a /a\nCOPY --from=busybox /b /b\n");
        refused("buildah",
                "the image golang:1.22, https://files.test/a.tgz, whatever RUN go  get asks for, "
                "the image busybox");
        write_all(app.sources + "/web/Dockerfile",
                  "#  Escape = `\nFROM scratch\nCOPY a C:\\\nADD https://files.test/b.tgz /\n"
                  "ONBUILD RUN curl`\n files.test\n");
        refused("buildah", "https://files.test/b.tgz, whatever RUN curl files.test asks for");
        write_all(app.sources + "/web/Dockerfile", "FROM scratch\nCOPY a`\nRUN curl files.test\n");
        refused("buildah", "whatever RUN curl files.test asks for");
    }
}

TEST_CASE("logins for a registry come from a private file, and stand in no argument and no log") {
    const Home home;
    const App app(home);
    const auto registry = RealRegistry::start(home.path() + "/registry", true);
    if (!registry) {
        return;
    }
    const std::string file = home.path() + "/config.json";
    write_all(file, R"({"auths": {")" + registry->host() + R"(": {"auth": "YW5hOnNlY3JldA=="}}})");
    const std::vector<std::string> push{"--push-to",      registry->host() + "/vendor", "--plain-http",
                                        registry->host(), "--registry-credentials",     file};
    ::chmod(file.c_str(), 0644);
    const auto open = app.build(push);
    CHECK(open.code == 2);
    CHECK(says(open, "can be read or written by others"));
    ::chmod(file.c_str(), 0600);
    const auto pushed = app.build(push);
    CHECK_MESSAGE(pushed.code == 0, pushed.output);
    write_all(file, R"({"auths": {")" + registry->host() + R"(": {"auth": "YW5hOndyb25nLXdvcmQ="}}})");
    auto again = push;
    again.insert(again.end(), {"--rebuild"});
    write_all(app.sources + "/net/main.tf", "locals { a = 1 }\n");
    const auto wrong = app.build(again);
    CHECK(wrong.code == 1);
    CHECK_FALSE(says(wrong, "wrong-word"));
    const auto found =
        run_program({"/usr/bin/env", "grep", "-rl", "-e", "wrong-word", "-e", "YW5hOn", app.state});
    CHECK_MESSAGE(found.code == 1, found.output);
}

TEST_CASE("--push-to also pushes what was built before, and what an earlier push did not bring") {
    const Home home;
    const App app(home);
    const auto registry = RealRegistry::start(home.path() + "/registry", true);
    if (!registry) {
        return;
    }
    const std::string file = home.path() + "/config.json";
    const auto push = [&](const std::string& word) {
        write_all(file, R"({"auths": {")" + registry->host() + R"(": {"username": "ana", "password": ")" +
                            word + "\"}}}");
        ::chmod(file.c_str(), 0600);
        return app.build({"--push-to", registry->host() + "/vendor", "--plain-http", registry->host(),
                          "--registry-credentials", file});
    };
    CHECK(app.build().code == 0);
    CHECK(push("wrong").code == 1);
    const auto pushed = push("secret");
    CHECK_MESSAGE(pushed.code == 0, pushed.output);
    for (const char* part : {"sandbox", "net"}) {
        const auto tags = run_program({"/usr/bin/env", "skopeo", "list-tags", "--tls-verify=false", "--creds",
                                       "ana:secret", "docker://" + registry->host() + "/vendor/app/" + part});
        CHECK_MESSAGE(tags.code == 0, tags.output);
        const auto list = tags.output.find("\"Tags\": [");
        CHECK_MESSAGE((list != std::string::npos && tags.output.find('"', list + 9) != std::string::npos),
                      tags.output);
    }
}

TEST_CASE("logins for repositories come from a private file: without one the source is missing") {
    if (!test::GitHttp::is_there()) {
        std::puts("SLIPWAY-SKIPPED-PART: git http-backend");
        return;
    }
    const Home home;
    const App app(home);
    const std::string served = home.path() + "/served/net";
    fs::create_directories(home.path() + "/served");
    fs::rename(app.sources + "/net", served);
    const std::vector<std::string> git{"/usr/bin/env", "git",         "-C", served,
                                       "-c",           "user.name=t", "-c", "user.email=t@localhost"};
    for (const auto& words :
         {std::vector<std::string>{"init", "-q", "-b", "main"}, std::vector<std::string>{"add", "-A"},
          std::vector<std::string>{"commit", "-q", "-m", "The module"}}) {
        auto line = git;
        line.insert(line.end(), words.begin(), words.end());
        REQUIRE(run_program(line).code == 0);
    }
    test::GitHttp server(home.path() + "/served", "Basic Ym90OmdpdC10b2tlbg==");  // bot:git-token
    const std::string url = server.url("net/.git");
    const std::vector<std::string> mirror{"--mirror", "acme/net=" + url};
    const auto build = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"build",   app.folder, "--dir",
                                       app.state, "--mirror", "acme/base=" + app.sources + "/base"};
        words.insert(words.end(), mirror.begin(), mirror.end());
        words.insert(words.end(), more.begin(), more.end());
        return run_cli(words);
    };
    const auto refused = build({});
    CHECK(refused.code == 1);
    CHECK(says(refused, "component.net: "));
    const std::string file = home.path() + "/git-credentials";
    const std::string authority = url.substr(7, url.find('/', 7) - 7);
    write_all(file, "http://bot:git-token@" + authority + "\n");
    ::chmod(file.c_str(), 0600);
    const auto built = build({"--git-credentials", file});
    CHECK_MESSAGE(built.code == 0, built.output);
    CHECK_FALSE(says(built, "git-token"));
    const auto found = run_program({"/usr/bin/env", "grep", "-rl", "git-token", app.state});
    CHECK_MESSAGE(found.code == 1, found.output);
}

namespace {

/// Stands for a tool in a folder that comes first in PATH.
std::string fake_tool(const Home& home, const std::string& name, const std::string& script) {
    const std::string folder = home.path() + "/tools";
    write_all(folder + "/" + name, "#!/bin/sh\n" + script);
    REQUIRE(::chmod((folder + "/" + name).c_str(), 0700) == 0);
    return "PATH=" + folder + ":/usr/local/bin:/usr/bin:/bin";
}

Exit build_with(const std::string& path, const App& app, const std::vector<std::string>& more) {
    std::vector<std::string> words{"/usr/bin/env",
                                   path,
                                   environment("SLIPWAY_CLI"),
                                   "build",
                                   app.folder,
                                   "--dir",
                                   app.state,
                                   "--mirror",
                                   "acme/base=" + app.sources + "/base",
                                   "--mirror",
                                   "acme/web=" + app.sources + "/web",
                                   "--mirror",
                                   "acme/net=" + app.sources + "/net",
                                   "--component",
                                   "web"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
}

/// All that is kept of the log of a step, of any run.
std::string log_of(const App& app, const std::string& step) {
    std::string out;
    std::error_code code;
    for (const auto& run : fs::directory_iterator(app.state + "/logs", code)) {
        out += read_all(run.path().string() + "/" + step + ".log");
    }
    return out;
}

}  // namespace

TEST_CASE(
    "what a tool says stands in the log of its step, the failure tells its last words, its storage goes") {
    const Home home;
    const App app(home);
    write_component(app.folder, "web",
                    "type = \"docker_build\"\ndockerfile = \"Dockerfile\"\n" + repository("web"));
    write_all(app.sources + "/web/Dockerfile", "FROM scratch\n");
    const auto path =
        fake_tool(home, "buildah",
                  "root=$4\ncase \" $* \" in\n"
                  "*\" bud \"*) mkdir -p \"$root/vfs\"; echo 'STEP 1/1: FROM scratch';;\n"
                  "*\" push \"*) ls -d \"$root/vfs\" >&2; echo 'no such image' >&2; exit 125;;\nesac\n");
    const auto built = build_with(path, app, {});
    CHECK(built.code == 1);
    CHECK_MESSAGE(says(built, "buildah-push failed with exit code 125"), built.output);
    CHECK(says(built, "; no such image"));
    const auto log = log_of(app, "web.build");
    CHECK_MESSAGE(log.find("STEP 1/1: FROM scratch") != std::string::npos, log);
    CHECK(log.find("storage/vfs") != std::string::npos);  // it was there when the image was to be pushed
    std::error_code code;
    for (const auto& entry : fs::recursive_directory_iterator(app.state + "/attempts", code)) {
        CHECK_MESSAGE(entry.path().filename() != "storage", entry.path().string());
    }
}

TEST_CASE("offline a tool finds no way out, and what it puts out is limited") {
    const Home home;
    const App app(home);
    SUBCASE("its proxies lead nowhere") {
        write_component(app.folder, "web",
                        "type = \"helm_chart\"\nchart_name = \"web\"\n[helm_repo]\nrepo_url = "
                        "\"http://127.0.0.1:1\"\nchart = \"redis\"\nversion = \"1.0.0\"\n");
        const auto path =
            fake_tool(home, "helm", "echo \"by $HTTPS_PROXY, git $GIT_ALLOW_PROTOCOL\"; exit 1\n");
        CHECK(build_with(path, app, {"--offline"}).code == 1);
        CHECK(log_of(app, "web.build").find("by http://127.0.0.1:9, git file") != std::string::npos);
        CHECK(build_with(path, app, {"--rebuild"}).code == 1);
        CHECK(log_of(app, "web.build").find("by , git ") != std::string::npos);
    }
    SUBCASE("of YAML 32 MiB are taken") {
        write_component(app.folder, "web",
                        "type = \"kubernetes_manifest\"\nnamespace = \"web\"\n[kustomize]\npath = \".\"\n" +
                            repository("web"));
        write_all(app.sources + "/web/kustomization.yaml", "resources: []\n");
        const auto path = fake_tool(home, "kubectl", "head -c 34603008 /dev/zero\n");
        const auto built = build_with(path, app, {});
        CHECK(built.code == 1);
        CHECK_MESSAGE(says(built, "kustomize put out more than 33554432 bytes"), built.output);
    }
}
