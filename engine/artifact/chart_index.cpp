#include "engine/artifact/chart_index.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

namespace slipway::artifact {
namespace {

/// Follows entries -> CHART -> [ { version, digest } ] as it is read; nothing else is kept.
class Reader final : public YAML::EventHandler {
public:
    explicit Reader(std::string chart) : chart_(std::move(chart)) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override { scalar(""); }
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override { scalar(""); }
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string& value) override {
        scalar(value);
    }
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        open(false);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        open(true);
        if (at_version()) {
            found.emplace_back();
        }
    }
    void OnMapEnd() override { close(); }

    std::vector<IndexedChart> found;
    bool has_entries = false;

private:
    struct Level {
        bool map = false;
        bool key_next = true;
        std::string key;
    };

    /// Inside of a map of the list under entries -> the chart.
    bool at_version() const {
        return levels_.size() == 4 && levels_[3].map && !levels_[2].map && levels_[0].key == "entries" &&
               levels_[1].key == chart_;
    }

    void open(bool map) {
        has_entries = has_entries || (map && levels_.size() == 1 && levels_[0].key == "entries");
        levels_.push_back({map, true, {}});
    }

    void close() {
        levels_.pop_back();
        if (!levels_.empty()) {
            levels_.back().key_next = true;
        }
    }

    void scalar(const std::string& value) {
        if (levels_.empty() || !levels_.back().map) {
            return;
        }
        Level& level = levels_.back();
        if (level.key_next) {
            level.key = value;
            level.key_next = false;
            return;
        }
        level.key_next = true;
        if (at_version() && level.key == "version") {
            found.back().version = value;
        } else if (at_version() && level.key == "digest") {
            found.back().digest = value;
        }
    }

    std::string chart_;
    std::vector<Level> levels_;
};

}  // namespace

Result<std::vector<IndexedChart>> charts_in_index(const std::string& text, const std::string& chart) {
    Reader reader(chart);
    try {
        std::istringstream in(text);
        YAML::Parser parser(in);
        parser.HandleNextDocument(reader);
    } catch (const YAML::Exception& e) {
        return environment_error(ErrorCode::kCorrupt,
                                 "index.yaml:" + std::to_string(e.mark.line + 1) + ": not YAML: " + e.msg);
    }
    if (!reader.has_entries) {
        return environment_error(ErrorCode::kCorrupt, "index.yaml has no entries");
    }
    std::erase_if(reader.found, [](const IndexedChart& one) { return one.version.empty(); });
    return std::move(reader.found);
}

}  // namespace slipway::artifact
