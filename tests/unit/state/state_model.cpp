// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/state/state_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace weir::state_test {
namespace {

constexpr NodeId kNode{7};

template <class K>
std::uint64_t hash_of(const K& key) {
  std::string scratch;
  return hash_key(key, scratch);
}

}  // namespace

struct StateModel::Tables {
  explicit Tables(detail::ShardState& shard)
      : access{shard, kNode},
        values{access.keyed<std::string, std::int64_t>({.name = "values"})},
        panes{access.panes<std::int64_t, std::string>({.name = "panes"})},
        lists{access.list<std::int64_t, std::string>({.name = "lists"})},
        maps{access.map<std::string, std::int64_t, std::int64_t>({.name = "maps"})},
        timers{access.timers<std::string>({.name = "timers"})} {}

  detail::StateAccess access;
  detail::KeyedTable<std::string, std::int64_t>& values;
  detail::PaneTables<std::int64_t, std::string>& panes;
  detail::ListTable<std::int64_t, std::string>& lists;
  detail::MapTable<std::string, std::int64_t, std::int64_t>& maps;
  detail::TimerTable<std::string>& timers;
};

StateModel::StateModel(ModelOptions options)
    : options_{std::move(options)},
      random_{options_.seed},
      budget_{options_.budget_bytes},
      store_{options_.make_store ? options_.make_store() : nullptr} {
  open();
}

void StateModel::open() {
  shard_.reset();
  detail::ShardStateOptions options;
  options.is_ordered = random_.chance(0.3);
  options.store = store_;
  options.budget = &budget_;
  shard_ = std::make_unique<detail::ShardState>(options);
  tables_ = std::make_shared<Tables>(*shard_);
}

void StateModel::run() {
  for (std::size_t i = 0; i < options_.steps && !::testing::Test::HasFailure(); ++i) step();
  compare("at the end");
}

void StateModel::step() {
  const std::uint64_t what = random_.below(1000);
  if (what < 900) return change();
  if (what < 920) return look_up_batch();
  if (what < 940) {
    for (int i = 0; i < 40; ++i) shard_->maintain();
    return;
  }
  if (what < 965) return checkpoint();
  if (what < 982) return commit();
  if (what < 988) return apply();
  if (what < 992) return take_base();
  if (what < 996) return compare("in between");
  restart(random_.chance(0.5));
}

void StateModel::change() {
  switch (random_.below(6)) {
    case 0:
      return change_value();
    case 1:
      return change_pane();
    case 2:
      return change_list();
    case 3:
      return change_map();
    case 4:
      return change_timer();
    default:
      if (random_.chance(0.05)) fire_timers();
  }
}

std::string StateModel::name_of(std::int64_t number) const {
  // Short ones lie inline in a slot, long ones do not.
  return number % 7 == 0 ? "a key that is too long to lie inline, number " + std::to_string(number)
                         : "key" + std::to_string(number);
}

void StateModel::change_value() {
  const std::string key = name_of(random_.between(0, options_.key_count));
  const std::uint64_t hash = hash_of(key);
  const auto value = static_cast<std::int64_t>(random_.next());
  const auto known = now_.values.find(key);
  switch (random_.below(4)) {
    case 0: {
      ASSERT_EQ(tables_->values.erase(hash, key), known != now_.values.end());
      now_.values.erase(key);
      return;
    }
    case 1: {
      const std::int64_t* found = tables_->values.find(hash, key);
      ASSERT_EQ(found != nullptr, known != now_.values.end()) << key;
      if (found != nullptr) {
        ASSERT_EQ(*found, known->second);
      }
      return;
    }
    case 2: {
      std::int64_t* found = tables_->values.find_mutable(hash, key);
      ASSERT_EQ(found != nullptr, known != now_.values.end()) << key;
      if (found == nullptr) return;
      *found = value;
      known->second = value;
      return;
    }
    default:
      tables_->values.get_or_create(hash, key) = value;
      now_.values[key] = value;
  }
}

void StateModel::change_pane() {
  const std::int64_t pane = random_.between(-3, 5) * 1000;
  if (random_.chance(0.01)) {
    tables_->panes.drop(EventTime{pane});
    now_.panes.erase(pane);
    return;
  }
  const std::int64_t key = random_.between(-options_.key_count, options_.key_count);
  auto& table = tables_->panes.get_or_create(EventTime{pane});
  auto& known = now_.panes[pane];
  if (random_.chance(0.3)) {
    ASSERT_EQ(table.erase(hash_of(key), key), known.erase(key) == 1);
    return;
  }
  std::string& value = table.get_or_create(hash_of(key), key);
  ASSERT_EQ(value, known[key]);
  value += static_cast<char>('a' + random_.below(26));
  known[key] = value;
}

