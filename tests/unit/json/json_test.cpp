// SPDX-License-Identifier: Apache-2.0
#include "weir/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
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
#include <vector>

#include "weir/error.hpp"
#include "weir/random.hpp"
#include "weir/record.hpp"

namespace weir_json_test {

enum class Colour { red, green };
enum class Plain : std::int8_t { one = 1 };

struct Click {
  std::string user;
  std::optional<double> price;
  weir::EventTime at;
  friend bool operator==(const Click&, const Click&) = default;
};

struct Defaulted {
  std::string name;
  int count = 7;
  friend bool operator==(const Defaulted&, const Defaulted&) = default;
};

struct Everything {
  bool flag = false;
  std::int8_t tiny = 0;
  std::uint64_t large = 0;
  float ratio = 0;
  double amount = 0;
  std::string text;
  Colour colour = Colour::red;
  Plain plain = Plain::one;
  weir::EventTime at;
  weir::Duration span{};
  std::array<char, 4> tag{};
  std::optional<std::string> note;
  Click click;
  std::vector<Click> clicks;
  std::vector<bool> flags;
  std::deque<int> deque;
  std::set<std::string> names;
  std::unordered_set<int> ids;
  std::map<std::string, std::vector<int>> by_name;
  std::unordered_map<int, Click> by_id;
  std::array<int, 2> point{};
  std::pair<int, std::string> pair;
  std::tuple<bool, std::string, std::optional<int>> tuple;
  friend bool operator==(const Everything&, const Everything&) = default;
};

}  // namespace weir_json_test

WEIR_ENUM(weir_json_test::Colour, red, green);
WEIR_FIELDS(weir_json_test::Click, user, price, at);
WEIR_FIELDS(weir_json_test::Everything, flag, tiny, large, ratio, amount, text, colour, plain, at,
            span, tag, note, click, clicks, flags, deque, names, ids, by_name, by_id, point, pair,
            tuple);
template <>
struct weir::Fields<weir_json_test::Defaulted> {
  using Self = weir_json_test::Defaulted;
  static constexpr auto all =
      std::tuple{field("name", &Self::name), field_or_default("count", &Self::count)};
};

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;
using weir_json_test::Click;
using weir_json_test::Colour;
using weir_json_test::Defaulted;
using weir_json_test::Everything;
using weir_json_test::Plain;

template <class T>
std::string text_of(const T& value) {
  std::string out;
  json<T>().encode(value, out);
  return out;
}

auto says(const std::string& text) { return ThrowsMessage<BadRecord>(HasSubstr(text)); }

Click random_click(Random& random) {
  Click click{std::to_string(random.next()), std::nullopt, EventTime{random.between(-9, 9)}};
  if (random.chance(0.5)) click.price = random.real() * 1e10;
  return click;
}

std::string random_text(Random& random) {
  std::string text;
  const std::uint64_t count = random.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::array<std::string, 6> pieces = {
        "a", "\"", "\\", std::string(1, '\0'), "\xc3\xa9", "\xf0\x9f\x98\x80"};
    text += random.pick(pieces);
  }
  return text;
}

Everything random_everything(Random& random) {
  const auto number = [&random] { return static_cast<int>(random.next()); };
  Everything all;
  all.flag = random.chance(0.5);
  all.tiny = static_cast<std::int8_t>(number());
  all.large = random.next();
  all.ratio = static_cast<float>(random.real());
  all.amount = random.real() * 1e200;
  all.text = random_text(random);
  all.colour = random.chance(0.5) ? Colour::red : Colour::green;
  all.at = EventTime{static_cast<std::int64_t>(random.next())};
  all.span = Duration{number()};
  if (random.chance(0.5)) all.tag = {'a', 'b'};
  if (random.chance(0.5)) all.note = random_text(random);
  all.click = random_click(random);
  const std::uint64_t count = random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    all.clicks.push_back(random_click(random));
    all.flags.push_back(random.chance(0.5));
    all.deque.push_back(number());
    all.names.insert(random_text(random));
    all.ids.insert(number());
    all.by_name[random_text(random)] = {number(), number()};
    all.by_id[number()] = random_click(random);
  }
  all.point = {number(), number()};
  all.pair = {number(), random_text(random)};
  all.tuple = {random.chance(0.5), random_text(random), std::nullopt};
  return all;
}

TEST(Json, WritesADescribedTypeAsAnObject) {
  EXPECT_EQ(text_of(Click{"u1", 9.5, EventTime{-17}}), R"({"user":"u1","price":9.5,"at":-17})");
  EXPECT_EQ(text_of(Click{"u1", {}, {}}), R"({"user":"u1","price":null,"at":0})");
  EXPECT_EQ(json<Click>().name(), "json");
}

