import { describe, expect, test } from "vitest";
import { dec, sum, toText } from "../decimal.ts";
import type { Charge } from "./charge.ts";
import { priceCharges } from "./price-charges.ts";
import type { TieredPrice } from "./rate.ts";
import type { TierRules } from "./tier-rules.ts";

/** 10 units at 5 with a fee of 100, 10 at 2 with a fee of 20, then 1 with a fee of 30. */
const graduated: TieredPrice = {
  type: "TIERED",
  tiers: [
    { size: dec("10"), price: dec("5"), flatFee: dec("100") },
    { size: dec("10"), price: dec("2"), flatFee: dec("20") },
    { size: null, price: dec("1"), flatFee: dec("30") },
  ],
};
const volume: TieredPrice = { ...graduated, mode: "VOLUME" };
const blocks: TieredPrice = { ...graduated, packageSize: dec("3") };

const show = ({ kind, tier, quantity, amount }: Charge) =>
  kind === "TIER_FEE"
    ? `fee ${tier?.level} = ${toText(amount)}`
    : `${tier?.level}: ${toText(quantity)} = ${toText(amount)}`;
const charges = (
  price: TieredPrice,
  [before, after, period = after]: readonly string[],
  rules: TierRules,
) => priceCharges(price, dec(before ?? "0"), dec(after ?? "0"), dec(period ?? "0"), rules);

describe("who owns a tier's bound", () => {
  const lower: TierRules = { bound: "lower_tier", firstFee: "WITH_USE" };
  const upper: TierRules = { bound: "upper_tier", firstFee: "WITH_USE" };

  test.each<[string, TieredPrice, string[], string[], string[], string]>([
    [
      "graduated",
      graduated,
      ["0", "10"],
      ["1: 10 = 50", "fee 1 = 100"],
      ["1: 10 = 50", "fee 1 = 100", "fee 2 = 20"],
      "the units cost the same; the next tier is reached, so its fee is due",
    ],
    [
      "graduated",
      graduated,
      ["0", "9.999"],
      ["1: 9.999 = 49.995", "fee 1 = 100"],
      ["1: 9.999 = 49.995", "fee 1 = 100"],
      "just below a bound nobody disagrees",
    ],
    [
      "graduated",
      graduated,
      ["0", "20"],
      ["1: 10 = 50", "fee 1 = 100", "2: 10 = 20", "fee 2 = 20"],
      ["1: 10 = 50", "fee 1 = 100", "2: 10 = 20", "fee 2 = 20", "fee 3 = 30"],
      "likewise at the second bound",
    ],
    ["graduated", graduated, ["10", "10"], ["1: 0 = 0"], ["2: 0 = 0"], "where an empty charge is"],
    [
      "graduated",
      graduated,
      ["10", "12"],
      ["2: 2 = 4", "fee 2 = 20"],
      ["2: 2 = 4"],
      "the fee was due in the window that reached the bound",
    ],
    [
      "graduated",
      graduated,
      ["15", "10"],
      ["2: -5 = -10", "fee 2 = -20"],
      ["2: -5 = -10"],
      "a fall to the bound stays in the upper tier",
    ],
    [
      "graduated",
      graduated,
      ["10", "8"],
      ["1: -2 = -10"],
      ["1: -2 = -10", "fee 2 = -20"],
      "and leaves it below",
    ],
    ["graduated", graduated, ["0", "0"], ["1: 0 = 0"], ["1: 0 = 0"], "0 is no bound: no fee"],
    ["graduated", graduated, ["0", "-4"], ["1: -4 = -20"], ["1: -4 = -20"], "nor below it"],
    [
      "volume",
      volume,
      ["0", "10"],
      ["1: 10 = 50", "fee 1 = 100"],
      ["2: 10 = 20", "fee 2 = 20"],
      "all 10 units have the price and the fee of the tier that owns 10",
    ],
    [
      "volume",
      volume,
      ["0", "4", "20"],
      ["2: 4 = 8", "fee 2 = 20"],
      ["3: 4 = 4", "fee 3 = 30"],
      "the whole period's quantity is on the bound",
    ],
    [
      "volume",
      volume,
      ["12", "10"],
      ["1: -2 = -10"],
      ["2: -2 = -4"],
      "a correction is priced where the period ends",
    ],
    [
      "blocks of 3",
      blocks,
      ["0", "30"],
      ["1: 10 = 50", "fee 1 = 100"],
      ["1: 10 = 50", "fee 1 = 100", "fee 2 = 20"],
      "tiers count blocks: 30 units are 10 of them",
    ],
  ])("%s %#", (_name, price, edges, underLower, underUpper, reason) => {
    expect(charges(price, edges, lower).map(show), reason).toEqual(underLower);
    expect(charges(price, edges, upper).map(show), reason).toEqual(underUpper);
  });

  // 10 x 5 + 100 + 10 x 2 + 20 = 190, and 30 more; 20 x 2 + 20 = 60, or 20 x 1 + 30.
  test.each<[string, TieredPrice, TierRules, string]>([
    ["graduated, lower", graduated, lower, "190"],
    ["graduated, upper", graduated, upper, "220"],
    ["volume, lower", volume, lower, "60"],
    ["volume, upper", volume, upper, "50"],
  ])("%s: windows of a period of 20 cost what the period costs", (_name, price, rules, total) => {
    const edges = ["0", "4", "10", "10", "15", "10", "20"];
    const cost = (some: readonly Charge[]) => toText(sum(some.map(({ amount }) => amount)));
    const parts = edges
      .slice(1)
      .flatMap((after, n) => charges(price, [edges[n] ?? "0", after, "20"], rules));
    expect(cost(parts)).toBe(total);
    expect(cost(charges(price, ["0", "20"], rules))).toBe(total);
  });
});

