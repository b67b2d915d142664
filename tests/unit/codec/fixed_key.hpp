// A key that never changes, for tests.
#pragma once

#include "slipway/secrets.hpp"

namespace slipway::test {

class FixedKey final : public KeyProvider {
public:
    Result<Key> current() override { return key_; }
    Result<Key> find(std::string_view id) override {
        if (id != key_.id) {
            return environment_error(ErrorCode::kKey, "there is no such key");
        }
        return key_;
    }

private:
    Key key_{"fixed", {1, 2, 3}};
};

inline Sealer fixed_sealer() {
    return Sealer(std::make_shared<FixedKey>());
}

}  // namespace slipway::test