TEST(Json, WritesEachKindOfField) {
  Everything all;
  all.text = "a\"b";
  all.colour = Colour::green;
  all.span = Duration{250};
  all.tag = {'x', 'y'};
  all.flags = {true, false};
  all.by_name["k"] = {1};
  all.by_id = {{2, {"b", 1.0, {}}}, {1, {"a", {}, {}}}};
  all.ids = {3, 1, 2};
  EXPECT_EQ(text_of(all),
            R"({"flag":false,"tiny":0,"large":0,"ratio":0,"amount":0,"text":"a\"b",)"
            R"("colour":"green","plain":1,"at":0,"span":250,"tag":"xy","note":null,)"
            R"("click":{"user":"","price":null,"at":0},"clicks":[],"flags":[true,false],)"
            R"("deque":[],"names":[],"ids":[1,2,3],"by_name":{"k":[1]},)"
            R"("by_id":{"1":{"user":"a","price":null,"at":0},"2":{"user":"b","price":1,"at":0}},)"
            R"("point":[0,0],"pair":[0,""],"tuple":[false,"",null]})");
}

TEST(Json, WritesTheValuesOfStreams) {
  EXPECT_EQ(text_of(Keyed<std::string, int>{"a", 1}), R"({"key":"a","value":1})");
  EXPECT_EQ(text_of(Record<int>{1, EventTime{2}}), R"({"value":1,"time":2})");
  EXPECT_EQ(text_of(Windowed<std::string, int>{"a", 1, EventTime{2}, EventTime{3}, {}}),
            R"({"key":"a","value":1,"start":2,"end":3,"pane":{"timing":"on_time","index":0}})");
  EXPECT_EQ(text_of(Change<WindowKey<int>, int>{{1, EventTime{2}, EventTime{3}}, {}, 4}),
            R"({"key":{"key":1,"start":2,"end":3},"old":null,"now":4})");
}

TEST(Json, EscapesWhatJsonDemandsAndNothingElse) {
  EXPECT_EQ(text_of(std::string{"\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9"}),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\"");
}

TEST(Json, ReadsMembersInAnyOrderAndSkipsOthers) {
  const Click expected{"u1", 9.5, EventTime{17}};
  EXPECT_EQ(json<Click>().decode(R"({"user":"u1","price":9.5,"at":17})"), expected);
  EXPECT_EQ(json<Click>().decode(R"({"at":17,"price":9.5,"user":"u1"})"), expected);
  EXPECT_EQ(
      json<Click>().decode(" { \"more\" : [ 1, { \"user\" : null } ] , \"at\" : 17 , \"x\":\"y\","
                           "\"user\" : \"u1\" , \"price\" : 9.5 , \"z\":{} } \n"),
      expected);
  EXPECT_EQ(json<Click>().decode(R"({"\u0075ser":"u1","price":9.5,"\u0061t":17})"), expected);
}

TEST(Json, TakesTheLastOfAMemberThatComesTwice) {
  EXPECT_EQ(json<Click>().decode(R"({"user":"a","at":1,"user":"b"})").user, "b");
}

TEST(Json, LeavesOptionalFieldsEmptyThatAreMissingOrNull) {
  EXPECT_EQ(json<Click>().decode(R"({"user":"a","at":1})").price, std::nullopt);
  EXPECT_EQ(json<Click>().decode(R"({"user":"a","at":1,"price":null})").price, std::nullopt);
}

TEST(Json, KeepsTheDefaultOfFieldsThatAreMissingOrNull) {
  EXPECT_EQ(json<Defaulted>().decode(R"({"name":"a"})"), (Defaulted{"a", 7}));
  EXPECT_EQ(json<Defaulted>().decode(R"({"name":"a","count":null})"), (Defaulted{"a", 7}));
  EXPECT_EQ(json<Defaulted>().decode(R"({"name":"a","count":3})"), (Defaulted{"a", 3}));
}

TEST(Json, RefusesARecordAndSaysWhichFieldAndWhere) {
  const auto reading = [](const std::string& text) {
    return [text] { json<Click>().decode(text); };
  };
  EXPECT_THAT(reading(R"({"user":"a"})"), says("json: at byte 12: the field 'at' is missing"));
  EXPECT_THAT(reading("{}"), says("json: at byte 2: the field 'user' is missing"));
  EXPECT_THAT(reading(R"({"user":1,"at":1})"),
              says("at byte 8: a string is expected (field 'user')"));
  EXPECT_THAT(reading(R"({"user":null,"at":1})"), says("a string is expected (field 'user')"));
  EXPECT_THAT(reading(R"({"user":"a","at":1.5})"), says("(field 'at')"));
  EXPECT_THAT(reading(R"({"user":"a","at":1} x)"), says("there is more text behind the value"));
  EXPECT_THAT(reading("[]"), says("at byte 0: an object is expected"));
  EXPECT_THAT(reading(""), says("at byte 0: an object is expected"));
}

