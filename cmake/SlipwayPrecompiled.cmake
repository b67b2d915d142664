# The standard headers that nearly every source includes, precompiled: half a second of the second that a source costs with g++
# (measured: 0.95 -> 0.42 s, 1.2 -> 0.63 s; the header itself 1.9 s, so it is shared). clang builds go without, which also shows
# that no source leans on it.
option(SLIPWAY_PCH "precompile the standard headers" ON)
# A program with flags of its own (-O2 in a Debug build) reads the same headers as text instead; that is no fault.
set(CMAKE_PCH_WARN_INVALID OFF)
set(SLIPWAY_PCH_HEADERS <algorithm> <cstdint> <functional> <map> <memory> <optional> <set> <string> <string_view> <utility>
    <variant> <vector>)

# slipway_precompile(TARGET CARRIER name | OWN): rooms share one header, test programs another (they are not position independent in the
# same way); a target with flags of its own (OWN) makes its own.
function(slipway_precompile target)
    cmake_parse_arguments(ARG "OWN" "CARRIER" "HEADERS" ${ARGN})
    if(NOT SLIPWAY_PCH OR NOT PROJECT_IS_TOP_LEVEL OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        return()
    endif()
    if(ARG_OWN)
        target_precompile_headers(${target} PRIVATE ${SLIPWAY_PCH_HEADERS})
        return()
    endif()
    if(NOT TARGET ${ARG_CARRIER})
        file(CONFIGURE OUTPUT ${slipway_BINARY_DIR}/${ARG_CARRIER}.cpp CONTENT "")
        add_library(${ARG_CARRIER} OBJECT ${slipway_BINARY_DIR}/${ARG_CARRIER}.cpp)
        target_precompile_headers(${ARG_CARRIER} PRIVATE ${SLIPWAY_PCH_HEADERS} ${ARG_HEADERS})
        get_target_property(independent ${target} POSITION_INDEPENDENT_CODE)
        set_target_properties(${ARG_CARRIER} PROPERTIES POSITION_INDEPENDENT_CODE ${independent})
        slipway_warnings(${ARG_CARRIER})
    endif()
    target_precompile_headers(${target} REUSE_FROM ${ARG_CARRIER})
endfunction()
