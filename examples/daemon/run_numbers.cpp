#include "run_numbers.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "private_file.hpp"

namespace host {

using namespace slipway;
namespace json = boost::json;

Result<RunNumbers> RunNumbers::open(std::string file) {
    RunNumbers out;
    out.file_ = std::move(file);
    const auto bytes = read_private_file(out.file_);
    if (!bytes) {
        return bytes.error().code == ErrorCode::kNotFound ? Result<RunNumbers>(std::move(out))
                                                          : Result<RunNumbers>(bytes.error());
    }
    boost::system::error_code code;
    const auto document = json::parse(*bytes, code);
    const auto damaged =
        environment_error(ErrorCode::kCorrupt, out.file_ + " is not what was written",
                          "numbers of runs must not be given twice: restore it from a backup");
    if (code || !document.is_object()) {
        return damaged;
    }
    for (const auto& [stem, number] : document.as_object()) {
        if (!number.is_int64() || number.as_int64() < 1) {
            return damaged;
        }
        out.last_[std::string(stem)] = static_cast<std::uint64_t>(number.as_int64());
    }
    return out;
}

std::uint64_t RunNumbers::last(const std::string& stem) const {
    const auto found = last_.find(stem);
    return found == last_.end() ? 0 : found->second;
}

Result<void> RunNumbers::give(const std::string& stem, std::uint64_t number) {
    last_[stem] = number;
    json::object document;
    for (const auto& [name, last] : last_) {
        document[name] = last;
    }
    return write_private_file(file_, json::serialize(document));
}

std::uint64_t run_number(std::string_view stem, std::string_view run) {
    if (!run.starts_with(stem) || run.size() <= stem.size() + 1 || run[stem.size()] != '-') {
        return 0;
    }
    const char* first = run.data() + stem.size() + 1;
    const char* last = run.data() + run.size();
    std::uint64_t number = 0;
    const auto read = std::from_chars(first, last, number);
    return read.ec == std::errc() && read.ptr == last ? number : 0;
}

}  // namespace host
