#if defined(__SANITIZE_THREAD__)
/// With its change list libevent tells epoll of a closed descriptor one turn late. The kernel answers ENOENT where the
/// number belongs to another thread by then, which is harmless, but looks like a race for the descriptor.
extern "C" const char* __tsan_default_suppressions() { return "race:epoll_ctl\n"; }
#endif
