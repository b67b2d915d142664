// What the store costs above the database: synced commits through it, and the same bytes in one raw RocksDB
// put, in turn in the same run so that both meet the same disk. Prints commits per second and the share that
// is left.
//   store_bench [SECONDS per row, 3]
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "slipway/store.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kSliceBytes = 200;
constexpr int kTurnCommits = 50;

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Tally {
    std::vector<double> latencies;  // seconds
    double cpu = 0;

    double total() const {
        double sum = 0;
        for (const double l : latencies) {
            sum += l;
        }
        return sum;
    }
    double rate() const { return static_cast<double>(latencies.size()) / total(); }
    double median_us() {
        std::sort(latencies.begin(), latencies.end());
        return latencies.empty() ? 0 : latencies[latencies.size() / 2] * 1e6;
    }
    double cpu_us() const { return cpu / static_cast<double>(latencies.size()) * 1e6; }
};

[[noreturn]] void stop(const std::string& why) {
    std::fprintf(stderr, "store_bench: %s\n", why.c_str());
    std::exit(1);
}

class Raw {
public:
    explicit Raw(const std::string& path) {
        rocksdb::Options options;
        options.create_if_missing = true;
        rocksdb::DB* db = nullptr;
        if (const auto status = rocksdb::DB::Open(options, path, &db); !status.ok()) {
            stop(status.ToString());
        }
        db_.reset(db);
        write_.sync = true;
    }
    void commit(const std::string& bytes) {
        char key[24];
        const int size = std::snprintf(key, sizeof key, "%012llu", ++number_);
        rocksdb::WriteBatch batch;
        batch.Put(rocksdb::Slice(key, static_cast<std::size_t>(size)), bytes);
        if (const auto status = db_->Write(write_, &batch); !status.ok()) {
            stop(status.ToString());
        }
    }

private:
    std::unique_ptr<rocksdb::DB> db_;
    rocksdb::WriteOptions write_;
    unsigned long long number_ = 0;
};

class Through {
public:
    explicit Through(const std::string& path) {
        slipway::RocksDbStoreOptions options;
        options.directory = path;
        auto store = slipway::open_rocksdb_store(options);
        if (!store) {
            stop(store.error().message);
        }
        store_ = std::move(store).value();
        auto state = store_->open_partition(0);
        if (!state) {
            stop(state.error().message);
        }
        commit_.epoch = state->epoch;
    }
    void prepare(std::size_t slices) {
        commit_.runs.clear();
        for (std::size_t i = 0; i < slices; ++i) {
            commit_.runs.push_back(
                {slipway::RunId{"run-" + std::to_string(i)}, std::string(kSliceBytes, 'x')});
        }
    }
    void commit() {
        if (auto done = store_->commit(commit_); !done) {
            stop(done.error().message);
        }
        ++commit_.expected_tick;
        if (commit_.expected_tick % 2000 == 0) {
            fold();
        }
    }

private:
    void fold() {
        slipway::Fold fold;
        fold.epoch = commit_.epoch;
        fold.through_tick = commit_.expected_tick;
        if (auto done = store_->fold(fold); !done) {
            stop(done.error().message);
        }
    }

    std::unique_ptr<slipway::Store> store_;
    slipway::Commit commit_;
};

template <class Work>
void turn(Tally& tally, int commits, Work&& work) {
    const double cpu = cpu_seconds();
    for (int i = 0; i < commits; ++i) {
        const auto begin = Clock::now();
        work();
        tally.latencies.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
    tally.cpu += cpu_seconds() - cpu;
}

void row(const std::string& folder, std::size_t slices, double seconds) {
    Raw raw(folder + "/raw-" + std::to_string(slices));
    Through through(folder + "/store-" + std::to_string(slices));
    through.prepare(slices);
    const std::string bytes(slices * kSliceBytes, 'x');
    const int commits = slices > 1000 ? 5 : kTurnCommits;
    Tally ours;
    Tally theirs;
    const auto end = Clock::now() + std::chrono::duration<double>(2 * seconds);
    while (Clock::now() < end) {
        turn(theirs, commits, [&] { raw.commit(bytes); });
        turn(ours, commits, [&] { through.commit(); });
    }
    std::printf("%7zu  %9.0f  %9.0f  %5.1f %%  %9.0f  %9.0f  %5.1f %%  %8.1f  %8.1f\n", slices, theirs.rate(),
                ours.rate(), 100 * ours.rate() / theirs.rate(), theirs.median_us(), ours.median_us(),
                100 * theirs.median_us() / ours.median_us(), theirs.cpu_us(), ours.cpu_us());
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
    std::string folder = (std::filesystem::temp_directory_path() / "slipway-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        stop("no temporary directory");
    }
    std::printf("synced commits of N slices of %zu bytes; raw RocksDB against the store, in turn\n",
                kSliceBytes);
    std::printf(
        " slices      raw/s    store/s    share     raw us   store us    share   raw cpu  store cpu (us)\n");
    for (const std::size_t slices : {std::size_t{1}, std::size_t{64}, std::size_t{512}, std::size_t{4096}}) {
        row(folder, slices, seconds);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return 0;
}
