import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  flat,
  metric,
  rate,
  rateOne,
  row,
  segment,
  showLines,
  showWindow,
  snapshot,
  tiered,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import type { Override, OverrideSpecifier, PriceChange } from "../overrides/override.ts";
import { distinctWindows } from "./distinct-windows.ts";

const anything: OverrideSpecifier = {
  productId: "calls",
  productTags: [],
  pricingGroupValues: {},
  presentationGroupValues: {},
  billingFrequency: null,
  commitIds: null,
};

let added = 0n;
const override = (change: PriceChange | null, rest: Partial<Override> = {}): Override => {
  added += 1n;
  return {
    id: `override ${added}`,
    startingAt: at("2024-01-01"),
    endingBefore: null,
    entitled: null,
    change,
    isCommitSpecific: false,
    target: "LIST_RATE",
    priority: null,
    specifiers: [anything],
    position: added,
    ...rest,
  };
};
const times = (factor: string): PriceChange => ({ type: "MULTIPLIER", multiplier: dec(factor) });
const fixedAt = (price: string): PriceChange => ({
  type: "OVERWRITE",
  price: { type: "FLAT", price: dec(price) },
});

const calls = usageProduct("calls");
const january = (value: string) => [used("calls", row("2024-01-10", value))];
const grant = (amount: string, rateType: "LIST_RATE" | "COMMIT_RATE" = "LIST_RATE") =>
  commit("grant", "PREPAID", [segment(amount, "2024-01-01", "2025-01-01")], { rateType });
const withOverrides = (...overrides: Override[]) => [contract({ overrides })];
const commitRate = (price: string) =>
  ({ commitRate: { type: "FLAT", price: dec(price) } }) as const;

describe("windows", () => {
  test("an override cuts the period where it begins and ends", () => {
    const invoice = rateOne({
      contracts: withOverrides(
        override(times("0.5"), { startingAt: at("2024-01-10"), endingBefore: at("2024-01-20") }),
      ),
      products: [calls],
      rates: [flat("calls", "100")],
      rollups: [
        used("calls", row("2024-01-05", "1"), row("2024-01-15", "2"), row("2024-01-25", "4")),
      ],
    });
    expect(showLines(invoice)).toEqual([
      "calls 1 x 100 = 100",
      "calls 2 x 50 = 100",
      "calls 4 x 100 = 400",
    ]);
    expect(invoice.lines.map(showWindow)).toEqual([
      "2024-01-01..2024-01-10",
      "2024-01-10..2024-01-20",
      "2024-01-20..2024-02-01",
    ]);
  });

  test("one that changes nothing for the line cuts nothing", () => {
    const invoice = rateOne({
      contracts: withOverrides(
        override(times("0.5")),
        override(times("0.9"), { startingAt: at("2024-01-10") }),
        override(times("0.1"), { specifiers: [{ ...anything, productId: "other" }] }),
      ),
      products: [calls],
      rates: [flat("calls", "100")],
      rollups: [used("calls", row("2024-01-05", "1"), row("2024-01-15", "2"))],
    });
    expect(showLines(invoice)).toEqual(["calls 3 x 50 = 150"]);
  });

  test("tier counters run through the period, whatever prices overrides put on the tiers", () => {
    // 8 units before the 10th: 8 x 10. 8 after it at half the price: 2 x 5, then 6 x 2.
    const invoice = rateOne({
      contracts: withOverrides(override(times("0.5"), { startingAt: at("2024-01-10") })),
      products: [calls],
      rates: [
        tiered("calls", [
          ["10", "10"],
          [null, "4"],
        ]),
      ],
      rollups: [used("calls", row("2024-01-05", "8"), row("2024-01-15", "8"))],
    });
    expect(showLines(invoice)).toEqual([
      "calls (tier 1) 8 x 10 = 80",
      "calls (tier 1) 2 x 5 = 10",
      "calls (tier 2) 6 x 2 = 12",
    ]);
  });

  test("an overwrite pins the price against the card, a multiplier follows it", () => {
    const sample = (change: PriceChange) => ({
      contracts: withOverrides(override(change)),
      products: [calls],
      rates: [flat("calls", "100"), flat("calls", "200", "2024-01-15")],
      rollups: [used("calls", row("2024-01-05", "1"), row("2024-01-20", "1"))],
    });
    expect(showLines(rateOne(sample(fixedAt("70"))))).toEqual([
      "calls 1 x 70 = 70",
      "calls 1 x 70 = 70",
    ]);
    expect(showLines(rateOne(sample(times("0.5"))))).toEqual([
      "calls 1 x 50 = 50",
      "calls 1 x 100 = 100",
    ]);
  });

  test("distinct counts are asked for at the edges of overrides", () => {
    const users = usageProduct("users");
    const edges = distinctWindows(
      snapshot({
        contracts: withOverrides(
          override(times("0.5"), {
            startingAt: at("2024-01-10"),
            specifiers: [{ ...anything, productId: "users" }],
          }),
        ),
        products: [users],
        metrics: [metric("users", "UNIQUE")],
        rates: [flat("users", "1")],
      }),
    ).map(({ end }) => end.toString());
    expect(edges).toEqual(["2024-01-10T00:00:00Z", "2024-02-01T00:00:00Z"]);
  });
});

