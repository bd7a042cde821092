import fc from "fast-check";
import { expect, test } from "vitest";
import { dec } from "../../domain/decimal.ts";
import { AppError } from "../../errors.ts";
import { parseExact, writeExact } from "./exact-json.ts";

test.each<[string, string | number, string]>([
  ["1", 1, "an integer is a number"],
  ["1.10", 1.1, "a trailing zero changes no value"],
  ["0.1", 0.1, "the shortest text of the double is the decimal that was written"],
  ["1e3", 1000, "an exponent is a way of writing"],
  ["-0.25", -0.25, "signs stay"],
  ["9007199254740991", 9007199254740991, "the largest safe integer"],
  ["9007199254740993", "9007199254740993", "its double is ...992"],
  ["0.1234567890123456789", "0.1234567890123456789", "19 digits do not fit"],
  ["123456789012345.67", 123456789012345.67, "17 digits that happen to fit"],
  ["1234567890123456.78", "1234567890123456.78", "18 digits that do not"],
  ["100000000000000000000", 100000000000000000000, "1e20 is exact"],
  ["100000000000000000001", "100000000000000000001", "one more is not"],
  ["1.000000000000000000000", 1, "many zeros, yet exact"],
  ["5e-324", 5e-324, "the smallest double"],
])("%s is read as %j: %s", (text, expected) => {
  expect(parseExact(`{"amount":${text}}`)).toEqual({ amount: expected });
});

const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

test.each<[string, string | Buffer]>([
  ["nothing", ""],
  ["a cut body", '{"a":'],
  ["NaN", '{"a":NaN}'],
  ["infinity", '{"a":-Infinity}'],
  ["a leading zero", '{"a":01}'],
  ["a trailing comma", "[1,]"],
  ["overflow", '{"a":1e400}'],
  ["underflow", '{"a":1e-400}'],
  ["underflow with a huge exponent", '{"a":-0.01e-99999999999999999999}'],
  ["a lone surrogate, escaped", '{"a":"\\ud800"}'],
  ["a lone surrogate in a name", '{"\\udc00":1}'],
  ["a lone surrogate, raw", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ["bytes that are not UTF-8", Buffer.from([0x22, 0xff, 0x22])],
  ["__proto__ as a name", '{"__proto__":{"admin":true}}'],
  ["__proto__ in disguise", '{"a":{"\\u005f_proto__":1}}'],
  ["too deep nesting", deep(33)],
  ["absurd nesting", deep(200_000)],
  ["absurd nesting around a long number", `${"[".repeat(200_000)}1234567890123456789`],
])("%s is refused", (_what, body) => {
  expect(() => parseExact(body)).toThrow(AppError);
  expect(() => parseExact(body)).toThrow(/not valid JSON/);
});

test("a zero may be written in any way", () => {
  expect(parseExact("[0.000000000000000000,0e-400,-0]")).toEqual([0, 0, -0]);
});

test("paired surrogates and nesting up to the limit are fine", () => {
  expect(parseExact(Buffer.from('{"a":"\\ud83d\\ude00 😀"}'))).toEqual({ a: "😀 😀" });
  expect(() => parseExact(deep(32))).not.toThrow();
});

test("decimals and bigints are written as numbers with every digit", () => {
  const written = writeExact({
    price: dec("0.00000000000000000001"),
    big: dec("123456789012345678901234567890.5"),
    nested: [{ minor: 9007199254740993n }],
    plain: 1.5,
    text: "1.50",
    nothing: null,
    absent: undefined,
  });
  expect(written).toBe(
    '{"price":0.00000000000000000001,"big":123456789012345678901234567890.5,"nested":[{"minor":9007199254740993}],"plain":1.5,"text":"1.50","nothing":null}',
  );
});

test("a number that JSON cannot say is a fault, not a null", () => {
  expect(() => writeExact({ amount: Number.NaN })).toThrow("amount is NaN");
});

test("no digit is lost on the way in and out again", () => {
  const digits = fc.tuple(fc.bigInt(), fc.integer({ min: 0, max: 25 }));
  fc.assert(
    fc.property(fc.array(digits, { maxLength: 5 }), (numbers) => {
      const decimals = numbers.map(([unscaled, places]) => dec(`${unscaled}e-${places}`));
      const read = parseExact(writeExact({ amounts: decimals })) as { amounts: unknown[] };
      expect(read.amounts.map((value) => dec(String(value)).toFixed())).toEqual(
        decimals.map((value) => value.toFixed()),
      );
    }),
    { numRuns: 200 },
  );
});

test("everything JSON can say is read as JSON.parse reads it, long numbers aside", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      fc.pre(!JSON.stringify(value).includes("__proto__"));
      expect(parseExact(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 200 },
  );
});
