// Pages of logs are UTF-8 whatever programs print, and a page never ends inside a character.
#include "log_text.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

namespace {

bool is_text(const std::string& text) {
    boost::system::error_code code;
    boost::json::parse(boost::json::serialize(boost::json::string(text)), code);
    return !code;
}

}  // namespace

TEST_CASE("a page that ends inside a character leaves it to the next one") {
    const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";  // a, e acute, euro, a face
    std::string read;
    for (std::size_t limit = 4; limit <= text.size(); ++limit) {
        read.clear();
        for (std::size_t at = 0; at < text.size();) {
            const std::string bytes = text.substr(at, limit);
            const std::size_t n = host::page_size(bytes, at + bytes.size() == text.size());
            REQUIRE(n > 0);
            CHECK(is_text(host::as_utf8(bytes.substr(0, n))));
            read += host::as_utf8(bytes.substr(0, n));
            at += n;
        }
        CHECK(read == text);
    }
}

TEST_CASE("bytes that are no UTF-8 are replaced one by one, and do not stop the reading") {
    CHECK(host::as_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
    CHECK(host::as_utf8("\xC3(") == "\xEF\xBF\xBD(");
    CHECK(host::as_utf8("\xED\xA0\x80") ==
          "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // half of a surrogate pair
    CHECK(host::as_utf8("\xC0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(host::as_utf8("") == "");
    CHECK(host::page_size("ab\xFF", false) == 3);
    CHECK(host::page_size("ab\xC3", false) == 2);
    CHECK(host::page_size("ab\xC3", true) == 3);
    std::string all;
    for (int i = 0; i < 256; ++i) {
        all.push_back(static_cast<char>(i));
        all.push_back('x');
    }
    CHECK(is_text(host::as_utf8(all)));
}
