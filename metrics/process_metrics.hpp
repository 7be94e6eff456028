// The `process_*` metrics that every exporter of Prometheus has, read from /proc.
#pragma once

#include <string>

namespace usher::metrics {

/// Appends CPU seconds, resident and virtual memory, start time, and open file descriptors in the text format. What
/// can't be read is left out.
void append_process_metrics(std::string& out);

}  // namespace usher::metrics