void StateModel::change_list() {
  const std::int64_t key = random_.between(0, options_.key_count / 4);
  const std::uint64_t hash = hash_of(key);
  auto& known = now_.lists[key];
  switch (random_.below(8)) {
    case 0: {
      const std::size_t count = random_.below(5);
      tables_->lists.truncate_front(hash, key, count);
      known.erase(known.begin(),
                  known.begin() + static_cast<std::ptrdiff_t>(std::min(count, known.size())));
      break;
    }
    case 1:
      ASSERT_EQ(tables_->lists.erase(hash, key), !known.empty());
      known.clear();
      break;
    default: {
      const std::string value = std::to_string(random_.below(1000));
      tables_->lists.append(hash, key, value);
      known.push_back(value);
    }
  }
  if (known.empty()) now_.lists.erase(key);
}

void StateModel::change_map() {
  const std::string key = name_of(random_.between(0, options_.key_count / 8));
  const std::uint64_t hash = hash_of(key);
  const std::int64_t subkey = random_.between(0, 40);
  auto& known = now_.maps[key];
  switch (random_.below(10)) {
    case 0:
      ASSERT_EQ(tables_->maps.erase_all(hash, key), !known.empty());
      known.clear();
      break;
    case 1:
    case 2:
    case 3:
      ASSERT_EQ(tables_->maps.erase(hash, key, subkey), known.erase(subkey) == 1);
      break;
    case 4: {
      const std::int64_t* found = tables_->maps.find(hash, key, subkey);
      ASSERT_EQ(found != nullptr, known.count(subkey) == 1);
      if (found != nullptr) {
        ASSERT_EQ(*found, known[subkey]);
      }
      break;
    }
    default: {
      const auto value = static_cast<std::int64_t>(random_.next());
      tables_->maps.get_or_create(hash, key, subkey) = value;
      known[subkey] = value;
    }
  }
  if (known.empty()) now_.maps.erase(key);
}

void StateModel::change_timer() {
  const std::string key = name_of(random_.between(0, options_.key_count));
  const EventTime time{random_.between(-5'000, 20'000)};
  const std::string name = random_.chance(0.5) ? "" : "again";
  if (random_.chance(0.3)) {
    const bool was_set = now_.timers.erase({time.ms(), key, name}) == 1;
    ASSERT_EQ(tables_->timers.erase(hash_of(key), key, time, name), was_set);
  } else {
    tables_->timers.set(hash_of(key), key, time, name);
    now_.timers.emplace(time.ms(), key, name);
  }
}

void StateModel::fire_timers() {
  const EventTime now{random_.between(-5'000, 10'000)};
  const std::size_t stop_after = random_.below(50);
  for (std::size_t i = 0; i < stop_after; ++i) {
    const auto fired = tables_->timers.pop_due(now);
    const bool is_due = !now_.timers.empty() && std::get<0>(*now_.timers.begin()) <= now.ms();
    ASSERT_EQ(fired.has_value(), is_due);
    if (!is_due) return;
    ASSERT_EQ(std::tuple(fired->time.ms(), fired->key, fired->name), *now_.timers.begin());
    ASSERT_EQ(fired->hash, hash_of(fired->key));
    now_.timers.erase(now_.timers.begin());
  }
}

