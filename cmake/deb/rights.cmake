# Before the packing: folders have the rights that Debian's have, whatever the umask of who packs. CMake's own variable for it is masked, too.
execute_process(COMMAND find ${CPACK_TEMPORARY_DIRECTORY} -type d -exec chmod 0755 {} + COMMAND_ERROR_IS_FATAL ANY)
