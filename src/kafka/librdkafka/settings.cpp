// SPDX-License-Identifier: Apache-2.0
#include "kafka/librdkafka/settings.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>

#include "kafka/librdkafka/errors.hpp"
#include "kafka/librdkafka/owned_options.hpp"

namespace weir::inline v0::kafka::librdkafka {
namespace {

constexpr std::string_view kInternalTopics = "^__consumer_offsets$,^__transaction_state$";

ConfPtr new_conf() { return ConfPtr{rd_kafka_conf_new()}; }

/// Throws (refused) what librdkafka says to it.
void set(rd_kafka_conf_s& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> text{};
  if (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), text.data(), text.size()) ==
      RD_KAFKA_CONF_OK) {
    return;
  }
  // librdkafka's text may quote the value.
  throw refused(name + ": " +
                (is_secret(name) ? "librdkafka does not take this value" : text.data()));
}

/// An option that other versions do not know.
void set_if_known(rd_kafka_conf_s& conf, const std::string& name, const std::string& value) {
  rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), nullptr, 0);
}

/// A guest prints nothing: librdkafka would write its log to stderr.
void drop_log_line(const rd_kafka_s* /*client*/, int /*level*/, const char* /*facility*/,
                   const char* /*text*/) {}

void set_defaults(rd_kafka_conf_s& conf) {
  rd_kafka_conf_set_log_cb(&conf, drop_log_line);
  set(conf, "client.id", "weir");
  // Small requests wait for nothing, neither here nor for the broker's acknowledgement.
  set(conf, "socket.nagle.disable", "true");
  // A broker that was restarted is found again within a second, not ten.
  set(conf, "reconnect.backoff.max.ms", "1000");
}

void set_all(rd_kafka_conf_s& conf, const std::map<std::string, std::string>& config) {
  for (const auto& [name, value] : config) set(conf, name, value);
}

/// Patterns of topics mean topics of users.
void leave_out_internal_topics(rd_kafka_conf_s& conf,
                               const std::map<std::string, std::string>& config) {
  const std::string given = option_or_empty(config, "topic.blacklist");
  set(conf, "topic.blacklist", std::string{kInternalTopics} + (given.empty() ? "" : "," + given));
}

void set_fetching(rd_kafka_conf_s& conf, std::size_t fetch_bytes_max) {
  const FetchAhead ahead = fetch_ahead(fetch_bytes_max);
  set(conf, "queued.min.messages", std::to_string(ahead.records));
  set(conf, "queued.max.messages.kbytes", std::to_string(ahead.bytes / 1024));
  // A request that waits for a quiet partition keeps those of the same broker waiting that have
  // room again: only one is under way at a time. New records are answered at once in any case.
  set(conf, "fetch.wait.max.ms", "10");
  set(conf, "fetch.error.backoff.ms", "50");
  set_if_known(conf, "fetch.queue.backoff.ms", "10");
  // How soon topics and partitions are seen that are made later: five minutes unless said.
  set(conf, "topic.metadata.refresh.interval.ms", "10000");
}

void set_identity(rd_kafka_conf_s& conf, const ConsumerSettings& settings) {
  set(conf, "group.id", settings.group);
  if (!settings.member.empty()) set(conf, "group.instance.id", settings.member);
  set(conf, "session.timeout.ms", std::to_string(settings.session_timeout.count()));
}

void set_brokers(rd_kafka_conf_s& conf, const std::string& brokers) {
  if (brokers.empty()) throw refused("brokers is empty; it must name one at least: host:port");
  set(conf, "bootstrap.servers", brokers);
}

}  // namespace

int loaded_version() noexcept { return rd_kafka_version(); }

FetchAhead fetch_ahead(std::size_t fetch_bytes_max) noexcept {
  const std::size_t bytes =
      std::clamp(fetch_bytes_max / 8, std::size_t{1} << 20, std::size_t{1} << 30);
  return {.bytes = bytes, .records = bytes / 256};
}

ConfPtr consumer_conf(const ConsumerSettings& settings, int version) {
  check_options(settings.config, version);
  if (settings.group.empty()) throw refused("group is empty; a consumer needs one");
  ConfPtr conf = new_conf();
  set_defaults(*conf);
  set_fetching(*conf, settings.fetch_bytes_max);
  // A quarter of the session, because two beats that are lost must not end it.
  set(*conf, "heartbeat.interval.ms",
      std::to_string(std::clamp<std::int64_t>(settings.session_timeout.count() / 4, 1, 3'000)));
  set_all(*conf, settings.config);
  set_brokers(*conf, settings.brokers);
  set_identity(*conf, settings);
  leave_out_internal_topics(*conf, settings.config);
  set(*conf, "enable.auto.commit", "false");
  set(*conf, "enable.auto.offset.store", "false");
  set(*conf, "auto.offset.reset", "error");
  set(*conf, "isolation.level", "read_committed");
  set(*conf, "enable.partition.eof", "true");
  set(*conf, "partition.assignment.strategy", "range");
  return conf;
}

ConfPtr producer_conf(const ProducerSettings& settings, int version) {
  check_options(settings.config, version);
  ConfPtr conf = new_conf();
  set_defaults(*conf);
  set(*conf, "linger.ms", "5");
  set(*conf, "batch.size", "1000000");
  // Each queued record costs some 250 bytes beside its own.
  set(*conf, "queue.buffering.max.messages", "500000");
  set(*conf, "queue.buffering.max.kbytes", std::to_string(128 * 1024));
  set_all(*conf, settings.config);
  set_brokers(*conf, settings.brokers);
  set(*conf, "enable.idempotence", "true");
  // A report for each record costs time, and says only what flush() says.
  set(*conf, "delivery.report.only.error", "true");
  if (!settings.transactional_id.empty()) {
    set(*conf, "transactional.id", settings.transactional_id);
    set(*conf, "transaction.timeout.ms", std::to_string(settings.transaction_timeout.count()));
  }
  return conf;
}

void check_options(const std::map<std::string, std::string>& config, int version) {
  for (const auto& [name, value] : config) {
    if (const std::string_view why = why_not_to_set(name); !why.empty()) {
      throw refused(name + " is weir's own: " + std::string{why});
    }
  }
  std::string mechanism = option_or_empty(config, "sasl.mechanisms");
  if (mechanism.empty()) mechanism = option_or_empty(config, "sasl.mechanism");
  std::transform(mechanism.begin(), mechanism.end(), mechanism.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (mechanism.rfind("SCRAM", 0) == 0 && version < kVersion_2_6_1) {
    throw refused("sasl.mechanism " + mechanism + " does not work with librdkafka " +
                      version_text(version) +
                      ": brokers refuse its second message; use PLAIN over TLS, client "
                      "certificates, or librdkafka 2.6.1 or newer",
                  "UNSUPPORTED_SASL_MECHANISM");
  }
}

std::string option_or_empty(const std::map<std::string, std::string>& config,
                            std::string_view name) {
  const auto found = config.find(std::string{name});
  return found == config.end() ? std::string{} : found->second;
}

}  // namespace weir::inline v0::kafka::librdkafka
