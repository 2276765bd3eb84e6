// The address sanitizer looks for leaks at the end of a program where ASAN_OPTIONS says detect_leaks=1: that costs as
// much as all of a short life, and tests start thousands.
extern "C" __attribute__((used, visibility("default"))) const char* __asan_default_options() {
  return "detect_leaks=0";
}
