// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/operators/record_errors.hpp"

#include <utility>

#include "weir/error.hpp"

namespace weir::inline v0::detail {

std::string message_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

void RecordErrors::open(OperatorContext& context) { context_ = &context; }

RecordErrors::Verdict RecordErrors::judge(const Origin* origin, std::uint32_t index) {
  try {
    throw;
  } catch (const InternalError&) {
    throw;  // weir is wrong, not the record.
  } catch (...) {
    describe(origin, index, message_of(std::current_exception()));
    return decide(index);
  }
}

RecordErrors::Verdict RecordErrors::judge(const Origin* origin, std::uint32_t index,
                                          const std::string& reason) {
  try {
    throw BadRecord{reason};
  } catch (const BadRecord&) {
    describe(origin, index, reason);
    // Nothing but the record itself is at fault: the same answer would come again.
    tries_ = context_->on_error().retry_count_max;
    failing_index_ = index;
    return decide(index);
  }
}

void RecordErrors::describe(const Origin* origin, std::uint32_t index, std::string reason) {
  letter_ = {};
  letter_.node = context_->node_name();
  letter_.reason = std::move(reason);
  if (origin == nullptr || origin->split == nullptr) return;
  letter_.split = *origin->split;
  if (origin->is_exact) letter_.position = origin->first_position + index;
}

RecordErrors::Verdict RecordErrors::decide(std::uint32_t index) {
  const OnError policy = context_->on_error();
  if (index != failing_index_) tries_ = 0;
  failing_index_ = index;
  if (tries_ < policy.retry_count_max) {
    ++tries_;
    if (policy.backoff <= Duration{0}) return Verdict::retry;
    wake_at_ = context_->now() + policy.backoff;
    return Verdict::wait;
  }
  tries_ = 0;
  NodeMetrics& metrics = context_->metrics();
  metrics.failed.add();
  switch (policy.action) {
    case OnError::Action::fail:
      std::throw_with_nested(OperatorError{
          letter_.node, letter_.split.empty() ? context_->task_name() : letter_.split,
          letter_.position ? std::to_string(*letter_.position) : std::string{}, letter_.reason});
    case OnError::Action::skip:
      metrics.skipped.add();
      return Verdict::skip;
    case OnError::Action::dead_letter:
      metrics.dead_lettered.add();
      return Verdict::dead_letter;
  }
  return Verdict::skip;
}

void RecordErrors::add_letter(std::string bytes, EventTime time) {
  letter_.bytes = std::move(bytes);
  letters_.emit(std::move(letter_), time);
}

bool RecordErrors::is_waiting() {
  if (!wake_at_) return false;
  if (context_->now() < *wake_at_) return true;
  wake_at_.reset();
  return false;
}

}  // namespace weir::inline v0::detail
