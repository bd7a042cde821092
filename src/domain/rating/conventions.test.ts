import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  conventions,
  flat,
  rate,
  rateOne,
  row,
  type Sample,
  segment,
  showLines,
  showWindow,
  subscription,
  subscriptionProduct,
  tiered,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { CONVENTION_VALUES, type Conventions } from "../conventions.ts";
import { dec, toText } from "../decimal.ts";
import type { TieredRate } from "../pricing/rate.ts";

/** 10 units at 5 with a fee, then 2 each. */
const withFee = (fee: string, from = "2020-01-01"): TieredRate => {
  const listed = tiered(
    "tokens",
    [
      ["10", "5"],
      [null, "2"],
    ],
    from,
  );
  const tiers = listed.tiers.map((tier, n) => (n === 0 ? { ...tier, flatFee: dec(fee) } : tier));
  return { ...listed, tiers };
};

const shown = (sample: Sample): string[] => {
  const invoice = rateOne(sample);
  return invoice.lines.map((line, n) => `${showWindow(line)} ${showLines(invoice)[n]}`);
};

describe("the fee of the first tier in a period without usage", () => {
  const sample: Sample = { products: [usageProduct("tokens")], rates: [withFee("100")] };
  const charged = conventions({ zeroUsageTierFee: "charged" });
  const january = "2024-01-01..2024-02-01";

  test.each<[string, Sample, string[], string[]]>([
    [
      "nothing used",
      sample,
      [`${january} tokens (tier 1) 0 x 5 = 0`],
      [`${january} tokens (tier 1) 0 x 5 = 0`, `${january} tokens (tier 1) 1 x 100 = 100`],
    ],
    [
      "a reading of nothing",
      { ...sample, rollups: [used("tokens", row("2024-01-05", "0"))] },
      [`${january} tokens (tier 1) 0 x 5 = 0`],
      [`${january} tokens (tier 1) 0 x 5 = 0`, `${january} tokens (tier 1) 1 x 100 = 100`],
    ],
    [
      "3 used",
      { ...sample, rollups: [used("tokens", row("2024-01-05", "3"))] },
      [`${january} tokens (tier 1) 3 x 5 = 15`, `${january} tokens (tier 1) 1 x 100 = 100`],
      [`${january} tokens (tier 1) 3 x 5 = 15`, `${january} tokens (tier 1) 1 x 100 = 100`],
    ],
    [
      "3 used after a new price, with a fee of 40",
      {
        ...sample,
        rates: [withFee("100"), withFee("40", "2024-01-15")],
        rollups: [used("tokens", row("2024-01-20", "3"))],
      },
      [
        "2024-01-01..2024-01-15 tokens (tier 1) 0 x 5 = 0",
        "2024-01-15..2024-02-01 tokens (tier 1) 3 x 5 = 15",
        "2024-01-15..2024-02-01 tokens (tier 1) 1 x 40 = 40",
      ],
      [
        "2024-01-01..2024-01-15 tokens (tier 1) 0 x 5 = 0",
        "2024-01-15..2024-02-01 tokens (tier 1) 3 x 5 = 15",
        "2024-01-15..2024-02-01 tokens (tier 1) 1 x 40 = 40",
      ],
    ],
    [
      "nothing used at two prices",
      { ...sample, rates: [withFee("100"), withFee("40", "2024-01-15")] },
      [
        "2024-01-01..2024-01-15 tokens (tier 1) 0 x 5 = 0",
        "2024-01-15..2024-02-01 tokens (tier 1) 0 x 5 = 0",
      ],
      [
        "2024-01-01..2024-01-15 tokens (tier 1) 0 x 5 = 0",
        "2024-01-01..2024-01-15 tokens (tier 1) 1 x 100 = 100",
        "2024-01-15..2024-02-01 tokens (tier 1) 0 x 5 = 0",
      ],
    ],
    [
      "used and taken back across the edge of a commit's window",
      {
        ...sample,
        rollups: [used("tokens", row("2024-01-05", "3"), row("2024-01-20", "-3"))],
        commits: [commit("grant", "CREDIT", [segment("1", "2024-01-15", "2025-01-01")])],
      },
      [
        "2024-01-01..2024-01-15 tokens (tier 1) 3 x 5 = 15",
        "2024-01-01..2024-01-15 tokens (tier 1) 1 x 100 = 100",
        "2024-01-15..2024-02-01 tokens (tier 1) -3 x 5 = -15",
        "2024-01-15..2024-02-01 tokens (tier 1) -1 x 100 = -100",
      ],
      [
        "2024-01-01..2024-01-15 tokens (tier 1) 3 x 5 = 15",
        "2024-01-01..2024-01-15 tokens (tier 1) 1 x 100 = 100",
        "2024-01-15..2024-02-01 tokens (tier 1) -3 x 5 = -15",
      ],
    ],
    [
      "a product priced by regions, of which one was used",
      {
        products: [usageProduct("tokens", { pricingGroupKey: ["region"] })],
        rates: ["eu", "us"].map((region) => ({
          ...withFee("100"),
          id: region,
          pricingGroupValues: { region },
        })),
        rollups: [used("tokens", row("2024-01-05", "0", { region: "eu" }))],
      },
      [`${january} tokens [region: eu] (tier 1) 0 x 5 = 0`],
      [
        `${january} tokens [region: eu] (tier 1) 0 x 5 = 0`,
        `${january} tokens [region: eu] (tier 1) 1 x 100 = 100`,
      ],
    ],
    [
      "a product shown by teams, each with its own counter",
      {
        products: [usageProduct("tokens", { presentationGroupKey: ["team"] })],
        rates: [withFee("100"), withFee("40", "2024-01-15")],
        rollups: [
          used(
            "tokens",
            row("2024-01-20", "0", { team: "a" }),
            row("2024-01-20", "1", { team: "b" }),
          ),
        ],
      },
      [
        "2024-01-01..2024-01-15 tokens (tier 1) 0 x 5 = 0",
        "2024-01-15..2024-02-01 tokens [team: a] (tier 1) 0 x 5 = 0",
        "2024-01-15..2024-02-01 tokens [team: b] (tier 1) 1 x 5 = 5",
        "2024-01-15..2024-02-01 tokens [team: b] (tier 1) 1 x 40 = 40",
      ],
      [
        "2024-01-01..2024-01-15 tokens (tier 1) 0 x 5 = 0",
        "2024-01-15..2024-02-01 tokens [team: a] (tier 1) 0 x 5 = 0",
        "2024-01-15..2024-02-01 tokens [team: a] (tier 1) 1 x 40 = 40",
        "2024-01-15..2024-02-01 tokens [team: b] (tier 1) 1 x 5 = 5",
        "2024-01-15..2024-02-01 tokens [team: b] (tier 1) 1 x 40 = 40",
      ],
    ],
  ])("%s", (_name, given, notCharged, lines) => {
    expect(shown(given)).toEqual(notCharged);
    expect(shown({ ...given, conventions: charged })).toEqual(lines);
  });

  test("a price that is still to come owes nothing yet", () => {
    const now = at("2024-01-10");
    const rates = [withFee("100", "2024-01-15")];
    expect(shown({ ...sample, rates, now, conventions: charged })).toEqual([]);
  });

  test("each period owes it, a short one in full", () => {
    const requests = [
      usageInvoice("2024-01-20", "2024-02-01"),
      usageInvoice("2024-02-01", "2024-03-01"),
    ];
    const contracts = [contract({ startingAt: at("2024-01-20") })];
    const { invoices } = rate({ ...sample, contracts, requests, conventions: charged });
    expect(invoices.map(({ total }) => toText(total))).toEqual(["100", "100"]);
  });

  test("the minimum of a rate counts it, and a commit pays for it", () => {
    const rates = [{ ...withFee("100"), minimum: dec("130") }];
    const commits = [commit("grant", "CREDIT", [segment("110", "2024-01-01", "2025-01-01")])];
    const invoice = rateOne({ ...sample, rates, commits, conventions: charged });
    expect(toText(invoice.subtotal)).toBe("130");
    expect(toText(invoice.total)).toBe("20");
  });
});

