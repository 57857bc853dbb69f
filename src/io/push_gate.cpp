// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/io/push_gate.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "weir/bytes.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

using io::PushResult;

Position encode(const std::optional<std::uint64_t>& last) {
  ByteWriter out;
  out.u8(last ? 1 : 0);
  if (last) out.varint(*last);
  return {out.take()};
}

std::optional<std::uint64_t> decode(const Position& position) {
  ByteReader in{position.bytes};
  if (in.u8() == 0) return std::nullopt;
  return in.varint();
}

}  // namespace

PushGate::PushGate(PushSettings settings)
    : settings_{std::move(settings)},
      producers_(std::max<std::size_t>(settings_.producers.size(), 1)) {}

std::vector<std::string> PushGate::faults() const {
  std::vector<std::string> faults;
  if (settings_.max_records == 0) faults.emplace_back("max_records is 0; it must be 1 or more");
  if (settings_.max_bytes == 0) faults.emplace_back("max_bytes is 0; it must be 1 or more");
  std::set<std::string> seen;
  for (const std::string& name : settings_.producers) {
    if (name.empty()) faults.emplace_back("a producer's name is empty");
    if (!seen.insert(name).second) faults.push_back("two producers are called '" + name + "'");
  }
  return faults;
}

std::vector<SplitId> PushGate::splits() const {
  if (!has_positions()) return {SplitId{"push"}};
  std::vector<SplitId> splits;
  for (const std::string& name : settings_.producers) splits.push_back({name});
  return splits;
}

std::size_t PushGate::producer(const std::string& name) const {
  const auto& names = settings_.producers;
  if (names.empty() && name == "push") return 0;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  throw ConfigError("the push source has no producer '" + name +
                    "'; name it in PushOptions::producers");
}

// --- the host's side ---------------------------------------------------------------------------

template <class Predicate>
bool PushGate::wait(std::unique_lock<std::mutex>& lock, Duration at_most, Predicate is_over) {
  ++waiting_;
  bool in_time = true;
  if (at_most == Duration::max()) {
    changed_.wait(lock, is_over);
  } else {
    in_time = changed_.wait_for(lock, at_most, is_over);
  }
  --waiting_;
  return in_time;
}

/// A record larger than all bounds is let in when there is nothing else.
bool PushGate::has_room(const PushRequest& request) const {
  if (queued_records_ == 0) return true;
  return queued_records_ < settings_.max_records &&
         queued_bytes_ + request.bytes <= settings_.max_bytes;
}

PushGate::Answer PushGate::answer(const PushRequest& request, Producer& producer) const {
  if (is_job_over_ || producer.is_closed) return Answer::closed;
  if (request.position) {
    if (!producer.is_open) return Answer::wait;  // Where to continue is not known yet.
    if (producer.is_rewound) return Answer::rewound;
    if (producer.accepted && *request.position <= *producer.accepted) return Answer::known;
  }
  return has_room(request) ? Answer::pass : Answer::wait;
}

PushResult PushGate::push(const PushRequest& request, const std::function<void()>& place) {
  std::unique_lock lock{mutex_};
  Producer& producer = producers_[request.producer];
  Answer now = answer(request, producer);
  if (now == Answer::wait) {
    wait(lock, request.at_most, [&] { return (now = answer(request, producer)) != Answer::wait; });
  }
  switch (now) {
    case Answer::wait:
      return PushResult::full;
    case Answer::known:
      return PushResult::pushed;
    case Answer::closed:
      return PushResult::closed;
    case Answer::rewound:
      producer.is_rewound = false;
      return PushResult::rewound;
    case Answer::pass:
      break;
  }
  place();  // May throw: a copy of the record. Then nothing has happened.
  producer.accepted = request.position;
  ++queued_records_;
  queued_bytes_ += request.bytes;
  producer.queued_bytes += request.bytes;
  if (producer.queued++ == 0 && producer.wake) producer.wake();
  return PushResult::pushed;
}

bool PushGate::wait_until_open(std::size_t producer, Duration at_most) {
  std::unique_lock lock{mutex_};
  const Producer& own = producers_[producer];
  wait(lock, at_most, [&] { return own.is_open || is_job_over_; });
  return own.is_open && !is_job_over_;
}