describe("the fee of the first tier, due in every period", () => {
  const rules = (firstFee: TierRules["firstFee"], bound: TierRules["bound"] = "lower_tier") =>
    ({ bound, firstFee }) as const;

  test.each<[string, TieredPrice, string[], TierRules, string[], string]>([
    [
      "graduated",
      graduated,
      ["0", "0"],
      rules("WITH_USE"),
      ["1: 0 = 0"],
      "by default only with use",
    ],
    ["graduated", graduated, ["0", "0"], rules("HERE"), ["1: 0 = 0", "fee 1 = 100"], "without use"],
    ["graduated", graduated, ["0", "0"], rules("ELSEWHERE"), ["1: 0 = 0"], "in one window only"],
    [
      "graduated",
      graduated,
      ["0", "3"],
      rules("HERE"),
      ["1: 3 = 15", "fee 1 = 100"],
      "with use once",
    ],
    ["graduated", graduated, ["0", "3"], rules("ELSEWHERE"), ["1: 3 = 15"], "it was due before"],
    ["graduated", graduated, ["3", "0"], rules("ELSEWHERE"), ["1: -3 = -15"], "never given back"],
    [
      "graduated",
      graduated,
      ["0", "-2"],
      rules("HERE"),
      ["1: -2 = -10", "fee 1 = 100"],
      "below zero",
    ],
    [
      "graduated",
      graduated,
      ["0", "12"],
      rules("HERE"),
      ["1: 10 = 50", "fee 1 = 100", "2: 2 = 4", "fee 2 = 20"],
      "fees of other tiers are due with use",
    ],
    [
      "graduated",
      graduated,
      ["10", "10"],
      rules("HERE", "upper_tier"),
      ["fee 1 = 100", "2: 0 = 0"],
      "usage without a rate had filled the first tier; its fee is due all the same",
    ],
    [
      "volume",
      volume,
      ["0", "0"],
      rules("HERE"),
      ["1: 0 = 0", "fee 1 = 100"],
      "0 is in the first tier",
    ],
    [
      "volume",
      volume,
      ["0", "25"],
      rules("HERE"),
      ["3: 25 = 25", "fee 3 = 30"],
      "the tier that holds",
    ],
    ["volume", volume, ["0", "5", "25"], rules("ELSEWHERE"), ["3: 5 = 5"], "in one window only"],
  ])("%s %#", (_name, price, edges, rule, expected, reason) => {
    expect(charges(price, edges, rule).map(show), reason).toEqual(expected);
  });

  test("its trace says that it is due without use", () => {
    const due = (firstFee: TierRules["firstFee"]) =>
      charges(graduated, ["0", "1"], rules(firstFee)).at(-1)?.trace.at(-1);
    expect(due("HERE")).toEqual({
      step: "tier-fee",
      fee: dec("100"),
      amount: dec("100"),
      due: "EVERY_PERIOD",
    });
    expect(due("WITH_USE")).not.toHaveProperty("due");
  });
});