describe("a quantity at exactly the bound of a tier", () => {
  const sample: Sample = {
    products: [usageProduct("tokens")],
    rollups: [used("tokens", row("2024-01-05", "4"), row("2024-01-20", "6"))],
  };
  const listed = tiered("tokens", [
    ["10", "5"],
    [null, "2"],
  ]);
  const total = (rates: Sample["rates"] & object, tierBound: Conventions["tierBound"]) =>
    toText(rateOne({ ...sample, rates, conventions: conventions({ tierBound }) }).total);

  test.each<[string, TieredRate, string, string, string]>([
    ["graduated", listed, "50", "50", "10 x 5 either way"],
    ["volume", { ...listed, mode: "VOLUME" }, "50", "20", "10 x 5, or 10 x 2"],
    [
      "graduated, the second tier with a fee of 7",
      { ...listed, tiers: listed.tiers.map((tier) => ({ ...tier, flatFee: dec("7") })) },
      "57",
      "64",
      "one fee, or two: the second tier is reached",
    ],
  ])("%s: %s, %s", (_name, price, lower, upper, reason) => {
    expect(total([price], "lower_tier"), reason).toBe(lower);
    expect(total([price], "upper_tier"), reason).toBe(upper);
  });

  test("what a commit with a price of its own pays is read on the same bound", () => {
    const commitRate = { type: "TIERED", mode: "VOLUME", tiers: listed.tiers } as const;
    const rates = [{ ...flat("tokens", "9"), commitRate }];
    const commits = [
      commit("grant", "PREPAID", [segment("1000", "2024-01-01", "2025-01-01")], {
        rateType: "COMMIT_RATE",
      }),
    ];
    const used = (tierBound: Conventions["tierBound"]) =>
      rate({ ...sample, rates, commits, conventions: conventions({ tierBound }) }).balances.map(
        (balance) => toText(balance.used),
      );
    expect(used("lower_tier")).toEqual(["50"]);
    expect(used("upper_tier")).toEqual(["20"]);
  });
});

