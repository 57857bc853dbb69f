// SPDX-License-Identifier: Apache-2.0
#include "weir/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "weir/error.hpp"
#include "weir/random.hpp"
#include "weir/record.hpp"

namespace weir_codec_test {

enum class Colour : std::uint8_t { red = 1, blue = 200 };
enum class Signed : int { low = -3 };

struct Empty {
  friend bool operator==(const Empty&, const Empty&) = default;
};

struct Click {
  std::string user;
  weir::EventTime at;
  double price = 0;

  friend bool operator==(const Click&, const Click&) = default;
};

/// A class that keeps its text to itself.
class Url {
 public:
  Url() = default;
  explicit Url(std::string text) : text_{std::move(text)} {}
  const std::string& text() const { return text_; }
  friend bool operator==(const Url&, const Url&) = default;

 private:
  std::string text_;
};

/// A class with a constructor, whose fields are described.
struct Counter {
  Counter() : count{1} {}
  std::int64_t count;
  std::string name;

  friend bool operator==(const Counter&, const Counter&) = default;
};

struct Everything {
  bool flag = false;
  std::int8_t tiny = 0;
  std::uint64_t large = 0;
  float ratio = 0;
  Colour colour = Colour::red;
  std::string text;
  weir::EventTime at;
  weir::Duration span{};
  Click click;
  Url url;
  std::vector<Click> clicks;
  std::vector<std::byte> blob;
  std::vector<bool> flags;
  std::deque<int> deque;
  std::list<std::string> list;
  std::array<char, 4> tag{};
  std::array<std::int32_t, 2> point{};
  std::set<std::string> names;
  std::unordered_set<std::int32_t> ids;
  std::map<std::string, std::vector<int>> by_name;
  std::unordered_map<std::string, Click> by_user;
  std::optional<Click> maybe;
  std::variant<std::monostate, int, Click> either;
  std::pair<int, std::string> pair;
  std::tuple<int, std::string, Empty> tuple;

  friend bool operator==(const Everything&, const Everything&) = default;
};

}  // namespace weir_codec_test

template <>
struct weir::Codec<weir_codec_test::Url> {
  static void encode(weir::ByteWriter& out, const weir_codec_test::Url& url) {
    out.sized(url.text());
  }
  static weir_codec_test::Url decode(weir::ByteReader& in) {
    return weir_codec_test::Url{std::string{in.sized()}};
  }
  static void fingerprint(std::string& out) { out += "url 1"; }
};

WEIR_FIELDS(weir_codec_test::Counter, count, name);

