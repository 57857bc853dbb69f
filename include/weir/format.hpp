// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/export.hpp"

namespace weir::inline v0 {

/// Where one record ends and the next begins, in files and pipes.
enum class Framing {
  lines,         ///< At each line break.
  quoted_lines,  ///< At each line break that is not between double quotes (CSV).
};

/// What a format does, for one that does not exist yet. Thread-safe: its calls are const.
template <class T>
class FormatRules {
 public:
  virtual ~FormatRules() = default;

  /// For messages: "json".
  virtual std::string name() const = 0;

  /// The value of one record's bytes, without the line break behind it.
  /// Throws: BadRecord, which says what is wrong and at which byte, and never quotes the bytes.
  virtual T decode(std::string_view bytes) const = 0;

  /// Appends a record's bytes, without a line break behind them.
  /// Throws: BadRecord, if the value has no form in this format.
  virtual void encode(const T& value, std::string& out) const = 0;

  virtual Framing framing() const { return Framing::lines; }

  /// The first line of every file; empty if there is none.
  virtual std::string header() const { return {}; }

  /// The rules for a file whose first line is `line`; null if they are these.
  /// Throws: BadRecord, if no record of such a file could be read.
  virtual std::shared_ptr<const FormatRules> with_header(std::string_view line) const {
    static_cast<void>(line);
    return nullptr;
  }
};

/// How values of T look in the outside world: in files, topics, pipes. A value; copies share the
/// rules. Thread-safe.
///
///     const Format<Click> format = json<Click>();
///     const Click click = format.decode(R"({"user":"u1","at":1700000000000})");
///     std::string line;
///     format.encode(click, line);
template <class T>
class Format final {
 public:
  using Value = T;

  explicit Format(std::shared_ptr<const FormatRules<T>> rules) noexcept
      : rules_{std::move(rules)} {}

  /// See FormatRules for each.
  std::string name() const { return rules_->name(); }
  T decode(std::string_view bytes) const { return rules_->decode(bytes); }
  void encode(const T& value, std::string& out) const { rules_->encode(value, out); }
  Framing framing() const { return rules_->framing(); }
  std::string header() const { return rules_->header(); }
  Format with_header(std::string_view line) const {
    auto rules = rules_->with_header(line);
    return rules == nullptr ? *this : Format{std::move(rules)};
  }

 private:
  std::shared_ptr<const FormatRules<T>> rules_;  // Shared by the copies; immutable.
};

/// Bytes as they are: a line of text, the value of a Kafka record.
WEIR_API Format<std::string> text();

/// The parts of a format that is made of two functions.
template <class T>
struct FormatFunctions {
  std::string name;
  /// As FormatRules::decode(); called from several threads.
  std::function<T(std::string_view bytes)> decode;
  /// As FormatRules::encode(); called from several threads.
  std::function<void(const T& value, std::string& out)> encode;
};

/// A format of your own:
///
///     const auto hex = weir::format<int>({.name = "hex", .decode = from_hex, .encode = to_hex});
template <class T>
Format<T> format(FormatFunctions<T> functions) {
  class Rules final : public FormatRules<T> {
   public:
    explicit Rules(FormatFunctions<T> all) : functions_{std::move(all)} {}
    std::string name() const override { return functions_.name; }
    T decode(std::string_view bytes) const override { return functions_.decode(bytes); }
    void encode(const T& value, std::string& out) const override { functions_.encode(value, out); }

   private:
    const FormatFunctions<T> functions_;
  };
  return Format<T>{std::make_shared<const Rules>(std::move(functions))};
}

}  // namespace weir::inline v0