describe("the basis of proration", () => {
  const february: Sample = {
    contracts: [
      contract({
        startingAt: at("2023-02-15T12"),
        subscriptions: [
          subscription({
            startingAt: at("2023-02-15T12"),
            quantities: [{ id: "first", startingAt: at("2023-02-15T12"), quantity: dec("2") }],
          }),
        ],
      }),
    ],
    products: [subscriptionProduct("seats")],
    rates: [flat("seats", "2800", "2020-01-01", { billingFrequency: "MONTHLY" })],
    requests: [usageInvoice("2023-02-15T12", "2023-03-01")],
  };

  test.each<[Conventions["prorationBasis"], string, string]>([
    ["time", "seats 2 x 1350 = 2700", "13.5 of 28 days of 2 x 2800"],
    ["days", "seats 2 x 1400 = 2800", "14 of 28: the day it began in counts"],
    ["thirty_day_months", "seats 2 x 1493.333333333333 = 2986.666666666667", "16 of 30"],
  ])("$28 for each of 2 seats from noon of February 15, %s: %s", (prorationBasis, line, reason) => {
    const invoice = rateOne({ ...february, conventions: conventions({ prorationBasis }) });
    expect(showLines(invoice), reason).toEqual([line]);
  });

  test("the trace holds the basis and both numbers of the share", () => {
    const chosen = conventions({ prorationBasis: "thirty_day_months" });
    const [line] = rateOne({ ...february, conventions: chosen }).lines;
    expect(line?.trace.find(({ step }) => step === "proration")).toMatchObject({
      basis: "thirty_day_months",
      part: dec("16"),
      whole: dec("30"),
    });
  });

  test.each(CONVENTION_VALUES.prorationBasis)(
    "the minimum of a rate until noon of February 15 has its share of time, also by %s",
    (prorationBasis) => {
      const until = { endingBefore: at("2023-02-15T12"), minimum: dec("280") };
      const invoice = rateOne({
        products: [usageProduct("tokens")],
        rates: [flat("tokens", "1", "2020-01-01", until)],
        requests: [usageInvoice("2023-02-01", "2023-03-01")],
        contracts: [contract({ startingAt: at("2023-01-01") })],
        conventions: conventions({ prorationBasis }),
      });
      // 14.5 of 28 days.
      expect(toText(invoice.total)).toBe("145");
    },
  );
});

test("lines of one window that a maximum makes free have keys of their own", () => {
  const listed = withFee("100");
  const invoice = rateOne({
    products: [usageProduct("tokens")],
    rates: [{ ...listed, maximum: dec("20") }],
    rollups: [used("tokens", row("2024-01-05", "6"))],
  });
  // 6 x 5 + 100 are 20 at most: 4 units.
  expect(showLines(invoice)).toEqual([
    "tokens (tier 1) 4 x 5 = 20",
    "tokens (tier 1) 2 x 0 = 0",
    "tokens (tier 1) 1 x 0 = 0",
  ]);
  expect(new Set(invoice.lines.map(({ lineKey }) => lineKey)).size).toBe(3);
});
