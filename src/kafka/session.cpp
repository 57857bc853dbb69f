// SPDX-License-Identifier: Apache-2.0
#include "kafka/session.hpp"

#include <algorithm>
#include <regex>
#include <utility>

#include "kafka/gated_writer.hpp"
#include "kafka/librdkafka/client.hpp"
#include "weir/detail/assert.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {
namespace {

using kafka::KafkaError;
using kafka::TopicPartition;

/// Commits wait behind it: what does not answer so soon is asked again the next time.
constexpr Duration kPurgeTimeout{2'000};
/// Tasks share a sink's buffer; each gets so much at least.
constexpr std::size_t kGateBytesMin = std::size_t{64} << 10;

bool stands_for(const std::string& name, const std::string& topic) {
  if (name.empty() || name.front() != '^') return name == topic;
  return std::regex_search(topic, std::regex{name, std::regex::extended});
}

}  // namespace

std::shared_ptr<KafkaSession> KafkaSession::make(kafka::ClusterOptions options) {
  return std::make_shared<Session>(std::move(options));
}

Session::Session(kafka::ClusterOptions options)
    : options_{std::move(options)},
      client_{options_.client ? options_.client : kafka::librdkafka_client()},
      output_{client_, options_} {}

Session::~Session() = default;

std::size_t Session::add_source(TopicSourceSpec spec) {
  for (const Source& source : sources_) {
    for (const std::string& topic : source.spec.topics) {
      const auto& wanted = spec.topics;
      if (std::find(wanted.begin(), wanted.end(), topic) == wanted.end()) continue;
      throw ConfigError{"topic '" + topic + "' has two sources in one job; use the stream twice"};
    }
  }
  sources_.emplace_back().spec = std::move(spec);
  return sources_.size() - 1;
}

std::size_t Session::add_sink(TopicSinkSpec spec) {
  sinks_.push_back(std::move(spec));
  return sinks_.size() - 1;
}

bool Session::is_bounded(std::size_t source) const {
  return sources_[source].spec.until.kind() != kafka::Until::Kind::never;
}

std::vector<std::string> Session::faults(const JobOptions& options) const {
  std::vector<std::string> faults;
  if (options_.brokers.empty() && !options_.client) {
    faults.emplace_back("brokers of the Kafka cluster is empty; name one: \"localhost:9092\"");
  }
  for (const std::string& fault : client_->faults()) faults.push_back(fault);
  const Duration timeout = options_.transaction_timeout;
  const Duration interval = options.checkpoints.interval;
  if (options.guarantee == Guarantee::exactly_once && timeout.count() != 0 &&
      timeout <= 2 * interval) {
    faults.push_back("transaction_timeout is " + std::to_string(timeout.count()) +
                     "ms; it must be more than twice checkpoints.interval (" +
                     std::to_string(interval.count()) +
                     "ms), or the broker aborts transactions "
                     "that are merely under way");
  }
  const bool has_pointer = !sources_.empty() || !pointer_topic().empty();
  if (options.guarantee == Guarantee::exactly_once && !has_pointer) {
    faults.emplace_back(
        "the job has neither a Kafka source nor a sink with a fixed topic to keep "
        "its place in; set pointer_topic");
  }
  return faults;
}

std::string Session::pointer_topic() const {
  if (!options_.pointer_topic.empty()) return options_.pointer_topic;
  std::set<std::string> topics;
  for (const TopicSinkSpec& sink : sinks_) {
    if (!sink.topic.empty()) topics.insert(sink.topic);
  }
  return topics.empty() ? std::string{} : *topics.begin();
}

std::vector<std::string> Session::subscription() const {
  std::vector<std::string> topics;
  for (const Source& source : sources_) {
    topics.insert(topics.end(), source.spec.topics.begin(), source.spec.topics.end());
  }
  return topics;
}

void Session::make_membership(bool is_inline, const Clock& clock) {
  if (membership_ != nullptr) return;
  Membership::Settings settings;
  settings.group = identity_.job;
  settings.member = transactional_id();
  settings.topics = subscription();
  settings.clock = &clock;
  settings.is_inline = is_inline;
  membership_ = std::make_unique<Membership>(client_, options_, metrics_, std::move(settings));
}

/// Which partitions each source reads.
void Session::share_out() {
  assigned_count_ = membership_->assigned().size();
  openings_.clear();
  for (Source& source : sources_) {
    source.assigned.clear();
    for (const TopicPartition& partition : membership_->assigned()) {
      const auto& names = source.spec.topics;
      const bool is_its = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return stands_for(name, partition.topic);
      });
      if (is_its) source.assigned.push_back(partition);
    }
    std::sort(source.assigned.begin(), source.assigned.end());
  }
}

