// SPDX-License-Identifier: Apache-2.0
#include "testing/kafka_group.hpp"

#include <algorithm>
#include <regex>
#include <utility>

namespace weir::inline v0::testing {
namespace {

using kafka::KafkaError;

/// Ids sort in the order in which they were given.
std::string member_id(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return "member-" + std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits;
}

bool matches(const std::string& wanted, const std::string& topic) {
  if (wanted.empty() || wanted.front() != '^') return wanted == topic;
  return std::regex_search(topic, std::regex{wanted, std::regex::extended});
}

}  // namespace

KafkaGroup::Topics matching_topics(const std::vector<std::string>& names,
                                   const KafkaGroup::Topics& all) {
  KafkaGroup::Topics matching;
  for (const auto& [topic, partitions] : all) {
    const bool is_wanted = std::any_of(names.begin(), names.end(),
                                       [&](const auto& name) { return matches(name, topic); });
    if (is_wanted) matching.emplace(topic, partitions);
  }
  return matching;
}

std::string KafkaGroup::join(const std::string& id, const Joining& joining, std::int64_t now_ns,
                             const Topics& topics) {
  const auto known = id_of_instance_.find(joining.instance);
  const bool takes_over =
      !joining.instance.empty() && known != id_of_instance_.end() && known->second != id;
  std::string own = takes_over ? take_over(known->second, joining, now_ns) : id;
  auto member = members_.find(own);
  // A static member that comes back as it was finds its assignment, and nobody else notices.
  if (takes_over && !is_rebalancing_ && member->second.joining.topics == joining.topics) return own;
  if (member == members_.end()) {
    own = member_id(++id_count_);
    member = members_.emplace(own, Member{}).first;
    if (!joining.instance.empty()) id_of_instance_[joining.instance] = own;
  }
  start_rebalance(now_ns);
  member->second.joining = joining;
  member->second.last_seen_ns = now_ns;
  member->second.last_poll_ns = now_ns;
  member->second.has_joined = true;
  complete_if_all_joined(topics);
  return own;
}

std::string KafkaGroup::take_over(const std::string& old_id, const Joining& joining,
                                  std::int64_t now_ns) {
  auto node = members_.extract(old_id);
  fenced_.insert(old_id);
  node.key() = member_id(++id_count_);
  node.mapped().last_seen_ns = now_ns;
  node.mapped().last_poll_ns = now_ns;
  std::string id = node.key();
  id_of_instance_[joining.instance] = id;
  members_.insert(std::move(node));
  return id;
}

void KafkaGroup::leave(const std::string& id, std::int64_t now_ns, const Topics& topics) {
  if (members_.count(id) == 0) return;
  remove(id);
  start_rebalance(now_ns);
  complete_if_all_joined(topics);
}

void KafkaGroup::remove(const std::string& id) {
  id_of_instance_.erase(members_.at(id).joining.instance);
  members_.erase(id);
}

void KafkaGroup::heartbeat(const std::string& id, std::int64_t now_ns) {
  const auto member = members_.find(id);
  if (member != members_.end()) member->second.last_seen_ns = now_ns;
}

void KafkaGroup::polled(const std::string& id, std::int64_t now_ns) {
  const auto member = members_.find(id);
  if (member != members_.end()) member->second.last_poll_ns = now_ns;
}

void KafkaGroup::refresh(std::int64_t now_ns, const Topics& topics) {
  std::vector<std::string> late;
  for (const auto& [id, member] : members_) {
    if (is_late(member, now_ns)) late.push_back(id);
  }
  for (const std::string& id : late) leave(id, now_ns, topics);
  if (is_rebalancing_ || members_.empty()) return;
  std::vector<std::string> wanted;
  for (const auto& [id, member] : members_) {
    wanted.insert(wanted.end(), member.joining.topics.begin(), member.joining.topics.end());
  }
  if (matching_topics(wanted, topics) != assigned_topics_) start_rebalance(now_ns);
}

bool KafkaGroup::is_late(const Member& member, std::int64_t now_ns) const {
  const std::int64_t patience_ns = member.joining.poll_interval_ns;
  const bool holds_up = is_rebalancing_ && !member.has_joined;
  return now_ns - member.last_seen_ns >= member.joining.session_ns ||
         now_ns - member.last_poll_ns >= patience_ns ||
         (holds_up && now_ns - rebalance_start_ns_ >= patience_ns);
}

void KafkaGroup::rebalance(std::int64_t now_ns) {
  if (!members_.empty()) start_rebalance(now_ns);
}

void KafkaGroup::start_rebalance(std::int64_t now_ns) {
  if (is_rebalancing_) return;
  is_rebalancing_ = true;
  rebalance_start_ns_ = now_ns;
  for (auto& [id, member] : members_) member.has_joined = false;
}

void KafkaGroup::complete_if_all_joined(const Topics& topics) {
  const bool is_complete = std::all_of(members_.begin(), members_.end(),
                                       [](const auto& entry) { return entry.second.has_joined; });
  if (!is_complete) return;
  ++generation_;
  is_rebalancing_ = false;
  assign(topics);
}

/// As Kafka's range assignor sorts: static members by instance, then the others by id.
std::vector<KafkaGroup::Members::iterator> KafkaGroup::in_order() {
  std::vector<Members::iterator> members;
  for (auto member = members_.begin(); member != members_.end(); ++member) {
    members.push_back(member);
  }
  const auto rank = [](Members::iterator member) {
    const std::string& instance = member->second.joining.instance;
    return std::pair{instance.empty(), instance.empty() ? member->first : instance};
  };
  std::sort(members.begin(), members.end(),
            [&](auto left, auto right) { return rank(left) < rank(right); });
  return members;
}

void KafkaGroup::assign(const Topics& topics) {
  assigned_topics_.clear();
  for (auto& [id, member] : members_) member.assignment.clear();
  const std::vector<Members::iterator> members = in_order();
  for (const auto& [topic, partitions] : topics) {
    std::vector<Members::iterator> readers;
    for (const Members::iterator& member : members) {
      const Topics one{{topic, partitions}};
      if (!matching_topics(member->second.joining.topics, one).empty()) readers.push_back(member);
    }
    if (readers.empty()) continue;
    assigned_topics_.emplace(topic, partitions);
    const std::size_t share = partitions / readers.size();
    const std::size_t larger = partitions % readers.size();
    std::int32_t next = 0;
    for (std::size_t i = 0; i < readers.size(); ++i) {
      for (std::size_t left = share + (i < larger ? 1 : 0); left > 0; --left) {
        readers[i]->second.assignment.push_back({topic, next++});
      }
    }
  }
}

KafkaGroup::Standing KafkaGroup::standing(const std::string& id) const {
  if (fenced_.count(id) > 0) return Standing::fenced;
  const auto member = members_.find(id);
  if (member == members_.end()) return Standing::unknown;
  if (!is_rebalancing_) return Standing::stable;
  return member->second.has_joined ? Standing::waiting : Standing::rejoin;
}

std::vector<kafka::TopicPartition> KafkaGroup::assignment(const std::string& id) const {
  return members_.at(id).assignment;
}

std::vector<std::string> KafkaGroup::member_names() const {
  std::vector<std::string> instances;
  std::vector<std::string> ids;
  for (const auto& [id, member] : members_) {
    const std::string& instance = member.joining.instance;
    (instance.empty() ? ids : instances).push_back(instance.empty() ? id : instance);
  }
  std::sort(instances.begin(), instances.end());
  instances.insert(instances.end(), ids.begin(), ids.end());
  return instances;
}

std::string KafkaGroup::id_of(const std::string& name) const {
  const auto instance = id_of_instance_.find(name);
  if (instance != id_of_instance_.end()) return instance->second;
  return members_.count(name) > 0 ? name : std::string{};
}

void KafkaGroup::check(const std::string& id, const std::string& instance,
                       std::int32_t generation) const {
  if (id.empty()) {
    if (members_.empty()) return;
    throw KafkaError{KafkaError::Kind::failed, "UNKNOWN_MEMBER_ID",
                     "the group has members, and this is none of them"};
  }
  if (fenced_.count(id) > 0) {
    throw KafkaError{KafkaError::Kind::fenced, "FENCED_INSTANCE_ID",
                     "another member has taken over the instance '" + instance + "'"};
  }
  if (members_.count(id) == 0) {
    throw KafkaError{KafkaError::Kind::failed, "UNKNOWN_MEMBER_ID",
                     "the group does not know member " + id + " any more"};
  }
  if (generation != generation_) {
    throw KafkaError{KafkaError::Kind::failed, "ILLEGAL_GENERATION",
                     "the group is at generation " + std::to_string(generation_) + ", not " +
                         std::to_string(generation)};
  }
}

}  // namespace weir::inline v0::testing
