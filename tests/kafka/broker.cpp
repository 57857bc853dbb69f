// SPDX-License-Identifier: Apache-2.0
#include "kafka/broker.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include "kafka/process.hpp"

namespace kafka_test {
namespace {

using namespace std::chrono_literals;

constexpr auto kCommandLimit = 120s;
constexpr auto kFetchLimit = 600s;
constexpr int kMissing = 3;
constexpr int kNotFetched = 4;

std::string in_project(const std::string& path) { return WEIR_SOURCE_DIR "/" + path; }

bool is_required() {
  const char* value = std::getenv("WEIR_REQUIRE_BROKER");
  return value != nullptr && std::string{value} == "1";
}

std::string first_line(const std::string& path) {
  std::ifstream file{path};
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error{"cannot read " + path};
  return line;
}

std::string suffix(Listener listener) {
  switch (listener) {
    case Listener::plaintext:
      return "";
    case Listener::ssl:
      return ".ssl";
    case Listener::sasl_plaintext:
      return ".sasl_plaintext";
    case Listener::sasl_ssl:
      return ".sasl_ssl";
  }
  throw std::logic_error{"no such listener"};
}

std::string temporary_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "weir-kafka-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error{"cannot make " + path};
  return path;
}

/// The version that a default stands for.
std::string version_or_default(const std::string& version) {
  const char* chosen = std::getenv("WEIR_KAFKA_VERSION");
  if (!version.empty()) return version;
  return chosen != nullptr && *chosen != '\0' ? chosen : "4.3.0";
}

std::vector<std::string> start_arguments(const BrokerOptions& options) {
  std::vector<std::string> arguments{"--brokers", std::to_string(options.brokers)};
  if (options.secure) arguments.emplace_back("--secure");
  for (const std::string& property : options.properties) {
    arguments.emplace_back("--property");
    arguments.push_back(property);
  }
  return arguments;
}

}  // namespace

std::optional<std::string> why_no_kafka(const std::string& version) {
  const Outcome fetched =
      run_command({in_project("cmake/kafka.sh"), version_or_default(version)}, kFetchLimit);
  if (fetched.status == 0) return std::nullopt;
  if (fetched.status != kMissing && fetched.status != kNotFetched) {
    throw std::runtime_error{"cmake/kafka.sh failed: " + fetched.errors};
  }
  if (is_required()) throw NoKafka{fetched.errors};
  return fetched.errors;
}

KafkaBrokers::KafkaBrokers(BrokerOptions options) : version_{version_or_default(options.version)} {
  if (const auto why = why_no_kafka(version_)) throw NoKafka{*why};
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error{"cannot make a pipe"};
  owner_reads_ = ends[0];
  owner_ = ends[1];
  folder_ = temporary_folder();
  command("start", 0, start_arguments(options));
}

KafkaBrokers::~KafkaBrokers() {
  try {
    kill();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  close(owner_);  // Whatever kill() could not do, the brokers' own watchers do now.
  close(owner_reads_);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string KafkaBrokers::bootstrap(Listener listener) const {
  return first_line(file("address" + suffix(listener)));
}

ClientSettings KafkaBrokers::client(Listener listener) const {
  ClientSettings settings{{"bootstrap.servers", bootstrap(listener)}};
  const bool has_tls = listener == Listener::ssl || listener == Listener::sasl_ssl;
  const bool has_password = listener == Listener::sasl_plaintext || listener == Listener::sasl_ssl;
  if (has_tls || has_password) settings["security.protocol"] = suffix(listener).substr(1);
  if (has_tls) settings["ssl.ca.location"] = file("tls/ca.pem");
  if (has_password) {
    settings["sasl.mechanisms"] = "PLAIN";
    settings["sasl.username"] = "weir";
    settings["sasl.password"] = password();
  }
  return settings;
}

std::string KafkaBrokers::password() const { return first_line(file("password")); }

std::string KafkaBrokers::file(const std::string& name) const { return folder_ + "/kafka/" + name; }

void KafkaBrokers::stop(int node) { command("stop", node); }
void KafkaBrokers::kill(int node) { command("kill", node); }
void KafkaBrokers::start(int node) { command("start", node); }
void KafkaBrokers::pause(int node) { command("pause", node); }
void KafkaBrokers::resume(int node) { command("resume", node); }

void KafkaBrokers::command(const std::string& what, int node, std::vector<std::string> more) {
  std::vector<std::string> line{"env",
                                "WEIR_KAFKA_VERSION=" + version_,
                                in_project("tests/broker.sh"),
                                what,
                                folder_ + "/kafka",
                                "--owned"};
  if (node != 0) {
    line.emplace_back("--node");
    line.push_back(std::to_string(node));
  }
  for (std::string& word : more) line.push_back(std::move(word));
  const Outcome outcome = run_command(line, kCommandLimit, owner_reads_);
  if (outcome.status != 0) {
    throw std::runtime_error{"tests/broker.sh " + what + " failed: " + outcome.errors};
  }
}

}  // namespace kafka_test