std::optional<std::string> Session::single_topic(std::size_t source) const {
  const std::vector<std::string>& topics = sources_[source].spec.topics;
  if (topics.size() != 1 || topics.front().rfind('^', 0) == 0) return std::nullopt;
  return topics.front();
}

std::uint32_t Session::partition_count(std::size_t source) {
  const std::vector<std::string>& topics = sources_[source].spec.topics;
  if (membership_ && membership_->is_made()) {
    return static_cast<std::uint32_t>(
        membership_->consumer().partitions(topics, options_.request_timeout).size());
  }
  // Before anything is opened. It asks, and joins no group.
  const auto asking = client_->make_consumer(reader_settings("weir"));
  return static_cast<std::uint32_t>(asking->partitions(topics, options_.request_timeout).size());
}

std::uint32_t Session::partition_number(const SplitId& split) const {
  return static_cast<std::uint32_t>(partition_of(split).partition);
}

/// Of a consumer that asks and does not take part.
kafka::ConsumerSettings Session::reader_settings(std::string group) const {
  kafka::ConsumerSettings settings;
  settings.brokers = options_.brokers;
  settings.group = std::move(group);
  settings.config = options_.config;
  for (const auto& [name, value] : options_.consumer_config) settings.config[name] = value;
  return settings;
}

std::vector<SplitId> Session::splits(std::size_t source, const SourceContext& context) {
  sources_[source].node = context.node;
  settle_unasked(context);
  std::vector<SplitId> splits;
  for (const TopicPartition& partition : sources_[source].assigned) {
    splits.push_back(split_of(partition));
  }
  return splits;
}

/// Of a job whose commits are not decided here: nobody has called open().
void Session::settle_unasked(const SourceContext& context) {
  if (was_opened_) return;
  identity_.job = context.job;
  identity_.instance = context.instance;
  make_membership(context.inline_io, *context.clock);
  membership_->settle();
  share_out();
}

std::unique_ptr<PartitionInput> Session::open_split(std::size_t source, const SplitId& split,
                                                    const std::optional<Position>& position,
                                                    const SourceContext& context) {
  const TopicPartition partition = partition_of(split);
  PartitionPlace place;
  if (position) {
    place = place_of(*position);
  } else {
    place = first_place(sources_[source], partition);
  }
  if (!place.end) place.end = bound(sources_[source], partition);
  auto reading = std::make_unique<PartitionReading>(partition, place, [this] { before_poll(); });
  openings_.push_back({reading.get(), context.wake});
  if (openings_.size() == assigned_count_) start_reading();
  return reading;
}

/// Where commits are decided here the job hears of a revocation, and hands over; any other starts
/// anew.
void Session::before_poll() {
  membership_->poll_inline();
  if (was_opened_ || membership_->has_partitions()) return;
  throw KafkaError{KafkaError::Kind::failed, "_REVOKED", membership_->last_rebalance()};
}

/// All partitions have a place: only now can the client be told.
void Session::start_reading() {
  std::map<TopicPartition, std::int64_t> offsets;
  for (const Opening& opening : openings_) {
    offsets[opening.reading->partition()] = opening.reading->place().next;
  }
  kafka::Consumer& consumer = membership_->consumer();
  consumer.assign(offsets);
  for (const Opening& opening : openings_) {
    opening.reading->start(consumer.reader(opening.reading->partition(), opening.wake));
  }
  openings_.clear();
}

/// Of a partition without a committed offset. Where others have one, it is new: nothing of it was
/// there when the job first started.
PartitionPlace Session::first_place(const Source& source, const TopicPartition& partition) {
  kafka::Consumer& consumer = membership_->consumer();
  const auto [first, end] = consumer.offset_range(partition, options_.request_timeout);
  const kafka::Start& start = source.spec.start;
  switch (has_named_ ? kafka::Start::Kind::earliest : start.kind()) {
    case kafka::Start::Kind::earliest:
      return {first, std::nullopt};
    case kafka::Start::Kind::latest:
      return {end, std::nullopt};
    case kafka::Start::Kind::time:
      return {consumer.offset_at(partition, start.time(), options_.request_timeout).value_or(end),
              std::nullopt};
    case kafka::Start::Kind::committed:
      break;
  }
  throw ConfigError{"partition " + split_of(partition).value +
                    " has no committed offset in group '" + identity_.job +
                    "', and the source starts at committed offsets only; commit "
                    "some, or let it start at earliest or latest"};
}

