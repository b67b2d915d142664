#include "tests/end_to_end/artifact/registry_rig.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "tests/crash/artifact/root_mount.hpp"
#include "tests/end_to_end/artifact/fake_registry.hpp"

namespace slipway::test {
namespace {

// bcrypt of "secret", as htpasswd -B writes it.
constexpr const char* kPasswordFile = "ana:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

pid_t spawn(const std::vector<std::string>& argv, const std::string& cwd,
            const std::map<std::string, std::string>& env, const std::string& output) {
    std::vector<std::string> words = argv;
    std::vector<std::string> settings{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    for (const auto& [name, value] : env) {
        settings.push_back(name + "=" + value);
    }
    std::vector<char*> arguments;
    std::vector<char*> environment;
    for (auto& word : words) {
        arguments.push_back(word.data());
    }
    for (auto& setting : settings) {
        environment.push_back(setting.data());
    }
    arguments.push_back(nullptr);
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_addchdir_np(&actions, cwd.c_str());
    pid_t pid = -1;
    if (::posix_spawn(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), environment.data()) !=
        0) {
        pid = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

bool listens(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const bool there =
        ::connect(fd, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address) == 0;
    ::close(fd);
    return there;
}

}  // namespace

std::string find_part(const std::string& name, bool outside) {
    static std::set<std::string> told;
    const char* tools = std::getenv("SLIPWAY_TOOLS");
    const std::string own = std::filesystem::absolute("out/tools/bin").string();
    const std::vector<std::string> folders{tools == nullptr ? "" : tools, own, "/usr/local/bin", "/usr/bin",
                                           "/bin"};
    for (const auto& folder : folders) {
        const std::string file = folder + "/" + name;
        if (folder.starts_with('/') && ::access(file.c_str(), X_OK) == 0 && can_work_here(name)) {
            return file;
        }
    }
    if (told.insert(name).second) {
        std::printf("SLIPWAY-%s-PART: %s\n", outside ? "ABSENT" : "SKIPPED", name.c_str());
    }
    return {};
}

Ran run_program(const std::vector<std::string>& argv, const std::string& cwd,
                const std::map<std::string, std::string>& env) {
    const std::string output = cwd + "/.output";
    Ran ran;
    const pid_t pid = spawn(argv, cwd, env, output);
    int status = 0;
    if (pid > 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status)) {
        ran.code = WEXITSTATUS(status);
    }
    std::ifstream in(output, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    ran.output = text.str();
    std::filesystem::remove(output);
    return ran;
}

std::unique_ptr<RealRegistry> RealRegistry::start(const std::string& folder, bool with_password) {
    const std::string program = find_part("docker-registry");
    if (program.empty()) {
        return nullptr;
    }
    std::filesystem::create_directories(folder);
    const int port = free_port();
    std::ofstream config(folder + "/config.yml");
    config << "version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: " << folder
           << "/data}, delete: {enabled: true}}\nhttp: {addr: \"127.0.0.1:" << port << "\"}\n";
    if (with_password) {
        std::ofstream(folder + "/htpasswd") << kPasswordFile;
        config << "auth: {htpasswd: {realm: test, path: " << folder << "/htpasswd}}\n";
    }
    config.close();
    const pid_t pid = spawn({program, "serve", folder + "/config.yml"}, folder, {{"HOME", folder}},
                            folder + "/registry.log");
    for (int i = 0; pid > 0 && i < 500; ++i) {
        if (listens(port)) {
            return std::unique_ptr<RealRegistry>(new RealRegistry(pid, port));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::abort();
}

RealRegistry::~RealRegistry() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

}  // namespace slipway::test
