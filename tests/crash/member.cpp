// SPDX-License-Identifier: Apache-2.0
#include "crash/member.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

namespace weir::crash {
namespace {

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

void Member::start(const std::string& step, std::uint64_t count, std::uint64_t error_seed) {
  options_.pause_step = step;
  options_.pause_count = count;
  options_.error_seed = error_seed;
  has_committed_ = is_paused_ = is_stopping_ = has_ended_ = false;
  status_.clear();
  std::vector<std::string> words = options_.to_words();
  words.insert(words.begin(), "--job");
  child_ = std::make_unique<Child>(words);
}

void Member::kill() {
  child_->kill();
  child_.reset();
}

void Member::stop() {
  is_stopping_ = true;
  child_->signal(SIGTERM);
}

void Member::pump(int timeout_ms) {
  while (child_ != nullptr && !has_ended_) {
    const std::optional<std::string> line = child_->read_line(timeout_ms);
    timeout_ms = 0;
    if (line) {
      take(*line);
    } else if (child_->has_closed()) {
      const int result = child_->wait();
      child_.reset();
      if (is_stopping_ && has_ended_) return;
      throw std::runtime_error{"member " + name() + " ended by itself with status " +
                               std::to_string(result) + "; it waited for: " + status_};
    } else {
      break;
    }
  }
}

void Member::take(const std::string& line) {
  if (starts_with(line, "checkpoint ")) {
    has_committed_ = true;
  } else if (starts_with(line, "status ")) {
    status_ = line.substr(line.find(' ') + 1);
  } else if (starts_with(line, "silent ")) {
    const std::int64_t silence_ms = std::stoll(line.substr(line.find(' ') + 1));
    if (silence_ms <= longest_silence_ms_) return;
    longest_silence_ms_ = silence_ms;
    silent_status_ = status_;
  } else if (starts_with(line, "paused ")) {
    is_paused_ = true;
  } else if (line == "ended") {
    has_ended_ = true;
    child_->wait();
    child_.reset();
  }
}

}  // namespace weir::crash