std::optional<std::int64_t> Session::bound(const Source& source, const TopicPartition& partition) {
  kafka::Consumer& consumer = membership_->consumer();
  const kafka::Until& until = source.spec.until;
  if (until.kind() == kafka::Until::Kind::never) return std::nullopt;
  if (until.kind() == kafka::Until::Kind::offsets) {
    const auto found = until.ends().find(partition);
    return found == until.ends().end() ? 0 : found->second;
  }
  const std::int64_t end = consumer.offset_range(partition, options_.request_timeout).second;
  if (until.kind() == kafka::Until::Kind::end) return end;
  return consumer.offset_at(partition, until.time(), options_.request_timeout).value_or(end);
}

void Session::make_exchange_topic(const std::string& topic, std::uint32_t partitions) {
  kafka::NewTopic wanted;
  wanted.partitions = static_cast<std::int32_t>(partitions);
  // Records go when they were read, and never else.
  wanted.config = {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}};
  const kafka::ConsumerSettings settings = reader_settings("weir");
  client_->create_topic(settings, topic, wanted, options_.request_timeout);
  const std::size_t found =
      client_->make_consumer(settings)->partitions({topic}, options_.request_timeout).size();
  if (found == partitions) return;
  throw ConfigError{"repartition topic '" + topic + "' has " + std::to_string(found) +
                    " partitions, but the stage behind it has " + std::to_string(partitions) +
                    " shards; both are fixed for the life of the job's state"};
}

/// Seldom, and without a claim: what could not be deleted now is deleted with the next.
void Session::let_go(const SplitId& split, const Position& position) {
  deletable_[partition_of(split)] = offset_of(position);
  const std::int64_t now_ns = identity_.clock->monotonic_ns();
  if ((now_ns - purged_at_ns_) / 1'000'000 < options_.purge_every.count()) return;
  purged_at_ns_ = now_ns;
  try {
    client_->delete_records(reader_settings("weir"), deletable_, kPurgeTimeout);
    deletable_.clear();
  } catch (const KafkaError& error) {
    report(error);
  }
}

void Session::open_sink(std::size_t sink, const SinkContext& context, std::size_t writers) {
  writers_of_sink_.resize(sinks_.size());
  writers_of_sink_[sink] = std::max<std::size_t>(writers, 1);
  if (!was_opened_) open_output_unasked(context);
  const std::string& topic = sinks_[sink].topic;
  if (!topic.empty()) output_.make_known(output_.topic(topic), options_.request_timeout);
}

/// Of a job whose commits are not decided here.
void Session::open_output_unasked(const SinkContext& context) {
  if (output_.is_made() && !has_output_failed_.exchange(false)) return;
  Output::Settings settings;
  settings.on_error = [this](const KafkaError& error) { report(error); };
  settings.on_statistics = [this](const std::string& json) {
    metrics_.on_statistics("producer", json);
  };
  settings.on_failure = [this, fail = context.fail](const KafkaError& error) {
    has_output_failed_ = true;
    fail(std::make_exception_ptr(error));
  };
  output_.open(std::move(settings));
}

std::unique_ptr<TopicWriter> Session::writer(std::size_t sink, const SinkContext& context) {
  const std::size_t bytes = std::max(options_.gate_bytes / writers_of_sink_[sink], kGateBytesMin);
  return std::make_unique<GatedWriter>(output_, sinks_[sink], bytes, context);
}

void Session::job_ended() {
  {
    const std::lock_guard lock{mutex_};
    events_ = {};
  }
  membership_.reset();
  output_.close();
}

void Session::wait_for(std::string what) {
  const std::lock_guard lock{mutex_};
  waiting_for_ = std::move(what);
}

std::string Session::waiting_for() const {
  const std::string member_error = membership_ ? membership_->last_error() : std::string{};
  const std::lock_guard lock{mutex_};
  if (waiting_for_.empty()) return {};
  std::string text = "Kafka: " + waiting_for_;
  if (!last_error_.empty()) text += "; last error of the producer: " + last_error_;
  if (!member_error.empty()) text += "; last error of the consumer: " + member_error;
  return text;
}

void Session::report(const KafkaError& error) {
  metrics_.on_error("producer");
  const std::lock_guard lock{mutex_};
  last_error_ = error.what();
}

void Session::fail(const KafkaError& error) {
  report(error);
  std::function<void(std::exception_ptr)> fail;
  {
    const std::lock_guard lock{mutex_};
    fail = events_.fail;
  }
  if (fail) fail(std::make_exception_ptr(error));
}

}  // namespace weir::inline v0::detail
