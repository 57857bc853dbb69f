// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <map>
#include <mutex>
#include <utility>

namespace weir::inline v0 {

namespace {

constexpr std::uint64_t kWrittenAtFirst = 5;
constexpr std::int64_t kQuietNs = 10'000'000'000;
constexpr std::size_t kMaxTopics = 1'024;

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

Logger own_logger() {
  auto logger =
      std::make_shared<spdlog::logger>("weir", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(spdlog::level::warn);
  return logger;
}

}  // namespace

/// What all logs of a job share.
class Log::Output final {
 public:
  Output(Logger logger, const Clock& clock)
      : logger_{logger != nullptr ? std::move(logger) : own_logger()}, clock_{clock} {}

  bool is_enabled(LogLevel level) const noexcept {
    return logger_->should_log(spdlog_level(level));
  }

  void write(LogLevel level, std::string topic, std::string line) {
    const Decision decision = decide(std::move(topic));
    if (!decision.is_written) return;
    if (decision.left_out > 0) {
      line += " (" + std::to_string(decision.left_out) + " more such lines were left out)";
    }
    logger_->log(spdlog_level(level), spdlog::string_view_t{line.data(), line.size()});
  }

 private:
  struct Topic {
    std::uint64_t written = 0;
    std::uint64_t left_out = 0;
    std::int64_t last_ns = 0;
  };
  struct Decision {
    bool is_written = false;
    std::uint64_t left_out = 0;
  };

  Decision decide(std::string topic_name) {
    const std::int64_t now = clock_.monotonic_ns();
    const std::scoped_lock lock{mutex_};
    if (topics_.size() >= kMaxTopics && !topics_.contains(topic_name)) forget_oldest();
    Topic& topic = topics_[std::move(topic_name)];
    if (topic.written >= kWrittenAtFirst && now - topic.last_ns < kQuietNs) {
      ++topic.left_out;
      return {};
    }
    ++topic.written;
    topic.last_ns = now;
    return {true, std::exchange(topic.left_out, 0)};
  }

  void forget_oldest() {
    auto oldest = topics_.begin();
    for (auto topic = topics_.begin(); topic != topics_.end(); ++topic) {
      if (topic->second.last_ns < oldest->second.last_ns) oldest = topic;
    }
    topics_.erase(oldest);
  }

  const Logger logger_;
  const Clock& clock_;
  std::mutex mutex_;  // Guards topics_: lines come from every thread of a job. Held for a look-up.
  std::map<std::string, Topic> topics_;
};

Log::Log(Logger logger, const Clock& clock)
    : output_{std::make_shared<Output>(std::move(logger), clock)} {}

Log::Log(std::shared_ptr<Output> output, std::string context)
    : output_{std::move(output)}, context_{std::move(context)} {}

Log Log::with(std::string_view context) const {
  std::string joined = context_;
  if (!joined.empty()) joined += ", ";
  return Log{output_, joined.append(context)};
}

bool Log::is_enabled(LogLevel level) const noexcept { return output_->is_enabled(level); }

void Log::write(LogLevel level, std::string_view topic, std::string_view line) const {
  if (!is_enabled(level)) return;
  std::string start = context_;
  if (!start.empty()) start += ": ";
  output_->write(level, start + std::string{topic}, start + std::string{line});
}

}  // namespace weir::inline v0
