#include "tests/unit/install/registry_fixture.hpp"

using namespace registry_test;  // NOLINT: tests only

namespace {

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace

TEST_CASE("a journal cut off at any byte opens with what was acknowledged before, and goes on") {
    Fixture f;
    f.sync();
    f.create();
    REQUIRE(f.registry->report("ins1", f.report("sandbox", PartStatus::kActive)).has_value());
    const std::string whole = Fixture::read(f.journal("ins1"));
    const std::size_t first = whole.find('\n') + 1;
    for (std::size_t size = first; size < whole.size(); size += 7) {
        CAPTURE(size);
        f.registry.reset();
        write(f.journal("ins1"), whole.substr(0, size));
        f.open();
        CHECK(f.registry->state("ins1")->version == 1);
        REQUIRE(f.registry->report("ins1", f.report("sandbox", PartStatus::kRemoved)).has_value());
        f.open();
        CHECK(f.registry->state("ins1")->sandbox.status == PartStatus::kRemoved);
    }
    f.registry.reset();
    write(f.journal("ins1"), whole.substr(0, first - 3));
    f.open();
    CHECK(f.registry->list().empty());
}

TEST_CASE("a damaged line, a missing one and a moved one are found, with their place") {
    Fixture f;
    f.sync();
    f.create();
    REQUIRE(f.registry->report("ins1", f.report("sandbox", PartStatus::kActive)).has_value());
    REQUIRE(f.registry->update_inputs("ins1", {{"greeting", "Hi"}}, "ana").has_value());
    f.registry.reset();
    const std::string whole = Fixture::read(f.journal("ins1"));
    const std::size_t second = whole.find('\n') + 1;
    const std::size_t third = whole.find('\n', second) + 1;
    for (std::size_t at = second; at < whole.size() - 1; at += 11) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        write(f.journal("ins1"), damaged);
        CHECK(f.try_open(true).error().code == ErrorCode::kCorrupt);
    }
    write(f.journal("ins1"), whole.substr(0, second) + whole.substr(third));
    const auto gap = f.try_open(true);
    CHECK(gap.error().code == ErrorCode::kCorrupt);
    CHECK(gap.error().message.find("ins1.jsonl:2") != std::string::npos);
    // A sealed line belongs to its install: it does not open in another one's journal.
    std::filesystem::rename(f.journal("ins1"), f.journal("ins2"));
    write(f.journal("ins2"), whole);
    CHECK(f.try_open(true).error().code == ErrorCode::kCorrupt);
}

TEST_CASE("a synced version is kept as it was, and damage to it is found") {
    Fixture f;
    const Digest digest = f.sync();
    CHECK(f.sync() == digest);
    const Digest other = f.sync("c2");
    CHECK(other != digest);
    CHECK(f.registry->versions("demo_app") == std::vector<Digest>{digest, other});
    CHECK(f.sync() == digest);
    CHECK(f.registry->versions("demo_app").back() == digest);
    CHECK(f.registry->apps() == std::vector<std::string>{"demo_app"});
    f.open();
    const auto version = f.registry->version("demo_app", digest);
    REQUIRE(version.has_value());
    CHECK((*version)->config.components.size() == 6);
    CHECK((*version)->sources.at("sandbox").path == "/src");
    CHECK((*version)->commit == "abc");
    f.registry.reset();
    const std::string file =
        f.folder.path + "/registry/apps/demo_app/" + digest.hex() + "/files/demo_app/sandbox.toml";
    write(file, Fixture::read(file) + "\n# more\n");
    f.open();
    const auto damaged = f.registry->version("demo_app", digest);
    REQUIRE_FALSE(damaged.has_value());
    CHECK(damaged.error().code == ErrorCode::kCorrupt);
    CHECK(damaged.error().message.find("sandbox.toml") != std::string::npos);
    CHECK(f.registry->version("demo_app", sha256("x")).error().code == ErrorCode::kNotFound);
    CHECK(f.registry->version("../demo_app", digest).error().code == ErrorCode::kNotFound);
}

TEST_CASE("a damaged copy of a version is written anew by the next sync of the same content") {
    Fixture f;
    const Digest digest = f.sync();
    const std::string copy = f.folder.path + "/registry/apps/demo_app/" + digest.hex();
    const auto damages = {
        +[](const std::string& at) { write(at + "/files/demo_app/sandbox.toml", "torn"); },
        +[](const std::string& at) { std::filesystem::remove(at + "/files/demo_app/sandbox.toml"); },
        // What a power loss leaves when only the folders below were durable.
        +[](const std::string& at) { std::filesystem::remove_all(at + "/files"); },
        +[](const std::string& at) { write(at + "/version.json", "{"); },
        +[](const std::string& at) { std::filesystem::remove(at + "/version.json"); },
    };
    for (const auto damage : damages) {
        damage(copy);
        f.open();
        CHECK_FALSE(f.registry->version("demo_app", digest).has_value());
        CHECK(f.sync() == digest);
        f.open();
        CHECK(f.registry->version("demo_app", digest).has_value());
        CHECK(f.registry->versions("demo_app") == std::vector<Digest>{digest});
    }
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(copy).parent_path())) {
        ++entries;
    }
    CHECK(entries == 1);
}

TEST_CASE("a rule that came after the sync takes nobody's version away") {
    Fixture f;
    const Digest digest = f.sync();
    f.create();
    f.registry.reset();
    const std::string copy = f.folder.path + "/registry/apps/demo_app/" + digest.hex();
    const std::string file = copy + "/files/demo_app/sandbox.toml";
    std::string document = Fixture::read(copy + "/version.json");
    const auto rewrite = [&](const std::string& content) {
        const std::string before = sha256(Fixture::read(file)).hex();
        write(file, content);
        document.replace(document.find(before), before.size(), sha256(content).hex());
        write(copy + "/version.json", document);
    };
    // As if nobody had looked at the names of inputs yet when it was synced.
    std::string content = Fixture::read(file);
    content.replace(content.find("inputs.domain"), 13, "inputs.nothing");
    rewrite(content);
    REQUIRE_FALSE(load_app(copy + "/files/demo_app")->ok());
    f.open();
    const auto version = f.registry->version("demo_app", digest);
    REQUIRE_MESSAGE(version.has_value(), (version ? "" : version.error().message));
    CHECK((*version)->config.components.size() == 6);
    CHECK(f.registry->update_inputs("acme", {{"greeting", "Hi"}}, "ana").has_value());
    // What cannot be parsed is refused, whatever its digest.
    f.registry.reset();
    rewrite("= =\n");
    f.open();
    CHECK(f.registry->version("demo_app", digest).error().code == ErrorCode::kCorrupt);
}

TEST_CASE("who must know of every version is told when one cannot be read") {
    Fixture f;
    const Digest digest = f.sync();
    const auto all = f.registry->all_versions();
    REQUIRE(all.has_value());
    CHECK(all->at("demo_app") == std::vector<Digest>{digest});
    const std::string apps = f.folder.path + "/registry/apps";
    write(apps + "/README", "nobody's");
    CHECK(f.registry->all_versions().has_value());
    const std::string document = apps + "/demo_app/" + digest.hex() + "/version.json";
    std::filesystem::rename(document, document + ".aside");
    CHECK_FALSE(f.registry->all_versions().has_value());
    std::filesystem::create_directory(document);
    CHECK_FALSE(f.registry->all_versions().has_value());
    CHECK(f.registry->versions("demo_app").empty());
    std::filesystem::rename(apps, apps + ".aside");
    CHECK_FALSE(f.registry->all_versions().has_value());
    std::filesystem::rename(apps + ".aside", apps);
}
