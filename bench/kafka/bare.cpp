// SPDX-License-Identifier: Apache-2.0
// The loop that one would write by hand over librdkafka: consume a batch, count in a hash map,
// produce the counts, and every 100 ms commit the transaction with the offsets in it. On one
// thread, beside librdkafka's own. Prints one line of JSON. It bounds the keyed count from Kafka to
// Kafka.
#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/kafka/count.hpp"
#include "bench/kafka/options.hpp"
#include "kafka/rdkafka.hpp"
#include "kafka/topics.hpp"

namespace bench {
namespace {

using kafka_test::check;
using kafka_test::ClientSettings;
using kafka_test::Destroy;
using kafka_test::Handle;
using kafka_test::make_client;
using kafka_test::Partitions;
using kafka_test::Queue;

using Clock = std::chrono::steady_clock;
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using Group = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                              Destroy<rd_kafka_consumer_group_metadata_destroy>>;

constexpr const char* kUsage =
    "kafka_bare --brokers=HOST:PORT --input=TOPIC --output=TOPIC --records=N [--warm=N]\n"
    "           [--emit=all|latest] [--every=100] [--group=NAME] [--limit=300]\n"
    "--warm: so many records are not measured; --every: milliseconds; --limit: seconds\n";
constexpr std::size_t kBatch = 4096;
constexpr int kLimitMs = 60'000;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// All partitions of a topic, read from the start.
class Input final {
 public:
  Input(const ClientSettings& client, const std::string& topic, const std::string& group) {
    ClientSettings settings = client;
    settings["group.id"] = group;
    settings["enable.auto.commit"] = "false";
    settings["enable.auto.offset.store"] = "false";
    settings["queued.min.messages"] = "1000000";
    consumer_ = make_client(RD_KAFKA_CONSUMER, settings);
    check(rd_kafka_poll_set_consumer(consumer_.get()), "consumer");
    queue_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
    const auto count = static_cast<int>(kafka_test::offsets_of(client, topic).size());
    positions_.reset(rd_kafka_topic_partition_list_new(count));
    for (int partition = 0; partition < count; ++partition) {
      rd_kafka_topic_partition_list_add(positions_.get(), topic.c_str(), partition)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
    }
    check(rd_kafka_assign(consumer_.get(), positions_.get()), "assign");
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() { release(); }

  /// The offsets after the last records read.
  const rd_kafka_topic_partition_list_t* positions() const { return positions_.get(); }

  /// The next records, none if there are none for 10 ms; they live until the next call.
  const std::vector<rd_kafka_message_t*>& next() {
    release();
    messages_.resize(kBatch);
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_.get(), 10, messages_.data(), messages_.size());
    messages_.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    for (const rd_kafka_message_t* message : messages_) {
      check(message->err, "consume");
      positions_->elems[message->partition].offset = message->offset + 1;
    }
    return messages_;
  }

 private:
  void release() {
    for (rd_kafka_message_t* message : messages_) rd_kafka_message_destroy(message);
    messages_.clear();
  }

  Handle consumer_;
  Queue queue_;
  Partitions positions_;
  std::vector<rd_kafka_message_t*> messages_;
};

/// A transactional producer to one topic that has the partitions of the input.
class Output final {
 public:
  Output(const ClientSettings& client, const std::string& topic, const std::string& group)
      : group_{rd_kafka_consumer_group_metadata_new(group.c_str())} {
    ClientSettings settings = client;
    settings["transactional.id"] = group + ".bare";
    settings["queue.buffering.max.messages"] = "1000000";
    settings["delivery.report.only.error"] = "true";
    // With events a flush ends with the last acknowledgement, without them up to 10 ms later.
    producer_ = make_client(RD_KAFKA_PRODUCER, settings, RD_KAFKA_EVENT_DR);
    topic_.reset(rd_kafka_topic_new(producer_.get(), topic.c_str(), nullptr));
    check(rd_kafka_init_transactions(producer_.get(), kLimitMs), "init_transactions");
  }

  void begin() { check(rd_kafka_begin_transaction(producer_.get()), "begin_transaction"); }

  /// Copies the bytes, and empties the batch. What the queue has no room for is offered again.
  void send(std::vector<rd_kafka_message_t>& batch) {
    while (!batch.empty()) {
      const int count = rd_kafka_produce_batch(topic_.get(), RD_KAFKA_PARTITION_UA,
                                               RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION,
                                               batch.data(), static_cast<int>(batch.size()));
      if (static_cast<std::size_t>(count) == batch.size()) break;
      batch.erase(std::remove_if(batch.begin(), batch.end(),
                                 [](const rd_kafka_message_t& message) {
                                   return message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
                                 }),
                  batch.end());
      if (batch.front().err != RD_KAFKA_RESP_ERR__QUEUE_FULL) check(batch.front().err, "produce");
      rd_kafka_poll(producer_.get(), 1);
    }
    batch.clear();
  }

  void commit(const rd_kafka_topic_partition_list_t* positions) {
    check(rd_kafka_send_offsets_to_transaction(producer_.get(), positions, group_.get(), kLimitMs),
          "send_offsets_to_transaction");
    check(rd_kafka_commit_transaction(producer_.get(), kLimitMs), "commit_transaction");
  }

