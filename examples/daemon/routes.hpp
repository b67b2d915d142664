// The daemon's routes: HTTP in, ControlPlane, HTTP out.
#pragma once

#include "control_plane.hpp"
#include "http.hpp"

namespace host {

/// Every request is answered; what is wrong with it is said in {"error": {code, message, hint}}.
HttpResponse route(ControlPlane& plane, const HttpRequest& request);

}  // namespace host
