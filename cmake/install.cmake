# Everything goes where Debian expects it: /usr and /etc, below $DESTDIR where that is set. `cpack` in the build folder makes .debs of it.
# The simulator is a component, and a package, of its own: nobody's production needs it. So is what a debugger wants to know.
include(GNUInstallDirs)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME xionid)
# Compressed as Debian's policy wants it, without a time in it: two builds are the same octets.
function(xion_install_compressed source name folder component)
  set(compressed ${CMAKE_BINARY_DIR}/compressed/${component}/${name}.gz)
  get_filename_component(parent ${compressed} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  execute_process(COMMAND gzip -9nc ${CMAKE_SOURCE_DIR}/${source} OUTPUT_FILE ${compressed} COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${source})
  install(FILES ${compressed} DESTINATION ${folder} COMPONENT ${component})
endfunction()
install(TARGETS xiond RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS xionctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET xionid-carrier)
  install(TARGETS xionid-carrier RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT carrier)
  xion_install_compressed(man/xionid-carrier.1 xionid-carrier.1 ${CMAKE_INSTALL_MANDIR}/man1 carrier)
  xion_install_compressed(cmake/deb/changelog changelog ${CMAKE_INSTALL_DATAROOTDIR}/doc/xionid-carrier carrier)
  install(FILES ${CMAKE_SOURCE_DIR}/cmake/deb/copyright DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/xionid-carrier COMPONENT carrier)
endif()
# What a debugger reads is taken off the programs and found by their build id, as Debian does it. A plain `cmake --install` leaves it in them.
foreach(program xiond xionctl xionid-carrier)
  if(TARGET ${program})
    install(CODE "
      set(program \"$<TARGET_FILE:${program}>\")
      set(objcopy \"${CMAKE_OBJCOPY}\")
      set(readelf \"${CMAKE_READELF}\")
      include(\"${CMAKE_CURRENT_LIST_DIR}/debug_symbols.cmake\")" COMPONENT dbgsym EXCLUDE_FROM_ALL)
  endif()
endforeach()
install(FILES ${CMAKE_BINARY_DIR}/compressed/xionid/changelog.gz ${CMAKE_SOURCE_DIR}/cmake/deb/copyright
        DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/xionid-dbgsym COMPONENT dbgsym EXCLUDE_FROM_ALL)
# A configuration that is there is the operator's: it is never overwritten.
install(CODE "
  set(file \"\$ENV{DESTDIR}${CMAKE_INSTALL_FULL_SYSCONFDIR}/xionid/xionid.toml\")
  if(EXISTS \"\${file}\")
    message(STATUS \"Kept: \${file}\")
  else()
    file(INSTALL \"${CMAKE_SOURCE_DIR}/conf/xionid.toml\" DESTINATION \"${CMAKE_INSTALL_FULL_SYSCONFDIR}/xionid\")
  endif()")
install(FILES systemd/xiond.service systemd/xiond.socket DESTINATION lib/systemd/system)
install(FILES systemd/xionid.sysusers DESTINATION lib/sysusers.d RENAME xionid.conf)
install(FILES systemd/xionid.tmpfiles DESTINATION lib/tmpfiles.d RENAME xionid.conf)
foreach(page xiond.8 xionctl.1 xionid.toml.5 xionid-data.7 xionid-sizing.7)
  string(REGEX MATCH "[0-9]$" section ${page})
  xion_install_compressed(man/${page} ${page} ${CMAKE_INSTALL_MANDIR}/man${section} xionid)
endforeach()
xion_install_compressed(cmake/deb/changelog changelog ${CMAKE_INSTALL_DOCDIR} xionid)
install(FILES README.md CHANGELOG.md cmake/deb/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
# To read and to copy from: the program has them built in.
install(FILES conf/profiles.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/xionid)
install(DIRECTORY conf/prometheus conf/grafana DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The completion scripts are what xionctl prints.
foreach(script "bash share/bash-completion/completions xionctl" "zsh share/zsh/vendor-completions _xionctl"
        "fish share/fish/vendor_completions.d xionctl.fish")
  separate_arguments(part UNIX_COMMAND "${script}")
  list(GET part 0 shell)
  list(GET part 1 folder)
  list(GET part 2 name)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/completion/${name} DEPENDS xionctl
                     COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/completion
                     COMMAND xionctl completion ${shell} >${CMAKE_BINARY_DIR}/completion/${name})
  list(APPEND completion_files ${CMAKE_BINARY_DIR}/completion/${name})
  install(FILES ${CMAKE_BINARY_DIR}/completion/${name} DESTINATION ${folder})
endforeach()
add_custom_target(completion ALL DEPENDS ${completion_files})

# Three packages: the daemon with its command line, the simulator, and the debug information of both. With SOURCE_DATE_EPOCH two builds of one
# source are the same octets, wherever they are made.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME xionid)
set(CPACK_PACKAGE_CONTACT "XionID <packages@xionid.example>")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://xionid.example/")
# Each package's own summary is the first line of its description: a common one would stand before it.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL xionid carrier dbgsym)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENT_XIONID_DESCRIPTION "one-time codes by SMS over SMPP, sent and verified
A daemon that makes one-time codes, binds to carriers' SMSCs over SMPP 3.4,
sends, routes and fails over, follows delivery reports and verifies; and its
command line xionctl.")
set(CPACK_COMPONENT_CARRIER_DESCRIPTION "simulated SMSC for tests and staging of XionID
An SMPP 3.4 carrier on a command line: binds, windows, throttling, receipts,
faults by script, and a handset whose inbox can be read.")
set(CPACK_COMPONENT_DBGSYM_DESCRIPTION "debug symbols for xionid and xionid-carrier
What a debugger needs to name functions and lines of xiond, xionctl and
xionid-carrier, found by their build ids: for gdb and perf.")
set(CPACK_SET_DESTDIR OFF)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/deb/rights.cmake)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
# CPack's own package of debug symbols (.ddeb) would be empty beside this, and lists its files by the path of the build.
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_XIONID_PACKAGE_NAME xionid)
set(CPACK_DEBIAN_CARRIER_PACKAGE_NAME xionid-carrier)
set(CPACK_DEBIAN_XIONID_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers, debconf (>= 0.5) | debconf-2.0")
file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/floors floors REGEX "^[^#]")
foreach(floor ${floors})
  string(REGEX REPLACE "^([^ ]+) ([^ ]+)$" "\\1 (>= \\2)" floor "${floor}")
  string(APPEND CPACK_DEBIAN_XIONID_PACKAGE_DEPENDS ", ${floor}")
endforeach()
set(CPACK_DEBIAN_XIONID_PACKAGE_SUGGESTS "xionid-carrier, prometheus")
set(CPACK_DEBIAN_DBGSYM_PACKAGE_NAME xionid-dbgsym)
set(CPACK_DEBIAN_DBGSYM_PACKAGE_SECTION debug)
set(CPACK_DEBIAN_DBGSYM_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DBGSYM_PACKAGE_DEPENDS "xionid (= ${PROJECT_VERSION}) | xionid-carrier (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(script postinst prerm postrm conffiles config templates)
  list(APPEND CPACK_DEBIAN_XIONID_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/cmake/deb/${script})
endforeach()
if(CMAKE_CROSSCOMPILING)
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${XION_DEB_ARCHITECTURE})
endif()
include(CPack)
