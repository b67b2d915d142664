// Where everything that a simulation decides comes from.
#pragma once

#include <cstdint>

namespace slipway::simulation {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        // splitmix64
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31U);
    }
    /// 0 .. n-1; n > 0.
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(next() % n); }
    std::uint32_t between(std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); }
    /// Out of 1000.
    bool chance(std::uint32_t permille) { return below(1000) < permille; }

private:
    std::uint64_t state_;
};

/// Which faults a seed has, and how often: out of 1000.
struct Faults {
    std::uint32_t crash_between = 0;  ///< turns
    std::uint32_t crash_before_write = 0;
    std::uint32_t crash_after_write = 0;  ///< it is durable, and nobody was told
    std::uint32_t write_lost = 0;         ///< refused, and not there
    std::uint32_t write_uncertain = 0;    ///< refused, and there
    std::uint32_t read_fails = 0;
    std::uint32_t slice_flips = 0;  ///< at a crash: a bit of an unfolded slice
    std::uint32_t odd_executor = 0;
    std::uint32_t odd_operator = 0;
    std::uint32_t clock_jumps = 0;

    static Faults of(Dice& dice) {
        const auto some = [&](std::uint32_t most) { return dice.chance(500) ? dice.below(most + 1) : 0; };
        Faults f;
        f.crash_between = some(30);
        f.crash_before_write = some(20);
        f.crash_after_write = some(20);
        f.write_lost = some(15);
        f.write_uncertain = some(15);
        f.read_fails = some(100);
        f.slice_flips = some(100);
        f.odd_executor = some(700);
        f.odd_operator = some(300);
        f.clock_jumps = some(20);
        return f;
    }
};

}  // namespace slipway::simulation
