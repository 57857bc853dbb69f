// SPDX-License-Identifier: Apache-2.0
#include "weir/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "weir/error.hpp"
#include "weir/random.hpp"
#include "weir/record.hpp"

namespace weir_csv_test {

enum class Colour { red, green };
enum class Plain : std::int8_t { one = 1 };

struct Click {
  std::string user;
  std::optional<double> price;
  weir::EventTime at;
  friend bool operator==(const Click&, const Click&) = default;
};

struct Everything {
  bool flag = false;
  std::int8_t tiny = 0;
  std::uint64_t large = 0;
  float ratio = 0;
  double amount = 0;
  Colour colour = Colour::red;
  Plain plain = Plain::one;
  weir::Duration span{};
  std::optional<std::string> note;
  std::optional<std::int64_t> count;
  Click click;
  friend bool operator==(const Everything&, const Everything&) = default;
};

struct Defaulted {
  std::string name;
  int count = 7;
  friend bool operator==(const Defaulted&, const Defaulted&) = default;
};

}  // namespace weir_csv_test

WEIR_ENUM(weir_csv_test::Colour, red, green);
WEIR_FIELDS(weir_csv_test::Click, user, price, at);
WEIR_FIELDS(weir_csv_test::Everything, flag, tiny, large, ratio, amount, colour, plain, span, note,
            count, click);
template <>
struct weir::Fields<weir_csv_test::Defaulted> {
  using Self = weir_csv_test::Defaulted;
  static constexpr auto all =
      std::tuple{field("name", &Self::name), field_or_default("count", &Self::count)};
};

namespace weir {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;
using weir_csv_test::Click;
using weir_csv_test::Colour;
using weir_csv_test::Defaulted;
using weir_csv_test::Everything;

template <class T>
std::string line_of(const T& value, const CsvOptions& options = {}) {
  std::string line;
  csv<T>(options).encode(value, line);
  return line;
}

TEST(Csv, WritesAHeaderAndALineForEachRecord) {
  EXPECT_EQ(csv<Click>().header(), "user,price,at");
  EXPECT_EQ(line_of(Click{"u1", 9.99, EventTime{1'700'000'000'000}}), "u1,9.99,1700000000000");
  EXPECT_EQ(line_of(Click{"u1", std::nullopt, EventTime{-1}}), "u1,,-1");
}

TEST(Csv, ReadsALineByTheOrderOfItsFields) {
  EXPECT_EQ(csv<Click>().decode("u1,9.99,5"), (Click{"u1", 9.99, EventTime{5}}));
  EXPECT_EQ(csv<Click>().decode("u1,,5"), (Click{"u1", std::nullopt, EventTime{5}}));
}

TEST(Csv, ReadsALineByTheOrderOfItsHeaderAndSkipsOtherColumns) {
  const auto format = csv<Click>().with_header("at,what,user,price");
  EXPECT_EQ(format.decode("5,x,u1,1"), (Click{"u1", 1.0, EventTime{5}}));
}

TEST(Csv, ReadsAHeaderWithAByteOrderMarkQuotesAndACarriageReturn) {
  const auto format = csv<Click>().with_header("\xef\xbb\xbf\"a,b\",user,price,at\r");
  EXPECT_EQ(format.decode("x,u1,,5\r"), (Click{"u1", std::nullopt, EventTime{5}}));
}

TEST(Csv, QuotesWhatWouldBeTornApart) {
  EXPECT_EQ(line_of(Click{"a,b", {}, {}}), "\"a,b\",,0");
  EXPECT_EQ(line_of(Click{"say \"a\"", {}, {}}), "\"say \"\"a\"\"\",,0");
  EXPECT_EQ(line_of(Click{"a\nb", {}, {}}), "\"a\nb\",,0");
  EXPECT_EQ(line_of(Click{" a", {}, {}}), "\" a\",,0");
  EXPECT_EQ(csv<Click>().framing(), Framing::quoted_lines);
}

TEST(Csv, ReadsQuotedCells) {
  EXPECT_EQ(csv<Click>().decode("\"a,\"\"b\"\"\nc\",\"1\",5"),
            (Click{"a,\"b\"\nc", 1.0, EventTime{5}}));
  EXPECT_EQ(csv<Click>().decode("\"\"\"\",,5").user, "\"");
}

TEST(Csv, TellsEmptyTextFromNoText) {
  Everything value;
  value.note = "";
  EXPECT_THAT(line_of(value), HasSubstr(",\"\","));
  EXPECT_EQ(csv<Everything>().decode(line_of(value)).note, "");
  value.note.reset();
  EXPECT_EQ(csv<Everything>().decode(line_of(value)).note, std::nullopt);
}

TEST(Csv, NamesTheColumnsOfAStructWithinByBoth) {
  EXPECT_EQ(csv<Everything>().header(),
            "flag,tiny,large,ratio,amount,colour,plain,span,note,count,click.user,click.price,"
            "click.at");
  EXPECT_EQ((csv<Windowed<std::string, Defaulted>>().header()),
            "key,value.name,value.count,start,end,pane.timing,pane.index");
}

TEST(Csv, WritesEnumsByNameOrNumber) {
  Everything value;
  value.colour = Colour::green;
  EXPECT_EQ(line_of(value), "false,0,0,0,0,green,1,0,,,,,0");
}

TEST(Csv, ReadsBackAnyValue) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random{seed};
    const auto text = [&random] {
      std::string some(random.below(5), '\0');
      for (char& each : some) each = "a,\"\n\r ;\t"[random.below(8)];
      return some;
    };
    Everything value;
    value.flag = random.chance(0.5);
    value.tiny = static_cast<std::int8_t>(random.next());
    value.large = random.next();
    value.ratio = static_cast<float>(random.real());
    value.amount = random.real() * 1e300;
    value.span = Duration{random.between(-1'000, 1'000)};
    if (random.chance(0.5)) value.note = text();
    if (random.chance(0.5)) value.count = static_cast<std::int64_t>(random.next());
    value.click = {text(), random.real(), EventTime{static_cast<std::int64_t>(random.next())}};
    for (const char separator : {',', ';', '|', '\t'}) {
      const CsvOptions options{.separator = separator};
      const auto format = csv<Everything>(options).with_header(csv<Everything>(options).header());
      EXPECT_EQ(format.decode(line_of(value, options)), value) << "seed " << seed;
    }
  }
}

