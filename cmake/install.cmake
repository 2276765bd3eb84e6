# Everything goes where Debian expects it: /usr and /etc, below $DESTDIR where that is set. `cpack` in the build folder makes a .deb of it.
include(GNUInstallDirs)
install(TARGETS xiond RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS xionctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET xionid-carrier)
  install(TARGETS xionid-carrier RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
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
install(FILES man/xiond.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES man/xionctl.1 man/xionid-carrier.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES man/xionid.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES man/xionid-data.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(FILES README.md LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
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

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME xionid)
set(CPACK_PACKAGE_CONTACT "XionID <packages@xionid.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "A daemon that makes one-time codes, sends them by SMS over SMPP 3.4 and verifies them;
its command line xionctl, and a carrier simulator for tests.")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/cmake/deb/postinst ${CMAKE_SOURCE_DIR}/cmake/deb/prerm
    ${CMAKE_SOURCE_DIR}/cmake/deb/postrm ${CMAKE_SOURCE_DIR}/cmake/deb/conffiles)
include(CPack)