namespace weir {
namespace {

using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace): "a\0b"sv
using weir_codec_test::Click;
using weir_codec_test::Colour;
using weir_codec_test::Counter;
using weir_codec_test::Empty;
using weir_codec_test::Everything;
using weir_codec_test::Signed;
using weir_codec_test::Url;

std::string random_text(Random& random) {
  std::string text(random.below(20), '\0');
  for (char& each : text) each = static_cast<char>(random.next());
  return text;
}

Click random_click(Random& random) {
  return {random_text(random), EventTime{static_cast<std::int64_t>(random.next())}, random.real()};
}

template <class Make>
auto random_vector(Random& random, Make make) {
  std::vector<decltype(make())> all;
  const std::uint64_t count = random.below(6);
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(make());
  return all;
}

Everything random_everything(Random& random) {
  const auto text = [&random] { return random_text(random); };
  const auto number = [&random] { return static_cast<int>(random.next()); };
  const auto click = [&random] { return random_click(random); };
  Everything all;
  all.flag = random.chance(0.5);
  all.tiny = static_cast<std::int8_t>(random.next());
  all.large = random.next() >> random.below(64);
  all.ratio = static_cast<float>(random.real());
  all.colour = random.chance(0.5) ? Colour::red : Colour::blue;
  all.text = text();
  all.at = EventTime{static_cast<std::int64_t>(random.next())};
  all.span = Duration{number()};
  all.click = click();
  all.url = Url{text()};
  all.clicks = random_vector(random, click);
  all.blob = random_vector(random, [&] { return static_cast<std::byte>(number()); });
  all.flags = random_vector(random, [&] { return random.chance(0.5); });
  for (const int each : random_vector(random, number)) all.deque.push_back(each);
  for (const auto& each : random_vector(random, text)) all.list.push_back(each);
  for (char& each : all.tag) each = static_cast<char>(number());
  for (std::int32_t& each : all.point) each = number();
  for (const auto& each : random_vector(random, text)) all.names.insert(each);
  for (const int each : random_vector(random, number)) all.ids.insert(each);
  for (const auto& each : random_vector(random, text)) all.by_name[each] = {number()};
  for (const auto& each : random_vector(random, text)) all.by_user[each] = click();
  if (random.chance(0.5)) all.maybe = click();
  if (random.chance(0.7)) all.either = number();
  if (random.chance(0.3)) all.either = click();
  all.pair = {number(), text()};
  all.tuple = {number(), text(), {}};
  return all;
}

// The bytes of each built-in type, which lie in checkpoints: they never change.

TEST(Codec, WritesAnIntegerOfOneByteAsItIs) {
  EXPECT_EQ(encode_to_string(std::int8_t{-1}), "\xff");
  EXPECT_EQ(encode_to_string(std::uint8_t{200}), "\xc8");
  EXPECT_EQ(encode_to_string('a'), "a");
  EXPECT_EQ(encode_to_string(true), "\x01");
}

TEST(Codec, WritesLongerIntegersAsVarints) {
  EXPECT_EQ(encode_to_string(std::uint16_t{300}), "\xac\x02");
  EXPECT_EQ(encode_to_string(std::uint64_t{1}), "\x01");
  EXPECT_EQ(encode_to_string(std::int32_t{-1}), "\x01");
  EXPECT_EQ(encode_to_string(std::int64_t{150}), "\xac\x02");
}

TEST(Codec, WritesFloatsAsTheirBits) {
  EXPECT_EQ(encode_to_string(1.0F), "\0\0\x80\x3f"sv);
  EXPECT_EQ(encode_to_string(1.0), "\0\0\0\0\0\0\xf0\x3f"sv);
}

TEST(Codec, WritesAnEnumAsTheIntegerUnderIt) {
  EXPECT_EQ(encode_to_string(Colour::blue), "\xc8");
  EXPECT_EQ(encode_to_string(Signed::low), "\x05");
}

TEST(Codec, WritesTimesAsNumbers) {
  EXPECT_EQ(encode_to_string(EventTime{-1}), "\x01");
  EXPECT_EQ(encode_to_string(Duration{64}), "\x80\x01");
  EXPECT_EQ(encode_to_string(std::chrono::sys_seconds{std::chrono::seconds{1}}), "\x02");
}

TEST(Codec, WritesTextWithItsLength) {
  EXPECT_EQ(encode_to_string(std::string{"ab"}),
            "\x02"
            "ab");
}

TEST(Codec, WritesSequencesWithTheirCount) {
  const std::string expected = "\x02\x02\x04";
  EXPECT_EQ(encode_to_string(std::vector<int>{1, 2}), expected);
  EXPECT_EQ(encode_to_string(std::deque<int>{1, 2}), expected);
  EXPECT_EQ(encode_to_string(std::list<int>{1, 2}), expected);
  EXPECT_EQ(encode_to_string(std::vector<std::uint8_t>{1, 2}), "\x02\x01\x02");
  EXPECT_EQ(encode_to_string(std::vector<bool>{true, false}), "\x02\x01\0"sv);
}

TEST(Codec, WritesAnArrayWithoutACount) {
  EXPECT_EQ(encode_to_string(std::array<int, 2>{1, 2}), "\x02\x04");
  EXPECT_EQ(encode_to_string(std::array<char, 2>{'a', 'b'}), "ab");
  EXPECT_EQ(encode_to_string(std::array<int, 0>{}), "\0"sv);
}

TEST(Codec, WritesSetsAndMapsInOrder) {
  EXPECT_EQ(encode_to_string(std::set<int>{2, 1}), "\x02\x02\x04");
  EXPECT_EQ(encode_to_string(std::unordered_set<int>{2, 1}), "\x02\x02\x04");
  EXPECT_EQ(encode_to_string(std::map<int, bool>{{2, true}, {1, false}}), "\x02\x02\0\x04\x01"sv);
  EXPECT_EQ(encode_to_string(std::unordered_map<int, bool>{{2, true}, {1, false}}),
            "\x02\x02\0\x04\x01"sv);
}

TEST(Codec, WritesWhatMayBeAbsentBehindAFlag) {
  EXPECT_EQ(encode_to_string(std::optional<int>{}), "\0"sv);
  EXPECT_EQ(encode_to_string(std::optional<int>{1}), "\x01\x02");
}

TEST(Codec, WritesAVariantBehindItsIndex) {
  using Either = std::variant<std::monostate, int, std::string>;
  EXPECT_EQ(encode_to_string(Either{}), "\0\0"sv);
  EXPECT_EQ(encode_to_string(Either{1}), "\x01\x02");
  EXPECT_EQ(encode_to_string(Either{"a"}),
            "\x02\x01"
            "a");
}

TEST(Codec, WritesTheFieldsOfAStructOneAfterTheOther) {
  EXPECT_EQ(encode_to_string(Click{"u", EventTime{1}, 0}), "\x01u\x02\0\0\0\0\0\0\0\0"sv);
  EXPECT_EQ(encode_to_string(Empty{}), "\0"sv);
  EXPECT_EQ(encode_to_string(std::pair{1, true}), "\x02\x01");
  EXPECT_EQ(encode_to_string(std::tuple{1, true, 2}), "\x02\x01\x04");
  EXPECT_EQ(encode_to_string(std::tuple{}), "\0"sv);
}

TEST(Codec, WritesTheDescribedFieldsOfAClass) {
  Counter counter;
  counter.count = 2;
  counter.name = "a";
  EXPECT_EQ(encode_to_string(counter),
            "\x04\x01"
            "a");
}

TEST(Codec, WritesTheValuesOfStreams) {
  EXPECT_EQ(encode_to_string(Window{EventTime{1}, EventTime{2}}), "\x02\x04");
  EXPECT_EQ(encode_to_string(Pane{PaneTiming::late, 3}), "\x02\x03");
  EXPECT_EQ(encode_to_string(Record<int>{1, EventTime{2}}), "\x02\x04");
  EXPECT_EQ(encode_to_string(Keyed<int, int>{1, 2}), "\x02\x04");
  EXPECT_EQ(encode_to_string(WindowKey<int>{1, EventTime{2}, EventTime{3}}), "\x02\x04\x06");
  EXPECT_EQ(encode_to_string(Change<int, int>{1, std::nullopt, 2}), "\x02\0\x01\x04"sv);
  EXPECT_EQ(encode_to_string(Windowed<int, int>{1, 2, EventTime{3}, EventTime{4}, {}}),
            "\x02\x04\x06\x08\x01\0"sv);
}

TEST(Codec, ReadsBackTheEndsOfEveryInteger) {
  const auto round_trip = [](auto value) {
    EXPECT_EQ(decode_from_string<decltype(value)>(encode_to_string(value)), value);
  };
  const auto both_ends = [&round_trip](auto zero) {
    using T = decltype(zero);
    round_trip(std::numeric_limits<T>::min());
    round_trip(std::numeric_limits<T>::max());
  };
  both_ends(std::int8_t{});
  both_ends(std::uint8_t{});
  both_ends(std::int16_t{});
  both_ends(std::uint16_t{});
  both_ends(std::int32_t{});
  both_ends(std::uint32_t{});
  both_ends(std::int64_t{});
  both_ends(std::uint64_t{});
  round_trip(EventTime::min());
  round_trip(EventTime::max());
}

TEST(Codec, ReadsBackAnyValue) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random{seed};
    const Everything value = random_everything(random);
    EXPECT_EQ(decode_from_string<Everything>(encode_to_string(value)), value) << "seed " << seed;
  }
}

