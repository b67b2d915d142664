// std::visit with one lambda per alternative: a forgotten one does not compile.
#pragma once

namespace slipway::core {

template <class... Fs>
struct Overload : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

}  // namespace slipway::core
