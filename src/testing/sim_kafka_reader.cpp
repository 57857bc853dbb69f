// SPDX-License-Identifier: Apache-2.0
#include "testing/sim_kafka_reader.hpp"

#include <utility>

namespace weir::inline v0::testing {
namespace {

using kafka::KafkaError;

constexpr std::int64_t kUnknown = -1;

/// Runs `call` on the log; what fails is an error of the client.
template <class Call>
auto ask_log(Call call) {
  try {
    return call();
  } catch (const LogError& error) {
    throw KafkaError{KafkaError::Kind::failed, "UNKNOWN_TOPIC_OR_PART", error.what()};
  }
}

class SimFetched final : public kafka::FetchedRecords {
 public:
  SimFetched(SimLog::Fetched fetched, std::shared_ptr<InUse> in_use)
      : fetched_{std::move(fetched)}, in_use_{std::move(in_use)} {
    ++in_use_->batches;
    for (const auto& [offset, record] : fetched_.records) {
      views_.push_back({record.key, record.value, static_cast<std::int64_t>(offset), record.time});
    }
  }
  ~SimFetched() override { --in_use_->batches; }

  const std::vector<kafka::RecordView>& records() const override { return views_; }
  std::vector<kafka::HeaderView> headers(std::size_t record) const override {
    std::vector<kafka::HeaderView> views;
    for (const kafka::Header& header : fetched_.records[record].second.headers) {
      views.push_back({header.name, header.value});
    }
    return views;
  }

 private:
  const SimLog::Fetched fetched_;
  const std::shared_ptr<InUse> in_use_;  // Shared with the consumer.
  std::vector<kafka::RecordView> views_;
};

class SimReader final : public kafka::PartitionReader, public SimBackground {
 public:
  SimReader(std::shared_ptr<SimBroker> broker, const ProcessLife& life,
            std::pair<kafka::TopicPartition, std::int64_t> start, std::function<void()> wake,
            std::shared_ptr<InUse> in_use)
      : broker_{std::move(broker)},
        life_{life},
        partition_{start.first},
        wake_{wake ? std::move(wake) : std::function<void()>{[] {}}},
        in_use_{std::move(in_use)},
        position_{start.second},
        listening_{broker_->log.listen(wake_)} {
    ++in_use_->readers;
    broker_->add(*this);
  }
  ~SimReader() override {
    broker_->remove(*this);
    --in_use_->readers;
  }

  std::unique_ptr<kafka::FetchedRecords> fetch(std::size_t record_count_max) override {
    life_.check();
    broker_->maybe_fail(KafkaCall::fetch);
    const std::int64_t end = sim_end_offset(*broker_, partition_);
    check_in_range();
    std::optional<SimLog::Fetched> answer = ask(record_count_max);
    if (!answer) return nullptr;
    SimLog::Fetched fetched = std::move(*answer);
    end_ = end;
    position_ = static_cast<std::int64_t>(fetched.next_offset);
    if (fetched.records.empty()) return nullptr;
    return std::make_unique<SimFetched>(std::move(fetched), in_use_);
  }
  std::int64_t position() const override { return position_; }
  bool is_at_end() const override { return end_ != kUnknown && position_ >= end_; }
  std::optional<std::int64_t> end_offset() const override {
    const std::int64_t end = end_;
    return end == kUnknown ? std::nullopt : std::optional{end};
  }

  /// Time alone can make records visible, when a transaction runs out of it: nobody is told then.
  bool work() override {
    if (life_.is_over()) return false;
    const std::int64_t end = end_as_told();
    if (!is_late_.exchange(false) && (end == end_ || end == told_end_)) return false;
    told_end_ = end;
    wake_();
    return true;
  }

 private:
  void check_in_range() const {
    const auto end = static_cast<std::int64_t>(broker_->log.end_offset(log_partition(partition_)));
    if (position_ >= 0 && position_ <= end) return;
    throw KafkaError{KafkaError::Kind::failed, "OFFSET_OUT_OF_RANGE",
                     "offset " + std::to_string(position_) + " of " +
                         to_string(log_partition(partition_)) + ": it ends at " +
                         std::to_string(end)};
  }
  /// Empty: the broker failed to answer, and the client will ask again by itself. As often that is
  /// an error.
  std::optional<SimLog::Fetched> ask(std::size_t record_count_max) {
    try {
      return broker_->log.fetch(log_partition(partition_), static_cast<std::uint64_t>(position_),
                                record_count_max, Isolation::read_committed);
    } catch (const LogError& error) {
      if (broker_->chance(0.5)) {
        throw KafkaError{KafkaError::Kind::failed, "_FAIL", error.what()};
      }
      is_late_ = true;
      return std::nullopt;
    }
  }
  /// Of a partition that is gone: something to fetch, which will tell.
  std::int64_t end_as_told() const {
    const auto topics = broker_->log.topics();
    const bool is_there = topics.count(partition_.topic) > 0;
    return is_there ? sim_end_offset(*broker_, partition_) : std::int64_t{0};
  }

  const std::shared_ptr<SimBroker> broker_;  // Shared by all clients.
  const ProcessLife life_;
  const kafka::TopicPartition partition_;
  const std::function<void()> wake_;
  const std::shared_ptr<InUse> in_use_;  // Shared with the consumer.
  std::int64_t position_;
  std::atomic<std::int64_t> end_{kUnknown};
  std::atomic<bool> is_late_{false};
  std::int64_t told_end_ = kUnknown;       // Of work() alone.
  const std::shared_ptr<void> listening_;  // The log's handle.
};

}  // namespace

std::int64_t sim_end_offset(SimBroker& broker, const kafka::TopicPartition& partition) {
  return ask_log([&] {
    return static_cast<std::int64_t>(broker.log.last_stable_offset(log_partition(partition)));
  });
}

std::optional<std::int64_t> sim_offset_at(SimBroker& broker, const kafka::TopicPartition& partition,
                                          EventTime time) {
  return ask_log([&]() -> std::optional<std::int64_t> {
    const std::size_t all = broker.log.end_offset(log_partition(partition));
    const SimLog::Fetched fetched =
        broker.log.fetch(log_partition(partition), 0, all, Isolation::read_committed);
    for (const auto& [offset, record] : fetched.records) {
      if (record.time >= time) return static_cast<std::int64_t>(offset);
    }
    return std::nullopt;
  });
}

std::unique_ptr<kafka::PartitionReader> make_sim_reader(
    std::shared_ptr<SimBroker> broker, const ProcessLife& life,
    std::pair<kafka::TopicPartition, std::int64_t> start, std::function<void()> wake,
    std::shared_ptr<InUse> in_use) {
  return std::make_unique<SimReader>(std::move(broker), life, std::move(start), std::move(wake),
                                     std::move(in_use));
}

}  // namespace weir::inline v0::testing