TEST(Json, RefusesNumbersThatDoNotFitTheirField) {
  EXPECT_EQ(json<std::int8_t>().decode("-128"), -128);
  EXPECT_THROW(json<std::int8_t>().decode("128"), BadRecord);
  EXPECT_THROW(json<std::uint8_t>().decode("-1"), BadRecord);
  EXPECT_THROW(json<std::uint16_t>().decode("65536"), BadRecord);
  EXPECT_THROW(json<float>().decode("1e39"), BadRecord);
  EXPECT_THROW(json<Plain>().decode("128"), BadRecord);
  EXPECT_THROW(json<Colour>().decode("\"blue\""), BadRecord);
  EXPECT_THROW((json<std::array<char, 2>>().decode("\"abc\"")), BadRecord);
  EXPECT_THROW((json<std::array<int, 2>>().decode("[1]")), BadRecord);
  EXPECT_THROW((json<std::array<int, 2>>().decode("[1,2,3]")), BadRecord);
  EXPECT_THROW((json<std::map<int, int>>().decode(R"({"x":1})")), BadRecord);
  EXPECT_THROW((json<std::map<std::int8_t, int>>().decode(R"({"128":1})")), BadRecord);
}

TEST(Json, RefusesToWriteWhatHasNoForm) {
  EXPECT_THROW(text_of(std::numeric_limits<double>::infinity()), BadRecord);
  EXPECT_THROW(text_of(std::numeric_limits<double>::quiet_NaN()), BadRecord);
  EXPECT_THROW(text_of(std::string{"\xff"}), BadRecord);
  EXPECT_THROW(text_of(static_cast<Colour>(9)), BadRecord);
}

TEST(Json, DoesNotQuoteTheRecordInItsMessages) {
  for (const std::string text :
       {R"({"user":"a","at":"secret"})", R"({"user":"a","at":1,"secret})", "secret",
        R"({"user":"a","at":1} secret)", R"({"user":"\secret","at":1})"}) {
    EXPECT_THAT([&text] { json<Click>().decode(text); },
                ThrowsMessage<BadRecord>(Not(HasSubstr("secret"))));
  }
}

TEST(Json, ReadsBackAnyValue) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random{seed};
    const Everything value = random_everything(random);
    EXPECT_EQ(json<Everything>().decode(text_of(value)), value) << "seed " << seed;
  }
}

TEST(Json, ReadsBackNumbersToTheLastBit) {
  Random random{1};
  for (int i = 0; i < 2'000; ++i) {
    const auto value = std::bit_cast<double>(random.next());
    if (value != value || std::abs(value) > std::numeric_limits<double>::max()) continue;
    EXPECT_EQ(json<double>().decode(text_of(value)), value);
  }
}

TEST(Json, WritesUnorderedContainersInOneOrder) {
  std::unordered_map<std::string, int> upwards;
  std::unordered_map<std::string, int> downwards(1'000);
  for (int i = 0; i < 100; ++i) {
    upwards[std::to_string(i)] = i;
    downwards[std::to_string(99 - i)] = 99 - i;
  }
  EXPECT_EQ(text_of(upwards), text_of(downwards));
}

// Text from outside may be anything: each prefix is refused, and nothing behind its end is read.
TEST(Json, RefusesTextThatIsCutOff) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Random random{seed};
    const std::string text = text_of(random_everything(random));
    for (std::size_t size = 0; size < text.size(); ++size) {
      // A copy of its own, so that a sanitizer sees a read behind its end.
      const auto prefix = std::make_unique<char[]>(size);
      std::copy_n(text.data(), size, prefix.get());
      EXPECT_THROW(json<Everything>().decode({prefix.get(), size}), BadRecord) << size;
    }
  }
}

TEST(Json, RefusesOrReadsTextThatIsWrong) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    Random random{seed};
    std::string text = text_of(random_everything(random));
    for (int i = 0; i < 3; ++i) random.pick(text) = static_cast<char>(random.next());
    try {
      static_cast<void>(json<Everything>().decode(text));
    } catch (const BadRecord&) {
      continue;  // Refused, as most are.
    }
  }
}

}  // namespace
}  // namespace weir