TEST(Csv, KeepsTheDefaultOfAFieldWithoutACell) {
  EXPECT_EQ(csv<Defaulted>().decode("a,"), (Defaulted{"a", 7}));
  EXPECT_EQ(csv<Defaulted>().with_header("name").decode("a"), (Defaulted{"a", 7}));
  EXPECT_EQ(csv<Defaulted>({.has_header = false}).decode("a"), (Defaulted{"a", 7}));
}

TEST(Csv, RefusesALineThatDoesNotFitAndSaysWhy) {
  const auto why = [](const CsvOptions& options, const std::string& line) {
    return [=] { csv<Click>(options).decode(line); };
  };
  const auto says = [](const std::string& text) {
    return ThrowsMessage<BadRecord>(HasSubstr(text));
  };
  EXPECT_THAT(why({}, "u1,1"), says("csv: the line has 2 columns instead of 3"));
  EXPECT_THAT(why({}, "u1,1,5,6"), says("csv: the line has 4 columns instead of 3"));
  EXPECT_THAT(why({.has_header = false}, "u1,1"), says("column 'at': the line ends before it"));
  EXPECT_THAT(why({}, "u1,x,5"), says("csv: column 'price': a number"));
  EXPECT_THAT(why({}, "u1,1,5.5"), says("csv: column 'at': a whole number"));
  EXPECT_THAT(why({}, "u1,1,"), says("csv: column 'at': a whole number"));
  EXPECT_THAT(why({}, "\"u1,1,5"), says("csv: a quote is not closed"));
  EXPECT_THAT(why({}, "\"u1\"x,1,5"), says("csv: column 1 goes on behind its closing quote"));
}

TEST(Csv, RefusesNumbersThatDoNotFitTheirField) {
  const std::string good = "true,1,1,1,1,red,1,1,,,u,,5";
  EXPECT_NO_THROW(csv<Everything>().decode(good));
  for (const std::string bad : {"yes,1,1,1,1,red,1,1,,,u,,5", "true,128,1,1,1,red,1,1,,,u,,5",
                                "true,1,-1,1,1,red,1,1,,,u,,5", "true,1,1,1e39,1,red,1,1,,,u,,5",
                                "true,1,1,1,1e999,red,1,1,,,u,,5", "true,1,1,1,1,blue,1,1,,,u,,5",
                                "true,1,1,1,1,red,300,1,,,u,,5"}) {
    EXPECT_THROW(csv<Everything>().decode(bad), BadRecord) << bad;
  }
}

TEST(Csv, DoesNotQuoteTheRecordInItsMessages) {
  EXPECT_THAT([] { csv<Click>().decode("secret,secret,secret"); },
              ThrowsMessage<BadRecord>(Not(HasSubstr("secret"))));
}

TEST(Csv, RefusesAHeaderWithoutARequiredColumn) {
  EXPECT_THAT([] { csv<Click>().with_header("user,price"); },
              ThrowsMessage<BadRecord>(HasSubstr("the header has no column 'at'")));
  EXPECT_NO_THROW(csv<Click>().with_header("user,at"));
}

TEST(Csv, RefusesASeparatorThatIsNone) {
  EXPECT_THROW(csv<Click>({.separator = 'x'}), ConfigError);
}

TEST(Csv, RefusesToWriteAnEnumValueWithoutAName) {
  Everything value;
  value.colour = static_cast<Colour>(9);
  EXPECT_THROW(line_of(value), BadRecord);
}

}  // namespace
}  // namespace weir