TEST(Codec, GivesEqualUnorderedContainersEqualBytes) {
  std::unordered_map<int, int> upwards;
  std::unordered_map<int, int> downwards(1'000);
  for (int i = 0; i < 100; ++i) {
    upwards[i] = i;
    downwards[99 - i] = 99 - i;
  }
  EXPECT_EQ(encode_to_string(upwards), encode_to_string(downwards));
}

// Bytes from a disk may be anything. Each prefix must be refused, not read past.
TEST(Codec, ThrowsWhereverTheBytesAreCutOff) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random{seed};
    const std::string bytes = encode_to_string(random_everything(random));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      // A copy of its own, so that a sanitizer sees a read behind its end.
      const auto prefix = std::make_unique<char[]>(size);
      std::copy_n(bytes.data(), size, prefix.get());
      EXPECT_THROW(decode_from_string<Everything>({prefix.get(), size}), CorruptState)
          << "seed " << seed << ", " << size << " of " << bytes.size() << " bytes";
    }
  }
}

TEST(Codec, ThrowsOrReadsSomeValueWhereBytesAreWrong) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    Random random{seed};
    std::string bytes = encode_to_string(random_everything(random));
    for (int i = 0; i < 3; ++i) random.pick(bytes) = static_cast<char>(random.next());
    try {
      static_cast<void>(decode_from_string<Everything>(bytes));
    } catch (const CorruptState&) {
      continue;  // Refused, as most are.
    }
  }
}