std::optional<std::uint64_t> PushGate::last_committed(std::size_t producer) const {
  const std::scoped_lock lock{mutex_};
  return producers_[producer].committed;
}

void PushGate::close(std::size_t producer) {
  const std::scoped_lock lock{mutex_};
  Producer& own = producers_[producer];
  own.is_closed = true;
  changed_.notify_all();
  if (own.wake) own.wake();
}

void PushGate::close_all() {
  for (std::size_t producer = 0; producer < producers_.size(); ++producer) close(producer);
}

bool PushGate::is_closed() const {
  const std::scoped_lock lock{mutex_};
  return std::all_of(producers_.begin(), producers_.end(),
                     [](const Producer& producer) { return producer.is_closed; });
}

// --- the job's side ----------------------------------------------------------------------------

void PushGate::open(std::size_t producer, const std::optional<Position>& position,
                    std::function<void()> wake, const std::function<void()>& clear) {
  const std::optional<std::uint64_t> last = position ? decode(*position) : std::nullopt;
  const std::scoped_lock lock{mutex_};
  Producer& own = producers_[producer];
  is_job_over_ = false;
  own.wake = std::move(wake);
  own.is_open = true;
  changed_.notify_all();
  if (!has_positions()) {  // What waits in the queue was not lost.
    own.delivered_count = last.value_or(0);
    return;
  }
  clear();
  queued_records_ -= std::exchange(own.queued, 0);
  queued_bytes_ -= std::exchange(own.queued_bytes, 0);
  own.is_rewound = own.accepted && (!last || *own.accepted > *last);
  own.accepted = own.delivered = own.committed = last;
}

void PushGate::reader_gone(std::size_t producer) {
  const std::scoped_lock lock{mutex_};
  producers_[producer].wake = nullptr;
}

Poll PushGate::take(std::size_t producer, const std::function<PushTaken()>& take) {
  const std::scoped_lock lock{mutex_};
  Producer& own = producers_[producer];
  if (own.queued == 0) return own.is_closed ? Poll::ended : Poll::nothing;
  const PushTaken taken = take();
  own.queued -= taken.records;
  queued_records_ -= taken.records;
  queued_bytes_ -= taken.bytes;
  own.queued_bytes -= taken.bytes;
  own.delivered_count += taken.records;
  own.delivered = taken.last_position;
  if (waiting_ > 0) changed_.notify_all();
  return Poll::records;
}

Position PushGate::position(std::size_t producer) const {
  const std::scoped_lock lock{mutex_};
  const Producer& own = producers_[producer];
  return encode(has_positions() ? own.delivered : std::optional{own.delivered_count});
}

std::uint64_t PushGate::record_number(std::size_t producer) const {
  const std::scoped_lock lock{mutex_};
  const Producer& own = producers_[producer];
  if (!has_positions()) return own.delivered_count;
  return own.delivered ? *own.delivered + 1 : 0;
}

std::uint64_t PushGate::queued(std::size_t producer) const {
  const std::scoped_lock lock{mutex_};
  return producers_[producer].queued;
}

void PushGate::committed(std::size_t producer, const Position& position) {
  const std::optional<std::uint64_t> last = decode(position);
  if (!has_positions() || !last) return;
  {
    const std::scoped_lock lock{mutex_};
    std::optional<std::uint64_t>& known = producers_[producer].committed;
    if (known && *known >= *last) return;
    known = last;
  }
  if (settings_.committed) settings_.committed(settings_.producers[producer], *last);
}

void PushGate::job_ended() {
  const std::scoped_lock lock{mutex_};
  is_job_over_ = true;
  for (Producer& producer : producers_) producer.wake = nullptr;
  changed_.notify_all();
}

// --- what a push needs besides -----------------------------------------------------------------

void check_push(bool has_time, bool source_has_time, bool has_position, bool source_has_positions) {
  if (has_time != source_has_time) {
    throw Error(has_time ? "push_at() is for a source with PushOptions::has_event_time; use push()"
                         : "records of this source have event times; use push_at()");
  }
  if (has_position != source_has_positions) {
    throw Error(has_position ? "this source has no producers; name them in PushOptions::producers"
                             : "this source has producers: push through PushSource::producer()");
  }
}

}  // namespace weir::inline v0::detail