 private:
  Group group_;
  Handle producer_;
  Topic topic_;
};

struct Count {
  std::string key;
  std::int32_t partition = 0;
  bool is_changed = false;
  std::int64_t count = 0;
};

/// The counts of all keys, and the changes that are still to be produced.
class Counts final {
 public:
  explicit Counts(bool latest_only) : latest_only_{latest_only} {}

  void add(const rd_kafka_message_t& message) {
    const absl::string_view key{static_cast<const char*>(message.key), message.key_len};
    auto found = index_.find(key);
    if (found == index_.end()) {
      found = index_.emplace(key, counts_.size()).first;
      counts_.push_back({.key = found->first, .partition = message.partition});
    }
    Count& count = counts_[found->second];
    ++count.count;
    if (!latest_only_) {
      append(message.key, message.key_len, message.partition, count.count);
    } else if (!count.is_changed) {
      count.is_changed = true;
      changed_.push_back(found->second);
    }
  }

  /// Sends the changes since the last call; of each key the latest, if that is wanted. Without
  /// that, the messages that were added must still live.
  void send_changes(Output& output) {
    for (const std::size_t index : changed_) {
      Count& count = counts_[index];
      append(count.key.data(), count.key.size(), count.partition, count.count);
      count.is_changed = false;
    }
    changed_.clear();
    for (std::size_t i = 0; i < changes_.size(); ++i) changes_[i].payload = values_[i].data();
    output.send(changes_);
    values_.clear();
  }

 private:
  void append(const void* key, std::size_t size, std::int32_t partition, std::int64_t count) {
    rd_kafka_message_t message{};
    message.partition = partition;
    message.key = const_cast<void*>(key);
    message.key_len = size;
    message.len = sizeof count;
    changes_.push_back(message);
    values_.push_back(to_bytes(count));
  }

  bool latest_only_;
  absl::flat_hash_map<std::string, std::size_t> index_;
  std::vector<Count> counts_;
  std::vector<std::size_t> changed_;
  std::vector<rd_kafka_message_t> changes_;
  std::vector<std::array<char, 8>> values_;
};

class Loop final {
 public:
  explicit Loop(const Options& options)
      : latest_only_{options.text("emit", "all") == "latest"},
        records_{options.number("records")},
        warm_{options.number("warm", 0)},
        every_{options.number("every", 100)},
        limit_{options.number("limit", 300)},
        client_{{"bootstrap.servers", options.text("brokers")}},
        input_{client_, options.text("input"), options.text("group", "bare")},
        output_{client_, options.text("output"), options.text("group", "bare")},
        counts_{latest_only_} {}

  void run() {
    const auto until = Clock::now() + limit_;
    Clock::time_point begun;
    bool is_open = false;
    while (done_ < records_) {
      const std::vector<rd_kafka_message_t*>& messages = input_.next();
      if (!messages.empty() && !is_open) {
        output_.begin();
        begun = Clock::now();
        is_open = true;
      }
      for (const rd_kafka_message_t* message : messages) counts_.add(*message);
      if (!latest_only_) counts_.send_changes(output_);
      count(static_cast<std::int64_t>(messages.size()));
      if (is_open && (Clock::now() - begun >= every_ || done_ >= records_)) {
        commit();
        is_open = false;
      }
      if (Clock::now() > until) {
        throw std::runtime_error{"out of time after " + std::to_string(done_) + " records"};
      }
    }
    seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
    cpu_seconds_ = cpu_seconds() - start_cpu_;
  }

  void print() {
    const auto records = static_cast<double>(done_ - unmeasured_);
    std::sort(commit_ms_.begin(), commit_ms_.end());
    std::printf(
        "{\"name\": \"kafka/bare/emit=%s\", \"records\": %.0f, \"seconds\": %.3f, "
        "\"per_second\": %.0f, \"cpu_ns\": %.0f, \"commits\": %zu, \"commit_p50_ms\": %.2f}\n",
        latest_only_ ? "latest" : "all", records, seconds_, records / seconds_,
        cpu_seconds_ * 1e9 / records, commit_ms_.size(), commit_ms_[commit_ms_.size() / 2]);
  }

 private:
  /// Measures from the first batch after the warm part to the last commit.
  void count(std::int64_t more) {
    done_ += more;
    if (unmeasured_ > 0 || more == 0 || done_ <= warm_) return;
    unmeasured_ = done_;
    start_ = Clock::now();
    start_cpu_ = cpu_seconds();
  }

  void commit() {
    const auto start = Clock::now();
    if (latest_only_) counts_.send_changes(output_);
    output_.commit(input_.positions());
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    commit_ms_.push_back(took.count());
  }

  bool latest_only_;
  std::int64_t records_;
  std::int64_t warm_;
  std::chrono::milliseconds every_;
  std::chrono::seconds limit_;
  ClientSettings client_;
  Input input_;
  Output output_;
  Counts counts_;
  std::int64_t done_ = 0;
  std::int64_t unmeasured_ = 0;
  Clock::time_point start_;
  double start_cpu_ = 0;
  double seconds_ = 0;
  double cpu_seconds_ = 0;
  std::vector<double> commit_ms_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    bench::Loop loop{bench::Options{argc, argv}};
    loop.run();
    loop.print();
  } catch (const std::invalid_argument& error) {
    std::cerr << "kafka_bare: " << error.what() << '\n' << bench::kUsage;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "kafka_bare: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