TEST(Codec, RefusesValuesOutOfTheirRange) {
  EXPECT_THROW(decode_from_string<bool>("\x02"), CorruptState);
  EXPECT_THROW(decode_from_string<std::uint16_t>("\x80\x80\x04"), CorruptState);
  EXPECT_THROW(decode_from_string<std::int16_t>("\x80\x80\x04"), CorruptState);
  EXPECT_THROW(decode_from_string<std::optional<int>>("\x02\x01"), CorruptState);
  EXPECT_THROW((decode_from_string<std::variant<int, bool>>("\x02\x01")), CorruptState);
}

TEST(Codec, RefusesCountsThatTheBytesCannotHold) {
  const std::string many = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  EXPECT_THROW(decode_from_string<std::vector<std::string>>(many), CorruptState);
  EXPECT_THROW(decode_from_string<std::vector<Empty>>(many), CorruptState);
  EXPECT_THROW((decode_from_string<std::map<int, int>>(many)), CorruptState);
  EXPECT_THROW(decode_from_string<std::vector<std::byte>>(many), CorruptState);
}

TEST(Codec, RefusesASetWithOneEntryTwice) {
  EXPECT_THROW(decode_from_string<std::set<int>>("\x02\x02\x02"), CorruptState);
  EXPECT_THROW((decode_from_string<std::unordered_map<bool, bool>>("\x02\x01\x01\x01\x01")),
               CorruptState);
}

TEST(Codec, RefusesBytesThatAreLeftOver) {
  EXPECT_THROW(decode_from_string<bool>("\x01\x01"), CorruptState);
}

TEST(Codec, ReadsAContainerOfStructsWithoutFields) {
  const std::vector<Empty> value(3);
  EXPECT_EQ(decode_from_string<std::vector<Empty>>(encode_to_string(value)), value);
}

struct WithPointer {
  const char* text;
};
struct WithView {
  std::string_view text;
};
class Hidden {
 public:
  Hidden() = default;

 private:
  [[maybe_unused]] int value_ = 0;
};
struct Derived : Click {
  int more = 0;
};

TEST(Codec, HoldsNothingThatPointsElsewhereOrHidesItsFields) {
  EXPECT_TRUE(Encodable<Everything>);
  EXPECT_FALSE(Encodable<const char*>);
  EXPECT_FALSE(Encodable<std::string_view>);
  EXPECT_FALSE(Encodable<WithPointer>);
  EXPECT_FALSE(Encodable<WithView>);
  EXPECT_FALSE(Encodable<Hidden>);
  EXPECT_FALSE(Encodable<Derived>);
  EXPECT_FALSE(Encodable<std::vector<Hidden>>);
  EXPECT_FALSE((Encodable<std::map<int, WithView>>));
  EXPECT_FALSE(Encodable<std::unique_ptr<int>>);
  EXPECT_FALSE(Encodable<long double>);
}

}  // namespace
}  // namespace weir