describe("access", () => {
  test("what the card does not entitle is billed when the contract opens it, from then on", () => {
    const invoice = rateOne({
      contracts: withOverrides(override(null, { entitled: true, startingAt: at("2024-01-10") })),
      products: [calls],
      rates: [flat("calls", "100", "2020-01-01", { entitled: false })],
      rollups: [used("calls", row("2024-01-05", "1"), row("2024-01-15", "2"))],
    });
    expect(showLines(invoice)).toEqual(["calls 2 x 100 = 200"]);
    expect(invoice.lines[0]?.trace.map(({ step }) => step)).toEqual([
      "usage",
      "rate",
      "access",
      "price",
    ]);
  });

  test("a product that the contract closes is not billed", () => {
    const invoice = rateOne({
      contracts: withOverrides(override(null, { entitled: false })),
      products: [calls],
      rates: [flat("calls", "100")],
      rollups: january("5"),
    });
    expect(invoice.lines).toEqual([]);
    expect(invoice.unpriced).toEqual([]);
  });

  test("presentation values can have a price of their own", () => {
    const invoice = rateOne({
      contracts: withOverrides(
        override(times("0.5"), {
          specifiers: [{ ...anything, presentationGroupValues: { team: "red" } }],
        }),
      ),
      products: [usageProduct("calls", { presentationGroupKey: ["team"] })],
      rates: [flat("calls", "100")],
      rollups: [
        used(
          "calls",
          row("2024-01-05", "1", { team: "red" }),
          row("2024-01-05", "1", { team: "blue" }),
        ),
      ],
    });
    expect(showLines(invoice)).toEqual([
      "calls [team: blue] 1 x 100 = 100",
      "calls [team: red] 1 x 50 = 50",
    ]);
  });
});

