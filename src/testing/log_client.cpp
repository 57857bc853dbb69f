// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/log_client.hpp"

#include <charconv>
#include <utility>

#include "testing/log_commit.hpp"

namespace weir::inline v0::testing {
namespace {

template <class Number>
Number number_in(std::string_view text, std::string_view what) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  throw CorruptState{std::string{what} + " '" + std::string{text} + "' is not a number"};
}

class GatedWriter final : public LogWriter {
 public:
  GatedWriter(std::shared_ptr<LogCommit> commit, std::string topic, std::function<void()> wake)
      : commit_{std::move(commit)}, gate_{std::move(topic), std::move(wake), 0, {}} {
    commit_->add(gate_);
  }
  ~GatedWriter() override { commit_->remove(gate_); }

  bool ready() const override { return commit_->has_room(gate_); }
  void write(LogRecord record) override { commit_->write(gate_, std::nullopt, std::move(record)); }
  void write_to(std::uint32_t partition, LogRecord record) override {
    commit_->write(gate_, partition, std::move(record));
  }
  void barrier(CheckpointId) override { commit_->barrier(gate_); }

 private:
  const std::shared_ptr<LogCommit> commit_;  // Shared with the job.
  LogCommit::Gate gate_;
};

}  // namespace

LogPartition partition_of(const SplitId& split) {
  const std::size_t slash = split.value.rfind('/');
  if (slash == std::string::npos) {
    throw CorruptState{"split '" + split.value + "' is not a partition of a topic"};
  }
  return {split.value.substr(0, slash),
          number_in<std::uint32_t>(std::string_view{split.value}.substr(slash + 1), "partition")};
}

LogClient::LogClient(SimLog& log, Options options)
    : log_{log}, commit_{std::make_shared<LogCommit>(log, std::move(options))} {}

LogClient::~LogClient() = default;

std::shared_ptr<Participant> LogClient::participant() const { return commit_; }
std::shared_ptr<CommitAuthority> LogClient::authority() const { return commit_; }

void LogClient::assign(std::set<std::uint32_t> partitions, const std::string& reason) {
  commit_->assign(std::move(partitions), reason);
}

std::uint32_t LogClient::open_count() const { return commit_->open_count(); }

void LogClient::add_source(const std::string& topic) { commit_->add_source(topic); }
void LogClient::add_sink(const std::string& topic) { commit_->add_sink(topic); }

std::vector<SplitId> LogClient::splits(const std::string& topic, const std::string& node) {
  return commit_->add_node(node, topic);
}

std::unique_ptr<LogWriter> LogClient::writer(const std::string& topic, std::function<void()> wake) {
  return std::make_unique<GatedWriter>(commit_, topic, std::move(wake));
}

LogReader::LogReader(SimLog& log, LogPartition partition, const Position* position, bool is_bounded)
    : log_{log}, partition_{std::move(partition)}, is_bounded_{is_bounded} {
  if (position != nullptr) next_ = number_in<std::uint64_t>(position->bytes, "position");
  if (is_bounded_) end_ = log_.last_stable_offset(partition_);
}

std::vector<std::pair<std::uint64_t, LogRecord>> LogReader::read(std::size_t record_count_max) {
  SimLog::Fetched fetched =
      log_.fetch(partition_, next_, record_count_max, Isolation::read_committed);
  next_ = fetched.next_offset;
  if (!is_bounded_ || next_ < end_) return std::move(fetched.records);
  while (!fetched.records.empty() && fetched.records.back().first >= end_) {
    fetched.records.pop_back();
  }
  next_ = end_;
  return std::move(fetched.records);
}

Position LogReader::position() const { return {std::to_string(next_)}; }

std::uint64_t LogReader::lag() const {
  const std::uint64_t end = log_.end_offset(partition_);
  return end > next_ ? end - next_ : 0;
}

}  // namespace weir::inline v0::testing
