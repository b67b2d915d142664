// Takes known secrets out of text before anybody sees it: the value itself and the forms in which programs
// print it again.
//
//   auto redactor = std::make_shared<slipway::Redactor>();
//   redactor->add(password);
//   log(redactor->redact(line));                      // whole texts
//   slipway::RedactStream stream(redactor);           // output that comes in chunks
//   write(stream.feed(chunk)); … write(stream.finish());
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// What a secret is replaced by.
inline constexpr std::string_view kRedacted = "[redacted]";

/// Secrets shorter than this are not looked for: they would blot out ordinary text.
inline constexpr std::size_t kSecretLengthMin = 4;

/// Knows each secret as it is, in base64 (standard and URL alphabet, at every offset within a longer text),
/// URL-encoded and JSON-escaped, and each longer line of a secret of several lines. Add first, then share:
/// redact may be called from any thread as long as nobody adds.
class Redactor {
public:
    void add(std::string_view secret);
    bool empty() const { return patterns_.empty(); }
    std::string redact(std::string_view text) const;
    /// True when redact would change it.
    bool finds(std::string_view text) const;

private:
    friend class RedactStream;

    /// Where a text stands between two chunks.
    struct Place {
        std::size_t covered = 0;  ///< bytes ahead that belong to a secret found before
        bool in_secret = false;   ///< the last byte belonged to one
    };

    void add_form(std::string form);
    /// Length of the longest form that starts at `text`; 0 when none does.
    std::size_t match(std::string_view text) const;
    /// True when more text behind `text` could make a longer form start here.
    bool could_grow(std::string_view text) const;
    /// Appends what is decided of `text` to `out`; gives the number of bytes consumed. Secrets that touch or
    /// overlap become one.
    std::size_t scan(std::string_view text, bool more_may_come, Place& place, std::string& out) const;

    std::vector<std::string> patterns_;  ///< longest first
    std::array<bool, 256> starts_{};     ///< first bytes of the patterns
};

/// The same over chunks: holds back only what may be the beginning of a secret. One stream per output; not
/// thread-safe.
class RedactStream {
public:
    explicit RedactStream(std::shared_ptr<const Redactor> redactor) : redactor_(std::move(redactor)) {}
    std::string feed(std::string_view chunk);
    /// What was held back. The stream may be used again afterwards.
    std::string finish();

private:
    std::shared_ptr<const Redactor> redactor_;
    std::string held_;
    Redactor::Place place_;
};

}  // namespace slipway
