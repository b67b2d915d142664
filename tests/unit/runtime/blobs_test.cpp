// Blobs are erased only when nothing refers to them, in whatever form.
#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "engine/runtime/blobs_in_use.hpp"
#include "engine/store/blob_marks.hpp"
#include "engine/store/memory_image.hpp"
#include "slipway/check.hpp"
#include "tests/unit/runtime/kit.hpp"

namespace slipway::testkit {
namespace {

using std::chrono::milliseconds;
using Context = std::shared_ptr<AttemptContext>;

std::string large(char c) {
    return std::string(70'000, c);
}

/// An engine on a watched store that keeps no finished run when it is told so.
struct Host {
    Bench bench;
    SpyStore* store = nullptr;

    explicit Host(Act act = {}, bool with_key = false) : with_key_(with_key) {
        bench.executor->on_start = std::move(act);
        open();
    }
    void open(std::size_t finished_max = 100) {
        bench.engine.reset();
        auto options = bench.options();
        auto spy = std::make_unique<SpyStore>(make_memory_store(bench.image));
        store = spy.get();
        options.store = std::move(spy);
        options.retention.finished_runs_max = finished_max;
        options.keys = with_key_ ? std::make_shared<OneKey>() : nullptr;
        bench.open(std::move(options));
    }
    Engine& engine() { return *bench.engine; }
    void run(const std::string& id, const std::string& input = {}, int steps = 1) {
        const auto started = engine().start(request(id, build(chain(steps)), input), me());
        REQUIRE_MESSAGE(started.has_value(), (started ? std::string() : started.error().message));
        REQUIRE(engine().wait(RunId{id}, kPatience));
    }
    /// A finished run more than retention keeps, and a fold: the older ones go.
    void forget_runs() {
        REQUIRE(engine().stop(StopMode::kGraceful));
        bench.clock->advance(1000);
        open(1);
        run("last");
        REQUIRE(engine().stop(StopMode::kGraceful));
        open(1);
    }
    BlobCollection collect() {
        const auto found = engine().collect_blobs();
        REQUIRE_MESSAGE(found.has_value(), (found ? std::string() : found.error().message));
        return *found;
    }
    bool has(const Digest& digest) {
        const std::lock_guard lock(bench.image->mutex);
        return bench.image->contents.blobs.contains(digest);
    }
    Digest put(const Context& context, const Payload& content) {
        const auto digest = context->put_blob(content);
        REQUIRE(digest);
        return *digest;
    }

private:
    bool with_key_ = false;
};

TEST_CASE("workflows, large payloads and what outputs name are kept as long as their run, and no longer") {
    std::vector<Digest> put;
    Host host;
    host.bench.executor->on_start = [&](const Context& c) {
        const auto& run = c->info().run.str();
        if (run == "last") {
            c->finish(Succeeded{});
            return;
        }
        put.push_back(host.put(c, {"content of " + run, false}));
        c->finish(Succeeded{{"{\"plan\":\"" + put.back().hex() + "\"}", false}});
    };
    host.run("named");
    host.run("large", large('x'));
    CHECK(host.collect().erased == 0);
    host.run("more");
    CHECK(host.collect().kept == 5);  // one workflow, one input, three puts
    for (const auto& digest : put) {
        CHECK(host.engine().blob(digest));
    }
    host.forget_runs();
    CHECK(host.collect().erased == 4);
    for (const auto& digest : put) {
        CHECK(host.engine().blob(digest).error().code == ErrorCode::kNotFound);
    }
    CHECK(host.engine().view(RunId{"last"}).has_value());  // of the same workflow
    CHECK(host.collect().erased == 0);
}

TEST_CASE("a blob that only a sealed output or another blob names is kept") {
    Digest inner;
    Digest outer;
    Host host({}, true);
    host.bench.executor->on_start = [&](const Context& c) {
        inner = host.put(c, {"inner", false});
        outer = host.put(c, {"see " + inner.hex(), true});
        c->finish(Succeeded{{outer.hex(), true}});
    };
    host.run("sealed");
    REQUIRE(host.engine().stop(StopMode::kGraceful));
    host.open();
    CHECK(host.collect().erased == 0);
    CHECK(host.has(inner));
    CHECK(host.has(outer));
}

TEST_CASE("what an attempt has put and not reported is kept while it lives") {
    Host host;
    std::promise<Context> started;
    host.bench.executor->on_start = [&](const Context& c) { started.set_value(c); };
    REQUIRE(host.engine().start(request("r", build(chain(1))), me()));
    const auto context = started.get_future().get();
    const auto digest = host.put(context, {"not yet reported", false});
    CHECK(host.collect().erased == 0);
    CHECK(host.has(digest));
    context->finish(Succeeded{{"without it", false}});
    REQUIRE(host.engine().wait(RunId{"r"}, kPatience));
    CHECK(host.collect().erased == 1);
    CHECK(!host.has(digest));
}

TEST_CASE("nothing is erased while attempts of an earlier process may know of blobs that they put") {
    Host host;
    Digest digest;
    std::promise<void> put;
    host.bench.executor->on_start = [&](const Context& c) {
        digest = host.put(c, {"put before the crash", false});
        put.set_value();
    };
    REQUIRE(host.engine().start(request("r", build(chain(1))), me()));
    put.get_future().wait();
    Context found;
    host.bench.executor->on_reconcile = [&](const Context& c, const std::vector<Evidence>&) { found = c; };
    host.open();
    const auto refused = host.engine().collect_blobs();
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::kRefused);
    found->reconciled(Finished{Succeeded{{digest.hex(), false}}});
    REQUIRE(host.engine().wait(RunId{"r"}, kPatience));
    CHECK(host.collect().erased == 0);
    CHECK(host.has(digest));
}

TEST_CASE("a reference that is committed while the pass reads is seen") {
    Host host;
    Digest digest;
    std::promise<Context> started;
    host.bench.executor->on_start = [&](const Context& c) {
        if (c->info().run.str() == "first") {
            started.set_value(c);
        } else {
            c->finish(Succeeded{});
        }
    };
    REQUIRE(host.engine().start(request("first", build(chain(1))), me()));
    const auto context = started.get_future().get();
    digest = host.put(context, {"handed from run to run", false});
    context->finish(Succeeded{});
    REQUIRE(host.engine().wait(RunId{"first"}, kPatience));
    bool told = false;
    host.store->after_list_blobs = [&] {
        if (!std::exchange(told, true)) {
            host.run("second", "{\"plan\":\"" + digest.hex() + "\"}");
        }
    };
    CHECK(host.collect().erased == 0);
    CHECK(told);
    CHECK(host.has(digest));
    REQUIRE(host.engine().stop(StopMode::kGraceful));
    host.open();
    CHECK(host.collect().erased == 0);
    CHECK(host.has(digest));
}

TEST_CASE("a blob that came after the pass had listed them passes on what it names") {
    Host host;
    std::promise<Context> started;
    host.bench.executor->on_start = [&](const Context& c) { started.set_value(c); };
    REQUIRE(host.engine().start(request("r", build(chain(1))), me()));
    const auto context = started.get_future().get();
    const auto digest = host.put(context, {"named by what comes later", false});
    bool told = false;
    host.store->after_list_blobs = [&] {
        if (!std::exchange(told, true)) {
            context->finish(Succeeded{{large('z') + digest.hex(), false}});
            REQUIRE(host.engine().wait(RunId{"r"}, kPatience));
        }
    };
    CHECK(host.collect().erased == 0);
    CHECK(told);
    CHECK(host.has(digest));
}

TEST_CASE("putting a blob that is just being erased waits, and stores it anew") {
    Host host;
    std::promise<Context> started;
    host.bench.executor->on_start = [&](const Context& c) {
        if (c->info().run.str() == "old") {
            static_cast<void>(host.put(c, {"the same", false}));
            c->finish(Succeeded{});
        } else {
            started.set_value(c);
        }
    };
    host.run("old");
    REQUIRE(host.engine().start(request("new", build(chain(1))), me()));
    const auto context = started.get_future().get();
    std::future<Digest> again;
    host.store->before_fold = [&](const Fold& fold) {
        if (!fold.drop_blobs.empty() && !again.valid()) {
            again = std::async(std::launch::async, [&] { return host.put(context, {"the same", false}); });
            CHECK(again.wait_for(milliseconds(20)) == std::future_status::timeout);
        }
    };
    CHECK(host.collect().erased == 1);
    REQUIRE(again.valid());
    CHECK(host.has(again.get()));
    context->finish(Succeeded{});
}

TEST_CASE("what cannot be read keeps every blob, and is told") {
    Host host({}, true);
    host.bench.executor->on_start = [&](const Context& c) {
        static_cast<void>(host.put(c, {"unused", false}));
        c->finish(Succeeded{{"secret", true}});
    };
    host.run("r");
    REQUIRE(host.engine().stop(StopMode::kGraceful));
    {
        const std::lock_guard lock(host.bench.image->mutex);
        auto& block = host.bench.image->contents.history.begin()->second.bytes;
        block.resize(block.size() - 5);
    }
    host.open();
    const auto refused = host.engine().collect_blobs();
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::kCorrupt);
    host.bench.engine.reset();
    CHECK(host.bench.recorder->alarms().contains("not_collected"));
}

TEST_CASE(
    "a check finds blobs that are missing, counts those that nothing needs, and takes the store from "
    "nobody") {
    Host host;
    host.bench.executor->on_start = [&](const Context& c) {
        static_cast<void>(host.put(c, {"unused", false}));
        c->finish(Succeeded{});
    };
    host.run("r", large('y'));
    REQUIRE(host.engine().stop(StopMode::kGraceful));
    host.open();
    const auto look = [&] {
        const auto store = make_memory_store(host.bench.image);
        const auto check = check_runs(*store, nullptr);
        REQUIRE(check);
        return *check;
    };
    const auto sound = look();
    CHECK(sound.findings.empty());
    CHECK(sound.blobs == 3);
    CHECK(sound.blobs_unreferenced == 1);
    host.run("after-the-check", "", 1);
    {
        const std::lock_guard lock(host.bench.image->mutex);
        auto& blobs = host.bench.image->contents.blobs;
        std::erase_if(blobs, [](const auto& blob) { return blob.second.size() > 70'000; });
    }
    const auto broken = look();
    REQUIRE(!broken.findings.empty());
    CHECK(broken.findings.back().run == RunId{"r"});
    CHECK(broken.findings.back().what.find("which is not there") != std::string::npos);
}

TEST_CASE("digests are found at any place, as bytes and as hex digits") {
    const auto one = sha256("one");
    const auto two = sha256("two");
    std::vector<Digest> all{one, two, sha256("three")};
    std::sort(all.begin(), all.end());
    for (std::size_t shift = 0; shift < 70; ++shift) {
        store::BlobMarks marks(all, nullptr);
        marks.scan(std::string(shift, 'a') +
                   std::string(reinterpret_cast<const char*>(one.bytes.data()), one.bytes.size()) + "b");
        marks.scan(std::string(shift, 'f') + two.hex() + std::string(shift, '0'));
        CHECK(marks.unmarked() == std::vector<Digest>{sha256("three")});
        CHECK(marks.take_fresh().size() == 2);
        CHECK(marks.take_fresh().empty());
    }
}

}  // namespace
}  // namespace slipway::testkit
