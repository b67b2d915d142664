// The path of the daemon's socket: what may be there, and what is never touched.
#pragma once

#include <sys/types.h>

#include <string>

#include "slipway/result.hpp"

namespace host {

/// kInvalidArgument for a path that no socket can have: empty, or longer than the system takes.
slipway::Result<void> check_socket_path(const std::string& path);

/// Makes room for a new socket. One that nobody listens on is removed; a live one is kLocked. Whatever else
/// is there stays, and is kAlreadyExists.
slipway::Result<void> clear_socket_place(const std::string& path);

/// A file, told apart from another one of the same name.
struct FileMark {
    dev_t device = 0;
    ino_t number = 0;
};
/// Of what is at `path` now; zeros: nothing.
FileMark mark_of(const std::string& path);
/// Unlinks `path` if it still is that file.
void remove_if_same(const std::string& path, const FileMark& mark);

}  // namespace host
