// Notices that the key has changed and has everything that rests sealed anew, a slice between two ticks.
#pragma once

#include <chrono>
#include <optional>

#include "engine/runtime/folder.hpp"
#include "engine/store/resealer.hpp"

namespace slipway::runtime {

/// Of the engine's thread.
class Rotation {
public:
    Rotation(Shell& shell, Folder& folder) : shell_(shell), folder_(folder) {}

    /// Does a slice when one is due. `idle`: nobody waits for the engine.
    void maybe(bool idle);
    /// How long until there is something to do; nullopt: never.
    std::optional<std::chrono::milliseconds> next() const;
    ResealProgress progress() const;

private:
    using Clock = std::chrono::steady_clock;

    void look(bool idle, Clock::time_point now);
    Result<bool> start(bool idle, Clock::time_point now);
    void slice(bool idle, Clock::time_point now);
    void give_up(const Error& why, Clock::time_point now);

    Shell& shell_;
    Folder& folder_;
    std::optional<store::Resealer> resealer_;
    std::optional<Clock::time_point> due_since_;
    Clock::time_point next_{};
    bool active_ = false;
    bool never_ = false;  // this store cannot do it
    std::string last_alarm_;
};

}  // namespace slipway::runtime
