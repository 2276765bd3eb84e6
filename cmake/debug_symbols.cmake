# At the installation: what a debugger reads of `program`, in a file that is named by its build id. `objcopy` and `readelf` are those of the
# architecture that is built for. Source: dh_strip(1); gdb's manual, "Debugging Information in Separate Files".
execute_process(COMMAND ${readelf} --notes ${program} OUTPUT_VARIABLE notes COMMAND_ERROR_IS_FATAL ANY)
if(NOT notes MATCHES "Build ID: ([0-9a-f][0-9a-f])([0-9a-f]+)")
  message(FATAL_ERROR "${program} has no build id, by which its debug symbols could be found")
endif()
set(folder ${CMAKE_INSTALL_PREFIX}/lib/debug/.build-id/${CMAKE_MATCH_1})
set(name ${CMAKE_MATCH_2}.debug)
file(INSTALL DESTINATION ${folder} TYPE FILE RENAME ${name} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ FILES ${program})
execute_process(COMMAND ${objcopy} --only-keep-debug --compress-debug-sections $ENV{DESTDIR}${folder}/${name} COMMAND_ERROR_IS_FATAL ANY)