void StateModel::look_up_batch() {
  std::vector<std::string> keys;
  std::vector<std::uint64_t> hashes;
  for (int i = 0; i < 64; ++i) {
    keys.push_back(name_of(random_.between(0, options_.key_count)));
    hashes.push_back(hash_of(keys.back()));
  }
  tables_->values.prefetch(hashes.data(), keys.data(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::int64_t* found = tables_->values.find(hashes[i], keys[i]);
    const auto known = now_.values.find(keys[i]);
    ASSERT_EQ(found != nullptr, known != now_.values.end()) << keys[i];
    if (found != nullptr) {
      ASSERT_EQ(*found, known->second);
    }
  }
}

void StateModel::checkpoint() {
  const CheckpointId id{next_id_++};
  shard_->set_time(EventTime{static_cast<std::int64_t>(id.value)}, EventTime{0});
  const auto raw = shard_->collect_delta(id);
  const std::string name = "delta-" + std::to_string(id.value);
  storage_.put_if_absent(name, [&](const ChunkSink& sink) {
    detail::write_delta(*raw, sink, 1 + random_.below(2000));
  });
  checkpoints_.push_back(
      {id, name, {id, EventTime{static_cast<std::int64_t>(id.value)}, EventTime{0}}, now_, 0});
}

void StateModel::commit() {
  if (checkpoints_.empty()) return;
  committed_ = std::move(checkpoints_.front());
  checkpoints_.pop_front();
  deltas_.emplace_back(committed_.id, committed_.delta_name);
  shard_->committed(committed_.id);
}

void StateModel::apply() { shard_->backlog().apply(); }

void StateModel::take_base() {
  if (deltas_.empty() || store_ == nullptr) return;
  detail::BaseRequest request;
  request.storage = &storage_;
  request.prefix = "base-" + std::to_string(committed_.id.value) + "/";
  request.cut = committed_.cut;
  request.schema = shard_->schema();
  request.last = base_;
  for (const auto& [id, name] : deltas_) {
    request.deltas.emplace_back([this, name = name] { return storage_.get(name); });
  }
  std::optional<detail::Base> base = shard_->backlog().make_base(request);
  if (!base) return;
  base_ = detail::decode_base(detail::encode_base(*base));
  deltas_.clear();
}

void StateModel::restart(bool in_place) {
  detail::RestoreSource source;
  if (!in_place && options_.make_store) {
    shard_.reset();
    store_ = options_.make_store();
  }
  source.base = base_;
  for (const auto& [id, name] : deltas_) {
    source.deltas.emplace_back([this, name = name] { return storage_.get(name); });
  }
  open();
  shard_->restore(source, storage_);
  // What was not committed is gone; its names are never used again.
  checkpoints_.clear();
  now_ = committed_.oracle;
  compare("after a restart");
}

Oracle StateModel::read() {
  Oracle read;
  for (std::int64_t i = 0; i <= options_.key_count; ++i) {
    const std::string key = name_of(i);
    const std::int64_t* value = tables_->values.find(hash_of(key), key);
    if (value != nullptr) read.values[key] = *value;
    tables_->maps.for_each(hash_of(key), key, [&](std::int64_t subkey, std::int64_t each) {
      read.maps[key][subkey] = each;
      return true;
    });
    tables_->lists.for_each(hash_of(i), i, [&](const std::string& each) {
      read.lists[i].push_back(each);
      return true;
    });
  }
  for (const EventTime pane : tables_->panes.panes()) {
    auto walk = tables_->panes.find(pane)->walk();
    bool is_done = false;
    while (!is_done) {
      is_done = walk.advance([&](std::uint64_t, std::int64_t key, const std::string& value) {
        read.panes[pane.ms()][key] = value;
        return random_.chance(0.7);
      });
    }
  }
  read.timers = now_.timers;  // They are compared as they fire.
  return read;
}

void StateModel::compare(const char* when) {
  std::map<std::string, std::int64_t> walked;
  tables_->values.for_each([&](const std::string& key, std::int64_t value) {
    EXPECT_TRUE(walked.emplace(key, value).second) << key << " comes twice";
  });
  ASSERT_EQ(walked, now_.values) << when << ", seed " << options_.seed;
  Oracle wanted = now_;
  std::erase_if(wanted.panes, [](const auto& pane) { return pane.second.empty(); });
  const Oracle found = read();
  ASSERT_EQ(found.values, wanted.values) << when << ", seed " << options_.seed;
  ASSERT_EQ(found.panes, wanted.panes) << when << ", seed " << options_.seed;
  ASSERT_EQ(found.lists, wanted.lists) << when << ", seed " << options_.seed;
  ASSERT_EQ(found.maps, wanted.maps) << when << ", seed " << options_.seed;
  ASSERT_EQ(tables_->timers.size(), now_.timers.size()) << when << ", seed " << options_.seed;
  const auto next = tables_->timers.next();
  ASSERT_EQ(next.has_value(), !now_.timers.empty());
  if (next) {
    ASSERT_EQ(next->ms(), std::get<0>(*now_.timers.begin()));
  }
}

}  // namespace weir::state_test
