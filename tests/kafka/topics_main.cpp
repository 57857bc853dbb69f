// SPDX-License-Identifier: Apache-2.0
// What scripts do to topics: make, grow and delete them, send lines to them, print what is
// committed.
#include <cstddef>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kafka/topics.hpp"

namespace {

using kafka_test::ClientSettings;
using kafka_test::Received;
using kafka_test::Sent;

constexpr const char* kUsage = R"(kafka_topics BROKERS create TOPIC [PARTITIONS] [KEY=VALUE]...
kafka_topics BROKERS grow TOPIC PARTITIONS
kafka_topics BROKERS delete TOPIC
kafka_topics BROKERS ends TOPIC       prints a line per partition: the offset after its last record
kafka_topics BROKERS produce TOPIC    sends the lines of its input: KEY, a tab, VALUE; or VALUE
kafka_topics BROKERS read TOPIC       prints committed records like that, up to the topic's end
kafka_topics BROKERS committed TOPIC GROUP   a line per partition: the committed offset and metadata
)";

struct Command {
  ClientSettings client;
  std::string name;
  std::string topic;
  std::vector<std::string> more;
};

void create(const Command& command) {
  kafka_test::TopicOptions options;
  for (const std::string& word : command.more) {
    const std::size_t sign = word.find('=');
    if (sign == std::string::npos) {
      options.partitions = std::stoi(word);
    } else {
      options.config[word.substr(0, sign)] = word.substr(sign + 1);
    }
  }
  kafka_test::create_topic(command.client, command.topic, options);
}

void produce(const Command& command) {
  kafka_test::TestProducer producer{command.client};
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    Sent record{.value = line};
    if (tab != std::string::npos)
      record = {.key = line.substr(0, tab), .value = line.substr(tab + 1)};
    producer.send(command.topic, record);
  }
  producer.flush();
}

void read(const Command& command) {
  kafka_test::read_committed(command.client, command.topic, [](Received&& record) {
    if (record.key) std::cout << *record.key << '\t';
    std::cout << record.value.value_or("") << '\n';
  });
}

void print_ends(const Command& command) {
  for (const auto& offsets : kafka_test::offsets_of(command.client, command.topic)) {
    std::cout << offsets.end << '\n';
  }
}

void print_committed(const Command& command) {
  const auto partitions =
      static_cast<int>(kafka_test::offsets_of(command.client, command.topic).size());
  for (int partition = 0; partition < partitions; ++partition) {
    const auto found =
        kafka_test::committed_by(command.client, command.more.at(0), command.topic, partition);
    if (found) std::cout << found->first << ' ' << found->second;
    std::cout << '\n';
  }
}

void run(const Command& command) {
  if (command.name == "create") return create(command);
  if (command.name == "grow") {
    return kafka_test::grow_topic(command.client, command.topic, std::stoi(command.more.at(0)));
  }
  if (command.name == "delete") return kafka_test::delete_topic(command.client, command.topic);
  if (command.name == "ends") return print_ends(command);
  if (command.name == "produce") return produce(command);
  if (command.name == "read") return read(command);
  if (command.name == "committed") return print_committed(command);
  throw std::invalid_argument{"no such command: " + command.name};
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 3) {
    std::cerr << kUsage;
    return 2;
  }
  std::ios::sync_with_stdio(false);
  try {
    run({{{"bootstrap.servers", words[0]}}, words[1], words[2], {words.begin() + 3, words.end()}});
  } catch (const std::exception& error) {
    std::cerr << "kafka_topics: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
