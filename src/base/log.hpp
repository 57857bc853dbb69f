// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "weir/clock.hpp"
#include "weir/export.hpp"
#include "weir/log.hpp"

namespace weir::inline v0 {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// weir's log: lines with the context of whoever writes them, thinned out where they repeat.
///
///     const Log log{options.logger, clock};
///     const Log of_shard = log.with("job 'alerts', node 'spend', shard 3");
///     of_shard.warn("late records", "17 records came after their window was dropped");
///     // job 'alerts', node 'spend', shard 3: 17 records came after their window was dropped
///
/// Lines of one topic are the same line with other numbers. Of each context and topic the first
/// five are written, then one in ten seconds, which says how many were left out. Never give it
/// bytes of records. A value: copies share the logger and the counts. Thread-safe.
class WEIR_API Log final {
 public:
  /// Writes to `logger`, or to weir's own if that is null. The clock outlives the log.
  Log(Logger logger, const Clock& clock);

  /// The same log, whose lines begin with `context` after what they begin with already.
  Log with(std::string_view context) const;

  /// Whether lines of that level are written at all; for lines that cost something to make.
  bool is_enabled(LogLevel level) const noexcept;

  void write(LogLevel level, std::string_view topic, std::string_view line) const;

  void debug(std::string_view topic, std::string_view line) const {
    write(LogLevel::debug, topic, line);
  }
  void info(std::string_view topic, std::string_view line) const {
    write(LogLevel::info, topic, line);
  }
  void warn(std::string_view topic, std::string_view line) const {
    write(LogLevel::warn, topic, line);
  }
  void error(std::string_view topic, std::string_view line) const {
    write(LogLevel::error, topic, line);
  }

  /// Lines that are their own topic.
  void debug(std::string_view line) const { write(LogLevel::debug, line, line); }
  void info(std::string_view line) const { write(LogLevel::info, line, line); }
  void warn(std::string_view line) const { write(LogLevel::warn, line, line); }
  void error(std::string_view line) const { write(LogLevel::error, line, line); }

 private:
  class Output;

  explicit Log(std::shared_ptr<Output> output, std::string context);

  std::shared_ptr<Output> output_;  // Shared by all logs of a job, on all its threads.
  std::string context_;
};

}  // namespace weir::inline v0
