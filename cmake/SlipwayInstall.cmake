# An installed tree that find_package(slipway) understands: one export set per library, so that a host that only wants the
# engine needs only the engine's third parties.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(SLIPWAY_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/slipway)

install(DIRECTORY include/slipway DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
foreach(library engine lifecycle steps steps_build)
    if(TARGET slipway_${library})
        install(TARGETS slipway_${library} EXPORT slipway-${library} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
        install(EXPORT slipway-${library} NAMESPACE slipway:: DESTINATION ${SLIPWAY_PACKAGE_DIR}
            FILE slipway-${library}.cmake)
    endif()
endforeach()
# Where the built-in steps look for it, seen from a program in bin/.
if(TARGET slipway-supervise)
    install(TARGETS slipway-supervise RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/slipway)
endif()
foreach(program slipway slipwayd)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
endforeach()
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(cmake/slipwayConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/slipwayConfig.cmake
    INSTALL_DESTINATION ${SLIPWAY_PACKAGE_DIR})
# No promise of binary compatibility before 1.0; sources stay compatible within a minor version.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/slipwayConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/slipwayConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/slipwayConfigVersion.cmake
    DESTINATION ${SLIPWAY_PACKAGE_DIR})
