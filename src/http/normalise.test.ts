import { describe, expect, test } from "vitest";
import {
  isCleanText,
  normaliseDecimal,
  normaliseEnum,
  normaliseInstant,
  normaliseUuid,
} from "./normalise.ts";

const problem = (text: string) => ({ problem: expect.stringContaining(text) });

describe("decimals", () => {
  test.each([
    [1.5, "1.5", "a number keeps its digits"],
    ["1.10", "1.1", "text loses trailing zeros only"],
    [1e-7, "0.0000001", "no exponent is left"],
    ["-0", "0", "there is one zero"],
    [
      "123456789012345678.000000000000000001",
      "123456789012345678.000000000000000001",
      "18 and 18 digits",
    ],
    [2 ** 53, "9007199254740992", "integers beyond a double's steps as they are"],
  ])("%s becomes %s: %s", (value, text, _reason) => {
    expect(normaliseDecimal(value, {})).toBe(text);
  });

  test.each([
    ["1e999", "at most 18 digits"],
    ["1e-999", "at most 18 digits"],
    ["1234567890123456789", "at most 18 digits"],
    ["0.0000000000000000001", "at most 18 digits"],
    ["", "must be a decimal number"],
    ["1,5", "must be a decimal number"],
    ["0x10", "must be a decimal number"],
    ["NaN", "must be a decimal number"],
    [" 1", "must be a decimal number"],
    [true, "must be a decimal number"],
    [null, "must be a decimal number"],
  ])("%s is refused: %s", (value, reason) => {
    expect(normaliseDecimal(value, {})).toEqual(problem(reason));
  });

  test("bounds are inclusive", () => {
    const rule = { minimum: "0", maximum: "1" };
    expect([normaliseDecimal(0, rule), normaliseDecimal("1.0", rule)]).toEqual(["0", "1"]);
    expect(normaliseDecimal("-0.000001", rule)).toEqual(problem("at least 0"));
    expect(normaliseDecimal("1.000001", rule)).toEqual(problem("at most 1"));
  });
});

describe("instants", () => {
  test.each([
    ["2024-01-31T00:00:00Z", "2024-01-31T00:00:00Z", "canonical stays"],
    ["2024-01-31T02:00:00+02:00", "2024-01-31T00:00:00Z", "an offset is turned to UTC"],
    ["2024-01-31 00:00:00.500z", "2024-01-31T00:00:00.5Z", "a space and small letters are legal"],
    ["2024-01-31T00:00:00.123456789Z", "2024-01-31T00:00:00.123456789Z", "nanoseconds stay"],
  ])("%s becomes %s: %s", (value, text) => {
    expect(normaliseInstant(value, {})).toBe(text);
  });

  test.each([
    ["2024-02-30T00:00:00Z", {}, "RFC 3339"],
    ["2024-01-31", {}, "RFC 3339"],
    ["2024-01-31T00:00:00", {}, "RFC 3339"],
    ["0000-01-01T00:00:00Z", {}, "years 1900 to 9998"],
    ["9999-12-31T23:59:59-12:00", {}, "years 1900 to 9998"],
    [1706659200, {}, "RFC 3339"],
    ["2024-01-31T00:30:00Z", { onHour: true }, "on the hour"],
    ["2024-01-31T00:00:00.000000001Z", { onHour: true }, "on the hour"],
    ["2024-01-31T00:00:00+05:30", { onHour: true }, "on the hour"],
  ])("%s with %j is refused: %s", (value, rule, reason) => {
    expect(normaliseInstant(value, rule)).toEqual(problem(reason));
  });
});

test("enum values come in any case", () => {
  expect(normaliseEnum("monthly", ["MONTHLY"])).toBe("MONTHLY");
  expect(normaliseEnum("daily", ["MONTHLY", "WEEKLY"])).toEqual(problem("one of MONTHLY, WEEKLY"));
});

test("ids are told by their form and kept in small letters", () => {
  expect(normaliseUuid("D23458E0-C9A0-5538-8E81-251835B9F57A")).toBe(
    "d23458e0-c9a0-5538-8e81-251835b9f57a",
  );
  expect(normaliseUuid("d23458e0c9a055388e81251835b9f57a")).toEqual(problem("uuid"));
});

test("text is well-formed and holds no NUL", () => {
  expect([isCleanText("ä 🎉"), isCleanText("\ud800"), isCleanText("a\0b"), isCleanText(1)]).toEqual(
    [true, false, false, false],
  );
});
