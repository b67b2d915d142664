option(SLIPWAY_BUILD_EXAMPLES "build the examples and the demo daemon" ${PROJECT_IS_TOP_LEVEL})
option(SLIPWAY_BUILD_TESTS "build the tests" ${PROJECT_IS_TOP_LEVEL})
option(SLIPWAY_BUILD_BENCH "build the benchmarks" OFF)
option(SLIPWAY_WERROR "treat warnings as errors" OFF)
option(SLIPWAY_FUZZ "build the fuzz targets with libFuzzer (clang)" OFF)
set(SLIPWAY_SANITIZE "" CACHE STRING "sanitizers to build with, e.g. address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Debug CACHE STRING "build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

# Paths are hashed relative to the source folder: two build folders, or two clones, share what they compile.
find_program(SLIPWAY_CCACHE ccache)
if(PROJECT_IS_TOP_LEVEL AND SLIPWAY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${slipway_SOURCE_DIR} ${SLIPWAY_CCACHE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-fpch-preprocess)
    endif()
endif()
find_program(SLIPWAY_MOLD mold)
if(PROJECT_IS_TOP_LEVEL AND SLIPWAY_MOLD AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    add_link_options(-fuse-ld=mold)
endif()

if(SLIPWAY_SANITIZE)
    add_compile_options(-fsanitize=${SLIPWAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${SLIPWAY_SANITIZE})
    if(SLIPWAY_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-Wno-tsan)
    endif()
endif()
if(SLIPWAY_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "SLIPWAY_FUZZ needs clang (libFuzzer)")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# g++ 12 reports the array behind a vector's braced initialiser as uninitialised as soon as it optimises.
if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_options(-Wno-maybe-uninitialized)
endif()

# Warnings are ours alone: a consumer must not inherit them.
function(slipway_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
        -Wold-style-cast -Wimplicit-fallthrough -Wswitch $<$<BOOL:${SLIPWAY_WERROR}>:-Werror>)
endfunction()