describe("prices of commits", () => {
  const product = {
    products: [calls],
    rates: [flat("calls", "100", "2020-01-01", commitRate("80"))],
  };

  test("covered usage has the commit rate, the rest the list rate", () => {
    // 800 pay for 10 units at 80; 5 more at 100.
    const invoice = rateOne({
      ...product,
      rollups: january("15"),
      commits: [grant("800", "COMMIT_RATE")],
    });
    expect(showLines(invoice)).toEqual([
      "calls 10 x 80 = 800 <- grant/0",
      "grant applied = -800 <- grant/0",
      "calls 5 x 100 = 500",
    ]);
    expect(toText(invoice.total)).toBe("500");
    expect(toText(invoice.subtotal)).toBe("1300");
  });

  test("all of it covered: 5 x 80 = 400, nothing remains to pay", () => {
    const { invoices, balances } = rate({
      ...product,
      rollups: january("5"),
      commits: [grant("800", "COMMIT_RATE")],
    });
    expect(toText(invoices[0]?.total ?? dec("-1"))).toBe("0");
    expect(balances.map(({ remaining }) => toText(remaining))).toEqual(["400"]);
  });

  test("a quotient that does not end: 100 / 30 units are covered, the rest at list", () => {
    const invoice = rateOne({
      products: [calls],
      rates: [flat("calls", "40", "2020-01-01", commitRate("30"))],
      rollups: january("4"),
      commits: [grant("100", "COMMIT_RATE")],
    });
    expect(showLines(invoice)).toEqual([
      "calls 3.333333333333 x 30 = 100 <- grant/0",
      "grant applied = -100 <- grant/0",
      "calls 0.666666666667 x 40 = 26.66666666668",
    ]);
  });

  test("a commit at list prices beside one at commit prices", () => {
    // 1 x 100 by the first (it burns first), 2 x 80 by the second, 2 x 100 to pay.
    const invoice = rateOne({
      ...product,
      rollups: january("5"),
      commits: [
        commit("first", "CREDIT", [segment("100", "2024-01-01", "2025-01-01")], {
          priority: dec("1"),
        }),
        grant("160", "COMMIT_RATE"),
      ],
    });
    expect(showLines(invoice)).toEqual([
      "calls 1 x 100 = 100 <- first/0",
      "calls 2 x 80 = 160 <- grant/0",
      "first applied = -100 <- first/0",
      "grant applied = -160 <- grant/0",
      "calls 2 x 100 = 200",
    ]);
  });

  test("tiers of a commit rate are read on the same running quantity as those of the list", () => {
    // List: 10 at 10, then 5. Commit: 4 at 8, then 3. Tier 1 of the list (dearer) is served first:
    // units 1-4 at 8 = 32, 5-10 at 3 = 18; then tier 2: units 11-12 at 3 = 6.
    const invoice = rateOne({
      products: [calls],
      rates: [
        {
          ...tiered("calls", [
            ["10", "10"],
            [null, "5"],
          ]),
          commitRate: {
            type: "TIERED",
            tiers: [
              { size: dec("4"), price: dec("8") },
              { size: null, price: dec("3") },
            ],
          },
        },
      ],
      rollups: january("12"),
      commits: [grant("1000", "COMMIT_RATE")],
    });
    expect(showLines(invoice).slice(0, 3)).toEqual([
      "calls (tier 1) 4 x 8 = 32 <- grant/0",
      "calls (tier 2) 6 x 3 = 18 <- grant/0",
      "calls (tier 2) 2 x 3 = 6 <- grant/0",
    ]);
    expect(toText(invoice.total)).toBe("0");
    expect(invoice.drawDowns.map(({ amount }) => toText(amount))).toEqual(["56"]);
    const keys = invoice.lines.map(({ lineKey }) => lineKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("a commit-specific overwrite of 0: the commit covers usage and loses nothing", () => {
    const specific = override(fixedAt("0"), { isCommitSpecific: true });
    const invoice = rateOne({
      contracts: withOverrides(specific),
      products: [calls],
      rates: [flat("calls", "100")],
      rollups: january("3"),
      commits: [grant("50")],
    });
    expect(showLines(invoice)).toEqual([
      "calls 3 x 0 = 0 <- grant/0",
      "grant applied = 0 <- grant/0",
    ]);
  });

  test("the trace tells the commit rate and the override that made the price", () => {
    const half = override(times("0.5"), { isCommitSpecific: true, target: "COMMIT_RATE" });
    const invoice = rateOne({
      contracts: withOverrides(half),
      ...product,
      rollups: january("2"),
      commits: [grant("800", "COMMIT_RATE")],
    });
    expect(showLines(invoice)[0]).toBe("calls 2 x 40 = 80 <- grant/0");
    expect(invoice.lines[0]?.trace).toEqual([
      expect.objectContaining({ step: "usage" }),
      expect.objectContaining({ step: "rate", rateId: "calls from 2020-01-01", rateType: "FLAT" }),
      { step: "commit-rate", rateType: "FLAT" },
      {
        step: "override",
        overrideId: half.id,
        overrideType: "MULTIPLIER",
        isCommitSpecific: true,
        listed: { type: "FLAT", price: dec("80") },
        price: { type: "FLAT", price: dec("40") },
      },
      expect.objectContaining({ step: "price", unitPrice: dec("40") }),
      expect.objectContaining({ step: "commit", amount: dec("80") }),
    ]);
  });
});
