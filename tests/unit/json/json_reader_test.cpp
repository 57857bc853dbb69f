// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/json/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "weir/error.hpp"

namespace weir::detail {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

void skip_all(const std::string& text) {
  JsonReader in{text};
  in.skip_value();
  in.finish();
}

std::string string_in(const std::string& text) {
  JsonReader in{text};
  std::string out;
  in.read_string(out);
  in.finish();
  return out;
}

std::int64_t signed_in(const std::string& text) {
  JsonReader in{text};
  const std::int64_t value = in.read_signed();
  in.finish();
  return value;
}

std::uint64_t unsigned_in(const std::string& text) {
  JsonReader in{text};
  const std::uint64_t value = in.read_unsigned();
  in.finish();
  return value;
}

double double_in(const std::string& text) {
  JsonReader in{text};
  const double value = in.read_double();
  in.finish();
  return value;
}

TEST(JsonReader, AcceptsEverythingThatIsJson) {
  for (const std::string text :
       {"{}", "[]", "null", "true", "false", "0", "-0", "1.5e+10", "-0.0E-1", "\"\"", " [ 1 , 2 ] ",
        "\t{\"a\" : {\"b\" : [ { } , [ ] ] } ,\r\n\"c\":null}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0000\\uFFFF\\ud83D\\uDe00\"", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""}) {
    EXPECT_NO_THROW(skip_all(text)) << text;
  }
}

TEST(JsonReader, RefusesEverythingThatIsNot) {
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "}",
                                 "[",
                                 "]",
                                 "[1,]",
                                 "[,1]",
                                 "[1 2]",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "{\"a\":1 \"b\":2}",
                                 "{1:2}",
                                 "nul",
                                 "nulL",
                                 "tru",
                                 "True",
                                 "falsey",
                                 "01",
                                 "-",
                                 "+1",
                                 ".5",
                                 "1.",
                                 "1e",
                                 "1e+",
                                 "0x1",
                                 "NaN",
                                 "Infinity",
                                 "'a'",
                                 "\"",
                                 "\"\\",
                                 "\"\\u12\"",
                                 "\"\\u12G4\"",
                                 "\"\\x\"",
                                 "\"\\ud83d\"",
                                 "\"\\ud83dx\"",
                                 "\"\\ud83d\\n\"",
                                 "\"\\ud83d\\u0041\"",
                                 "\"\\ude00\"",
                                 "\"\n\"",
                                 "\"\x01\"",
                                 "\"\xff\"",
                                 "\"\xc3\"",
                                 "\"\xed\xa0\x80\"",
                                 "1 2",
                                 "{}{}",
                                 "[1]]",
                                 "/* */ 1"}) {
    EXPECT_THROW(skip_all(text), BadRecord) << text;
  }
}

TEST(JsonReader, ResolvesEscapes) {
  EXPECT_EQ(string_in(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(string_in(R"("\u0041\u00e9\u20AC\ud83d\ude00")"),
            "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(string_in(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(string_in("\"caf\xc3\xa9 \xf0\x9f\x98\x80 long enough for whole words\""),
            "caf\xc3\xa9 \xf0\x9f\x98\x80 long enough for whole words");
}

TEST(JsonReader, ReadsIntegersToTheirLastValue) {
  EXPECT_EQ(signed_in("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(signed_in("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(signed_in("-0"), 0);
  EXPECT_EQ(unsigned_in("18446744073709551615"), UINT64_MAX);
}

TEST(JsonReader, RefusesIntegersThatAreTooLargeOrNone) {
  for (const std::string text : {"9223372036854775808", "-9223372036854775809",
                                 "99999999999999999999", "1.0", "1e3", "\"1\"", "01", "-"}) {
    EXPECT_THROW(signed_in(text), BadRecord) << text;
  }
  for (const std::string text : {"18446744073709551616", "184467440737095516150", "-1"}) {
    EXPECT_THROW(unsigned_in(text), BadRecord) << text;
  }
}

TEST(JsonReader, ReadsNumbersExactly) {
  EXPECT_EQ(double_in("0.1"), 0.1);
  EXPECT_EQ(double_in("-1.7976931348623157e308"), -1.7976931348623157e308);
  EXPECT_EQ(double_in("5e-324"), 5e-324);
  EXPECT_EQ(double_in("123456789012345678901234567890"), 123456789012345678901234567890.0);
  EXPECT_EQ(double_in("1e-999"), 0.0);
  EXPECT_THROW(double_in("1e999"), BadRecord);
}

TEST(JsonReader, GivesTheTextOfAValueItSkips) {
  JsonReader in{R"( {"a": [1, "x"]} )"};
  EXPECT_EQ(in.skip_value(), R"({"a": [1, "x"]})");
}

TEST(JsonReader, RefusesTextThatIsNestedTooDeeply) {
  EXPECT_NO_THROW(skip_all(std::string(128, '[') + std::string(128, ']')));
  EXPECT_THAT([] { skip_all(std::string(1'000'000, '[')); },
              ThrowsMessage<BadRecord>(HasSubstr("nested too deeply")));
}

TEST(JsonReader, SaysWhereItStopped) {
  EXPECT_THAT([] { skip_all(R"({"a": 1, "b": x})"); },
              ThrowsMessage<BadRecord>(HasSubstr("json: at byte 14: a number is expected")));
}

TEST(JsonReader, TakesTheKeyItExpectsAndLeavesAnother) {
  JsonReader in{R"({ "user" : 1, "name": 2})"};
  ASSERT_TRUE(in.begin_object());
  EXPECT_FALSE(in.take_key("use"));
  EXPECT_FALSE(in.take_key("users"));
  EXPECT_TRUE(in.take_key("user"));
  EXPECT_EQ(in.read_signed(), 1);
  ASSERT_TRUE(in.next_member());
  EXPECT_EQ(in.key(), "name");
  EXPECT_EQ(in.read_signed(), 2);
  EXPECT_FALSE(in.next_member());
}

}  // namespace
}  // namespace weir::detail
