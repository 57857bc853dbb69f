// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kafka_test {

/// Settings of a client by their librdkafka names: `bootstrap.servers`, and what a listener needs.
using ClientSettings = std::map<std::string, std::string>;

/// The ways into a broker. All but the first are there in secure ones only.
enum class Listener { plaintext, ssl, sasl_plaintext, sasl_ssl };

struct BrokerOptions {
  /// Of Apache Kafka; that of WEIR_KAFKA_VERSION, or else 4.3.0, when empty.
  std::string version = {};
  /// One, or three: then everything is replicated three times, and two replicas acknowledge.
  int brokers = 1;
  /// With TLS and SASL PLAIN, and certificates and a password made for this one.
  bool secure = false;
  /// More lines of server.properties, `key=value`.
  std::vector<std::string> properties = {};
};

/// Kafka cannot be had on this machine: no Java, no Maven, no network.
class NoKafka final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Why this version of Kafka cannot be had here; nullopt if it can. Fetches it the first time.
/// Throws NoKafka instead if the environment says WEIR_REQUIRE_BROKER=1.
std::optional<std::string> why_no_kafka(const std::string& version = {});

/// Real brokers, set up by tests/broker.sh in a temporary folder. They run from the constructor to
/// the destructor, which kills them and removes all they wrote; they also die if this process does.
/// `node` counts from 1; 0 means all of them. Every call waits for its effect, and throws
/// std::runtime_error if that does not come within a minute or two.
class KafkaBrokers final {
 public:
  explicit KafkaBrokers(BrokerOptions options = {});
  KafkaBrokers(const KafkaBrokers&) = delete;
  KafkaBrokers& operator=(const KafkaBrokers&) = delete;
  ~KafkaBrokers();

  /// Their addresses, separated by commas.
  std::string bootstrap(Listener listener = Listener::plaintext) const;
  /// What a client of a listener is set up with; for SASL as the user `weir`.
  ClientSettings client(Listener listener = Listener::plaintext) const;
  /// The password of the user `weir`; secure ones only.
  std::string password() const;
  /// The file of a secure one: `tls/ca.pem`, `tls/client.crt`, `tls/client.key`.
  std::string file(const std::string& name) const;

  /// Lets them end in order: leaders move away first.
  void stop(int node = 0);
  /// kill -9.
  void kill(int node = 0);
  /// Starts those that do not run, with the ports and the data that they had; returns when they
  /// answer.
  void start(int node = 0);
  /// SIGSTOP: they hold their connections and answer nothing.
  void pause(int node = 0);
  void resume(int node = 0);

 private:
  void command(const std::string& what, int node, std::vector<std::string> more = {});

  std::string folder_;
  std::string version_;
  int owner_reads_ = -1;
  int owner_ = -1;  // Open as long as this process lives: the brokers watch the other end.
};

}  // namespace kafka_test
