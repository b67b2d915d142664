#include <doctest/doctest.h>

#include "slipway/redact.hpp"

namespace slipway {
namespace {

std::shared_ptr<Redactor> knowing(std::initializer_list<std::string_view> secrets) {
    auto redactor = std::make_shared<Redactor>();
    for (const auto secret : secrets) {
        redactor->add(secret);
    }
    return redactor;
}

/// Feeds `text` in chunks of `size`.
std::string streamed(const std::shared_ptr<Redactor>& redactor, std::string_view text, std::size_t size) {
    RedactStream stream(redactor);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size) {
        out += stream.feed(text.substr(at, size));
    }
    return out + stream.finish();
}

TEST_CASE("a canary is taken out wherever it stands") {
    const auto r = knowing({"hunter2-canary"});
    CHECK(r->redact("hunter2-canary") == "[redacted]");
    CHECK(r->redact("a hunter2-canary b hunter2-canary.") == "a [redacted] b [redacted].");
    CHECK(r->redact("hunter2-canarhunter2-canary") == "hunter2-canar[redacted]");
    CHECK(r->redact("nothing here") == "nothing here");
    CHECK(r->redact("").empty());
}

TEST_CASE("a canary is taken out of base64 at every offset") {
    // "canary-secret" with 0, 1 and 2 bytes before it, as base64 writes it.
    const auto r = knowing({"canary-secret"});
    CHECK(r->redact("Y2FuYXJ5LXNlY3JldA==").find("Y2FuYXJ5") == std::string::npos);
    CHECK(r->redact("eGNhbmFyeS1zZWNyZXQ=").find("NhbmFyeS1zZWNyZX") == std::string::npos);
    CHECK(r->redact("eHhjYW5hcnktc2VjcmV0").find("jYW5hcnktc2VjcmV0") == std::string::npos);
    CHECK(r->redact("Y2FuYXJ5LXNlY3JldA==") == "[redacted]==");
}

TEST_CASE("a canary is taken out of the URL alphabet of base64") {
    const auto r = knowing({"\xff\xfe\xfd?>~canary"});
    CHECK(r->redact("__79Pz5-Y2FuYXJ5") == "[redacted]");
    CHECK(r->redact("//79Pz5+Y2FuYXJ5") == "[redacted]");
}

TEST_CASE("a canary is taken out of URLs") {
    const auto r = knowing({"p@ss/w rd"});
    CHECK(r->redact("https://u:p%40ss%2Fw%20rd@host") == "https://u:[redacted]@host");
    CHECK(r->redact("https://u:p%40ss%2fw%20rd@host") == "https://u:[redacted]@host");
    CHECK(r->redact("q=p%40ss%2Fw+rd&x") == "q=[redacted]&x");
}

TEST_CASE("a canary is taken out of what shells print, however they quote it") {
    const auto r = knowing({"a b'c\"d$e!f~#{,}^\xc3\xa9"});
    // As `printf %q`, `set -x` and ${NAME@Q} of bash write it, and shlex.quote of Python.
    CHECK(r->redact("x=a\\ b\\'c\\\"d\\$e\\!f~#\\{\\,\\}\\^\xc3\xa9;") == "x=[redacted];");
    CHECK(r->redact("+ : 'a b'\\''c\"d$e!f~#{,}^\xc3\xa9'") == "+ : '[redacted]'");
    CHECK(r->redact("'a b'\"'\"'c\"d$e!f~#{,}^\xc3\xa9'") == "'[redacted]'");
    const auto lines = knowing({"x\ty\x01z'\n\x1b!"});
    CHECK(lines->redact("$'x\\ty\\001z\\'\\n\\E!'") == "$'[redacted]'");
    CHECK(knowing({"#~a:~b"})->redact("\\#~a:\\~b") == "[redacted]");
}

TEST_CASE("a canary is taken out of JSON") {
    const auto r = knowing({"a\"b\\c\n<d>&/\x01"});
    CHECK(r->redact(R"({"k":"a\"b\\c\n<d>&/\u0001"})") == R"({"k":"[redacted]"})");
    CHECK(r->redact(R"({"k":"a\"b\\c\n\u003cd\u003e\u0026/\u0001"})") == R"({"k":"[redacted]"})");
    CHECK(r->redact(R"({"k":"a\"b\\c\n<d>&\/\u0001"})") == R"({"k":"[redacted]"})");
}

TEST_CASE("lines of a secret of several lines are taken out one by one") {
    const auto r =
        knowing({"-----BEGIN KEY-----\nMIIEvQIBADANBg\n  kqhkiG9w0BAQEF\nab\n-----END KEY-----\n"});
    CHECK(r->redact("  | MIIEvQIBADANBg\n  | kqhkiG9w0BAQEF\n") == "  | [redacted]\n  | [redacted]\n");
    CHECK(r->redact("ab") == "ab");
}

TEST_CASE("the newline at the end of a secret file does not hide the secret") {
    CHECK(knowing({"canary-token\n"})->redact("got canary-token!") == "got [redacted]!");
}

TEST_CASE("secrets under four characters are left alone") {
    const auto r = knowing({"", "a", "abc"});
    CHECK(r->empty());
    CHECK(r->redact("abc") == "abc");
    CHECK(knowing({"abcd"})->redact("abcd") == "[redacted]");
}

TEST_CASE("of two secrets with one beginning the longer one goes, and overlapping ones leave no rest") {
    CHECK(knowing({"token", "token-extended"})->redact("token-extended token-ex") ==
          "[redacted] [redacted]-ex");
    CHECK(knowing({"abcdef", "defghi"})->redact("xabcdefghiy") == "x[redacted]y");
}

TEST_CASE("a stream gives what the whole text gives, for every size of chunk") {
    const auto r = knowing({"canary-one", "canary-one-longer", "y-two", "aaaa"});
    const std::string text =
        "start canary-one end canary-one-longer canary-two canary-one-longecanary-one aaaaaaaaaaa b "
        "Y2FuYXJ5LW9uZQ== canary-on";
    const std::string whole = r->redact(text);
    CHECK(whole.find("canary-one") == std::string::npos);
    for (std::size_t size = 1; size <= text.size(); ++size) {
        CHECK(streamed(r, text, size) == whole);
    }
}

TEST_CASE("a stream holds back only what may become a secret") {
    RedactStream stream(knowing({"canary-one"}));
    CHECK(stream.feed("a plain line\n") == "a plain line\n");
    CHECK(stream.feed("x cana") == "x ");
    CHECK(stream.feed("ry-one!") == "[redacted]!");
    CHECK(stream.feed("canary-on") == "");
    CHECK(stream.finish() == "canary-on");
    CHECK(stream.feed("canary-one") == "[redacted]");
}

TEST_CASE("a redactor without secrets changes nothing") {
    const auto r = knowing({});
    CHECK(r->empty());
    CHECK(streamed(r, "text", 1) == "text");
}

}  // namespace
}  // namespace slipway
