// One asynchronous operation on a socket of its own context, waited for with a limit.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>

#include "slipway/ids.hpp"

namespace host {

using LocalSocket = boost::asio::local::stream_protocol::socket;

/// `start(handler)` begins the operation. Blocking calls with a socket time-out would not do: Asio waits on
/// without it.
template <class Start>
boost::system::error_code finish_within(boost::asio::io_context& io, LocalSocket& socket,
                                        slipway::DurationMs limit_ms, Start start) {
    boost::system::error_code code;
    bool done = false;
    start([&code, &done](boost::system::error_code result, std::size_t) {
        code = result;
        done = true;
    });
    io.restart();
    io.run_for(std::chrono::milliseconds(limit_ms));
    if (!done) {
        boost::system::error_code ignored;
        socket.close(ignored);
        io.restart();
        io.run();
        return boost::asio::error::timed_out;
    }
    return code;
}

}  // namespace host
