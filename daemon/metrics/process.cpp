#include "metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace xion {

std::uint64_t open_descriptors() {
  std::error_code failed;
  std::uint64_t count = 0;
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", failed);
       !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    ++count;
  }
  return count;
}

std::uint64_t descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace xion

namespace xion::metrics {
namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Source: proc(5), /proc/pid/statm: total and resident size, in pages.
double resident_octets() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double in_unix_seconds(WallTime at) { return static_cast<double>(unix_millis(at)) / 1000; }

/// What an operator has to look after.
void tell_upkeep(Families& families, const ProcessFacts& process) {
  families
      .gauges("xionid_config_last_reload_successful",
              "1: the configuration that was read last is in force; 0: it has an error, and the one before is")
      .value(process.is_last_reload_taken ? 1.0 : 0.0);
  families
      .gauges("xionid_config_last_reload_timestamp_seconds",
              "When the configuration was read last, in seconds since 1970")
      .value(in_unix_seconds(process.last_reload.value_or(process.started_at)));
  families.gauges("xionid_certificate_expiry_timestamp_seconds",
                  "When a certificate ends, in seconds since 1970; use: api, or the carrier that it is for");
  for (const auto& [use, end] : process.certificates) families.value(in_unix_seconds(end), {{"use", use}});
  families.gauges("xionid_backup_last_success_timestamp_seconds",
                  "When the last backup was made, in seconds since 1970");
  if (process.last_backup) families.value(in_unix_seconds(*process.last_backup));
  families
      .counters(
          "xionid_trace_spans_total",
          "Spans of traces: exported to the collector, or dropped for want of room or since it would not take them")
      .value(process.trace_spans_exported, {{"outcome", "exported"}})
      .value(process.trace_spans_dropped, {{"outcome", "dropped"}});
}

}  // namespace

void tell_process(Families& families, const ProcessFacts& process) {
  families.gauges("xionid_build_info", "Always 1; the labels tell version and configuration")
      .value(1.0, {{"version", process.version}, {"config_hash", process.config_hash}});
  families.counters("xionid_log_lines_dropped_total", "Log lines dropped because journal or terminal could not keep up")
      .value(process.log_lines_dropped);
  families.gauges("xionid_api_connections", "Open connections of the API").value(process.api_connections);
  families.gauges("xionid_api_connections_limit", "Connections of the API that may be open")
      .value(process.api_connections_limit);
  tell_upkeep(families, process);
  families.gauges("process_start_time_seconds", "When the process started, in seconds since 1970")
      .value(static_cast<double>(unix_millis(process.started_at)) / 1000);
  families.counters("process_cpu_seconds_total", "User and system time").value(cpu_seconds());
  families.gauges("process_resident_memory_bytes", "Resident memory").value(resident_octets());
  families.gauges("process_open_fds", "Open file descriptors").value(open_descriptors());
  families.gauges("process_max_fds", "Limit of open file descriptors").value(descriptor_limit());
}

}  // namespace xion::metrics
