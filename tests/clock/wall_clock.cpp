// A wall clock that is so many seconds ahead, for every process that preloads this: what a test starts lives on another
// day. Time that passes (CLOCK_MONOTONIC and the rest) stays what it is, so nothing is faster or slower than it would
// be.
//
//   LD_PRELOAD=libwall_clock.so XION_CLOCK_AHEAD=86400 date
//
// Every process of a test shares the one offset of the environment, so they agree on the time as on one machine.

#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace {

constexpr long nanos_per_micro = 1'000;

/// Whole seconds, may be negative; 0 where the environment names none.
time_t seconds_ahead() {
  // Read at the first look, which may be before any constructor has run.
  static const time_t ahead = [] {
    const char* text = std::getenv("XION_CLOCK_AHEAD");
    return text ? static_cast<time_t>(std::strtoll(text, nullptr, 10)) : time_t{0};
  }();
  return ahead;
}

bool is_wall(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

/// The kernel's own, asked directly: the C library's function of this name is the one that is replaced below.
int kernel_clock(clockid_t clock, timespec* out) { return static_cast<int>(syscall(SYS_clock_gettime, clock, out)); }

timespec wall_now() {
  timespec now{};
  kernel_clock(CLOCK_REALTIME, &now);
  now.tv_sec += seconds_ahead();
  return now;
}

/// What the kernel has to be told for a moment of the wall clock that this process believes in.
timespec of_kernel(const timespec& believed) {
  return {.tv_sec = believed.tv_sec - seconds_ahead(), .tv_nsec = believed.tv_nsec};
}

/// A condition variable waits by whichever clock it was made with, and does not say which. A moment of the wall clock
/// lies more than a thousand million seconds after its beginning; no machine is up for thirty years.
bool is_wall_moment(const timespec& moment) { return moment.tv_sec > 1'000'000'000; }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  const int result = kernel_clock(clock, out);
  if (result == 0 && is_wall(clock)) out->tv_sec += seconds_ahead();
  return result;
}

int gettimeofday(timeval* __restrict out, void* __restrict) noexcept {
  const timespec now = wall_now();
  *out = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / nanos_per_micro};
  return 0;
}

time_t time(time_t* out) noexcept {
  const time_t now = wall_now().tv_sec;
  if (out) *out = now;
  return now;
}

int timespec_get(timespec* out, int base) noexcept {
  if (base != TIME_UTC) return 0;
  *out = wall_now();
  return base;
}

// Who waits until a moment of the wall clock means the one of this process.

int pthread_cond_timedwait(pthread_cond_t* __restrict condition, pthread_mutex_t* __restrict mutex,
                           const timespec* __restrict until) {
  if (!is_wall_moment(*until)) return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until);
  const timespec moment = of_kernel(*until);
  return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &moment);
}

int pthread_mutex_timedlock(pthread_mutex_t* __restrict mutex, const timespec* __restrict until) noexcept {
  const timespec moment = of_kernel(*until);
  return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, &moment);
}

int sem_timedwait(sem_t* __restrict semaphore, const timespec* __restrict until) {
  const timespec moment = of_kernel(*until);
  return sem_clockwait(semaphore, CLOCK_REALTIME, &moment);
}

}  // extern "C"
