// SPDX-License-Identifier: Apache-2.0
#include <librdkafka/rdkafka.h>
#include <regex.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <set>

#include "kafka/librdkafka/errors.hpp"
#include "kafka/librdkafka/queries.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

bool is_pattern(const std::string& topic) { return !topic.empty() && topic.front() == '^'; }

bool is_internal(const std::string& topic) {
  return topic == "__consumer_offsets" || topic == "__transaction_state";
}

/// A pattern as librdkafka itself reads it in a subscription.
class Pattern final {
 public:
  explicit Pattern(const std::string& text) {
    if (regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
      throw refused("the topic pattern " + text + " is no regular expression (POSIX, extended)");
    }
  }
  ~Pattern() { regfree(&compiled_); }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  bool matches(const std::string& topic) const {
    return regexec(&compiled_, topic.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t compiled_{};
};

/// Names and patterns of topics.
class TopicSet final {
 public:
  explicit TopicSet(const std::vector<std::string>& topics) {
    for (const std::string& topic : topics) {
      if (is_pattern(topic)) {
        patterns_.push_back(std::make_unique<Pattern>(topic));
      } else {
        names_.insert(topic);
      }
    }
  }

  bool has_patterns() const { return !patterns_.empty(); }
  const std::set<std::string>& names() const { return names_; }

  bool contains(const std::string& topic) const {
    return names_.count(topic) > 0 ||
           (!is_internal(topic) &&
            std::any_of(patterns_.begin(), patterns_.end(),
                        [&](const auto& pattern) { return pattern->matches(topic); }));
  }

 private:
  std::set<std::string> names_;
  std::vector<std::unique_ptr<Pattern>> patterns_;
};

/// Of one topic, or of all.
MetadataPtr metadata(rd_kafka_s& client, rd_kafka_topic_s* topic, Duration timeout) {
  const struct rd_kafka_metadata* found = nullptr;
  check(rd_kafka_metadata(&client, topic == nullptr ? 1 : 0, topic, &found, timeout_ms(timeout)),
        "topics");
  return MetadataPtr{found};
}

void add_partitions(const struct rd_kafka_metadata& metadata, const TopicSet& wanted,
                    std::set<TopicPartition>& partitions) {
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    const rd_kafka_metadata_topic& topic = metadata.topics[i];
    const std::string name = topic.topic;
    if (!wanted.contains(name) || topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        topic.err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
      continue;
    }
    check(topic.err, "topic " + name);
    for (int p = 0; p < topic.partition_cnt; ++p) {
      partitions.insert({name, topic.partitions[p].id});
    }
  }
}

}  // namespace

std::vector<TopicPartition> partitions(rd_kafka_s& client, const std::vector<std::string>& topics,
                                       Duration timeout) {
  const TopicSet wanted{topics};
  std::set<TopicPartition> found;
  if (wanted.has_patterns()) {
    add_partitions(*metadata(client, nullptr, timeout), wanted, found);
  } else {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (const std::string& name : wanted.names()) {
      const auto left =
          std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now());
      const TopicPtr topic{rd_kafka_topic_new(&client, name.c_str(), nullptr)};
      if (!topic) check(rd_kafka_last_error(), "topic " + name);
      add_partitions(*metadata(client, topic.get(), left), wanted, found);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace weir::inline v0::kafka::librdkafka
