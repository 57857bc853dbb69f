// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/codec.hpp"
#include "weir/dead_letter.hpp"
#include "weir/detail/dataflow/context.hpp"
#include "weir/detail/dataflow/outlet.hpp"
#include "weir/export.hpp"
#include "weir/on_error.hpp"

namespace weir::inline v0::detail {

/// A record as a dead letter has it: text as it is, anything else as its Codec writes it; empty
/// where there is none.
template <class T>
std::string letter_bytes(const T& record) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return std::string{std::string_view{record}};
  } else if constexpr (Encodable<T>) {
    return encode_to_string(record);
  } else {
    return {};
  }
}

/// Decides what becomes of records for which user code threw, and holds the dead letters.
class WEIR_API RecordErrors final {
 public:
  enum class Verdict : std::uint8_t {
    retry,        ///< Call user code again, at once.
    wait,         ///< Call it again when is_waiting() is false.
    skip,         ///< Go on with the next record.
    dead_letter,  ///< The same, after add_letter().
  };

  void open(OperatorContext& context);
  /// A new batch: tries are counted from the start.
  void begin_batch() noexcept { tries_ = 0; }
  /// Requires: called while an exception is handled. `index` counts in the batch's memory.
  /// Throws: OperatorError under OnError::fail, with the exception nested in it.
  Verdict judge(const Origin* origin, std::uint32_t index);
  /// The same for a fault that is not an exception, such as a record without a usable time.
  Verdict judge(const Origin* origin, std::uint32_t index, const std::string& reason);
  /// The letter for the record that was judged last.
  void add_letter(std::string bytes, EventTime time);

  /// True while a backoff runs. Reads the clock.
  bool is_waiting();
  std::optional<EventTime> wake_at() const noexcept { return wake_at_; }

  bool ready() const { return letters_.consumers_ready(); }
  /// Hands the letters over. Returns whether none is left.
  bool flush() { return letters_.flush(); }
  Outlet<DeadLetter>& letters() noexcept { return letters_; }

 private:
  Verdict decide(std::uint32_t index);
  void describe(const Origin* origin, std::uint32_t index, std::string reason);

  OperatorContext* context_ = nullptr;
  Outlet<DeadLetter> letters_;
  DeadLetter letter_;  // What is known of the record that was judged last.
  std::uint32_t failing_index_ = 0;
  std::uint32_t tries_ = 0;  // Of the record at failing_index_, beyond the first.
  std::optional<EventTime> wake_at_;
};

/// The message of an exception that is being handled; fit for a person.
WEIR_API std::string message_of(const std::exception_ptr& exception);

}  // namespace weir::inline v0::detail
