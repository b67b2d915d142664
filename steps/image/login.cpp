#include "steps/image/login.hpp"

#include <openssl/evp.h>

#include <boost/json.hpp>

namespace slipway::image {

Result<std::string> login_file(const BuildOptions& options, const std::string& host) {
    if (!options.image_credentials) {
        return std::string();
    }
    SLIPWAY_TRY(const auto found, options.image_credentials(host));
    if (!found) {
        return std::string();
    }
    const std::string text = found->first + ":" + found->second;
    std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    encoded.resize(static_cast<std::size_t>(size));
    boost::json::object entry;
    entry["auth"] = encoded;
    boost::json::object auths;
    auths[host] = std::move(entry);
    boost::json::object file;
    file["auths"] = std::move(auths);
    return boost::json::serialize(file);
}

}  // namespace slipway::image
