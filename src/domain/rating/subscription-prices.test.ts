import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  flat,
  rate,
  rateOne,
  scheduledInvoice,
  segment,
  showLines,
  showWindow,
  subscription,
  subscriptionProduct,
  usageInvoice,
} from "../../../test/support/sample-snapshot.ts";
import { dec } from "../decimal.ts";
import { contractRatesAt } from "../overrides/contract-rate-schedule.ts";
import type {
  MultiplierPrioritization,
  Override,
  OverrideSpecifier,
  PriceChange,
} from "../overrides/override.ts";
import type { FlatRate } from "../pricing/rate.ts";
import type { Subscription } from "../subscriptions/subscription.ts";

const monthlySeats: OverrideSpecifier = {
  productId: "seats",
  productTags: [],
  pricingGroupValues: {},
  presentationGroupValues: {},
  billingFrequency: "MONTHLY",
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
    specifiers: [monthlySeats],
    position: added,
    ...rest,
  };
};
const times = (factor: string): PriceChange => ({ type: "MULTIPLIER", multiplier: dec(factor) });
const fixedAt = (price: string): PriceChange => ({
  type: "OVERWRITE",
  price: { type: "FLAT", price: dec(price) },
});

const monthly = (price: string, from = "2020-01-01", rest: Partial<FlatRate> = {}) =>
  flat("seats", price, from, { billingFrequency: "MONTHLY", ...rest });

interface Priced {
  readonly overrides?: readonly Override[];
  readonly prioritization?: MultiplierPrioritization;
  readonly terms?: Partial<Subscription>;
  readonly rates?: readonly FlatRate[];
}

const sample = ({
  overrides = [],
  prioritization = "LOWEST_MULTIPLIER",
  terms = {},
  rates = [monthly("3000")],
}: Priced) => ({
  contracts: [
    contract({
      overrides,
      multiplierPrioritization: prioritization,
      subscriptions: [subscription(terms)],
    }),
  ],
  products: [subscriptionProduct("seats")],
  rates,
});

/** What two units cost a month: the lines of January to March, each "1 x price = total". */
const months = (priced: Priced): string[] => {
  const requests = [
    usageInvoice("2024-01-01", "2024-02-01"),
    usageInvoice("2024-02-01", "2024-03-01"),
    usageInvoice("2024-03-01", "2024-04-01"),
  ];
  return rate({ ...sample(priced), requests }).invoices.flatMap(showLines);
};

describe("an override of a subscription's price", () => {
  const cases: [string, Priced, string[], string][] = [
    ["overwrite", { overrides: [override(fixedAt("2500"))] }, ["2500", "2500", "2500"], "pinned"],
    [
      "multiplier",
      {
        overrides: [override(times("0.9"))],
        rates: [monthly("3000"), monthly("4000", "2024-02-01")],
      },
      ["2700", "3600", "3600"],
      "it follows the card",
    ],
    [
      "overwrite, and the card rises",
      {
        overrides: [override(fixedAt("2500"))],
        rates: [monthly("3000"), monthly("4000", "2024-02-01")],
      },
      ["2500", "2500", "2500"],
      "it does not follow the card",
    ],
    [
      "from the middle of January",
      { overrides: [override(times("0.5"), { startingAt: at("2024-01-15") })] },
      ["3000", "1500", "1500"],
      "a period has the price of its beginning",
    ],
    [
      "to the middle of February: a free trial",
      { overrides: [override(fixedAt("0"), { endingBefore: at("2024-02-15") })] },
      ["0", "0", "3000"],
      "a period has the price of its beginning",
    ],
    [
      "two multipliers",
      { overrides: [override(times("0.5")), override(times("0.8"))] },
      ["1500", "1500", "1500"],
      "the lowest",
    ],
    [
      "two multipliers by priority",
      {
        prioritization: "EXPLICIT",
        overrides: [
          override(times("0.5"), { priority: dec("2") }),
          override(times("0.8"), { priority: dec("1") }),
        ],
      },
      ["2400", "2400", "2400"],
      "the lowest number",
    ],
    [
      "an overwrite and a multiplier",
      { overrides: [override(fixedAt("2900")), override(times("0.5"))] },
      ["2900", "2900", "2900"],
      "overwrites go first, and they do not stack",
    ],
    [
      "two overwrites",
      { overrides: [override(fixedAt("2900")), override(fixedAt("2800"))] },
      ["2800", "2800", "2800"],
      "the one added last",
    ],
    [
      "of another frequency",
      {
        overrides: [
          override(times("0.5"), { specifiers: [{ ...monthlySeats, billingFrequency: "ANNUAL" }] }),
        ],
      },
      ["3000", "3000", "3000"],
      "a product has a price for each frequency",
    ],
    [
      "of no frequency",
      {
        overrides: [
          override(times("0.5"), { specifiers: [{ ...monthlySeats, billingFrequency: null }] }),
        ],
      },
      ["3000", "3000", "3000"],
      "it is for usage",
    ],
    [
      "that closes it from February",
      { overrides: [override(null, { entitled: false, startingAt: at("2024-02-01") })] },
      ["3000"],
      "without access nothing is billed",
    ],
    [
      "that opens it",
      {
        overrides: [override(null, { entitled: true, startingAt: at("2024-02-01") })],
        rates: [monthly("3000", "2020-01-01", { entitled: false })],
      },
      ["3000", "3000"],
      "the card alone does not entitle to it",
    ],
  ];
  test.each(cases)("%s", (_what, priced, prices, _because) => {
    expect(months(priced)).toEqual(prices.map((price) => `seats 1 x ${price} = ${price}`));
  });

  test("an increase within the period costs the period's price", () => {
    const overrides = [override(times("0.5"), { startingAt: at("2024-01-10") })];
    const quantities = [
      { id: "first", startingAt: at("2024-01-01"), quantity: dec("1") },
      { id: "more", startingAt: at("2024-01-16"), quantity: dec("3") },
    ];
    // 16 of 31 days of 3000 for each of two: 96000 / 31.
    expect(months({ overrides, terms: { quantities } }).slice(0, 2)).toEqual([
      "seats 1 x 3000 = 3000",
      "seats 2 x 1548.387096774194 = 3096.774193548387",
    ]);
  });

  test("the line tells what was listed and what made the price", () => {
    const one = override(times("0.9"));
    const startingAt = at("2024-01-17");
    const quantities = [{ id: "first", startingAt, quantity: dec("1") }];
    const [line] = rateOne(sample({ overrides: [one], terms: { startingAt, quantities } })).lines;
    // 15 of 31 days of 2700.
    expect(line?.total.toFixed()).toBe("1306.451612903226");
    expect(line?.trace).toMatchObject([
      { step: "rate", rateId: "seats from 2020-01-01" },
      {
        step: "override",
        overrideId: one.id,
        overrideType: "MULTIPLIER",
        listed: { price: dec("3000") },
        price: { price: dec("2700") },
      },
      { step: "proration", price: dec("2700"), unitPrice: dec("1306.451612903226") },
      { step: "price", amount: dec("1306.451612903226") },
    ]);
  });

  test("the contract's rate schedule shows it, for its frequency alone", () => {
    const [agreed] = sample({ overrides: [override(times("0.9"))] }).contracts;
    const rates = [
      monthly("3000"),
      flat("seats", "30000", "2020-01-01", { billingFrequency: "ANNUAL" }),
    ];
    const products = new Map([["seats", subscriptionProduct("seats")]]);
    const shown = agreed && contractRatesAt(agreed, rates, products, at("2024-03-01"));
    expect(
      shown?.map(({ rate: { billingFrequency }, agreed: { override: by, rate: billed } }) => [
        billingFrequency,
        by?.id ?? null,
        billed.type === "FLAT" && billed.price.toFixed(),
      ]),
    ).toEqual([
      ["MONTHLY", agreed?.overrides[0]?.id, "2700"],
      ["ANNUAL", null, "30000"],
    ]);
  });

  test("a commit pays for it at the price that the contract agreed on", () => {
    const grant = commit("grant", "PREPAID", [segment("1000", "2024-01-01", "2025-01-01")]);
    const priced = sample({ overrides: [override(fixedAt("2500"))] });
    expect(showLines(rateOne({ ...priced, commits: [grant] }))).toEqual([
      "seats 0.4 x 2500 = 1000 <- grant/0",
      "grant applied = -1000 <- grant/0",
      "seats 0.6 x 2500 = 1500",
    ]);
  });
});

describe("rounding of a prorated unit price", () => {
  /** 3 units at 1000 from January 12 on: 20 of 31 days, 645.161290... each. */
  const stub = (terms: Partial<Subscription>) => {
    const startingAt = at("2024-01-12");
    const quantities = [{ id: "first", startingAt, quantity: dec("3") }];
    return rateOne(
      sample({ rates: [monthly("1000")], terms: { startingAt, quantities, ...terms } }),
    );
  };
  test.each([
    [null, "3 x 645.161290322581 = 1935.483870967742", "the sum is divided once"],
    [{ method: "HALF_UP", decimalPlaces: 0 }, "3 x 645 = 1935", "whole cents a unit"],
    [{ method: "CEILING", decimalPlaces: 0 }, "3 x 646 = 1938", "the next cent"],
    [{ method: "FLOOR", decimalPlaces: 1 }, "3 x 645.1 = 1935.3", "tenths of a cent"],
    [{ method: "HALF_UP", decimalPlaces: -2 }, "3 x 600 = 1800", "whole dollars"],
    [{ method: "CEILING", decimalPlaces: -2 }, "3 x 700 = 2100", "the next dollar"],
  ] as const)("%j: %s, because %s", (prorationRounding, expected, _because) => {
    expect(showLines(stub({ prorationRounding }))).toEqual([`seats ${expected}`]);
  });

  test("a whole period and a period without proration are not rounded", () => {
    const prorationRounding = { method: "HALF_UP", decimalPlaces: -2 } as const;
    const rates = [monthly("1049.5")];
    expect(months({ rates, terms: { prorationRounding } })[0]).toBe("seats 1 x 1049.5 = 1049.5");
    const startingAt = at("2024-01-12");
    const quantities = [{ id: "first", startingAt, quantity: dec("1") }];
    const terms = { prorationRounding, startingAt, quantities, isProrated: false };
    expect(months({ rates, terms })[0]).toBe("seats 1 x 1049.5 = 1049.5");
  });

  test("the trace has the price before and after", () => {
    const [line] = stub({ prorationRounding: { method: "CEILING", decimalPlaces: 0 } }).lines;
    expect(line?.trace.slice(1)).toMatchObject([
      { step: "proration", price: dec("1000"), unitPrice: dec("645.161290322581") },
      {
        step: "proration-rounding",
        method: "CEILING",
        decimalPlaces: 0,
        price: dec("645.161290322581"),
        unitPrice: dec("646"),
      },
      { step: "price", quantity: dec("3"), unitPrice: dec("646"), amount: dec("1938") },
    ]);
  });
});

describe("a billing cycle of its own", () => {
  const requests = [
    usageInvoice("2024-01-01", "2024-02-01"),
    usageInvoice("2024-02-01", "2024-03-01"),
    ...["2024-01-10", "2024-02-01", "2024-02-10", "2024-03-01"].map(scheduledInvoice),
  ];
  const placed = (terms: Partial<Subscription>) =>
    rate({ ...sample({ terms }), requests })
      .invoices.filter(({ lines }) => lines.length > 0)
      .flatMap(({ type, dueAt, lines }) =>
        lines.map((line) => `${type} ${dueAt.toString().slice(0, 10)}: ${showWindow(line)}`),
      );
  const anchorAt = at("2023-12-10");

  test.each([
    [
      { anchorAt },
      ["USAGE 2024-02-01: 2024-01-01..2024-01-10", "USAGE 2024-03-01: 2024-01-10..2024-02-10"],
      "in arrears on the usage invoice in whose period it ends",
    ],
    [
      { anchorAt, invoicePlacement: "ON_SCHEDULED_INVOICE" },
      [
        "SCHEDULED 2024-01-10: 2024-01-01..2024-01-10",
        "SCHEDULED 2024-02-10: 2024-01-10..2024-02-10",
      ],
      "on invoices of its own, on its dates",
    ],
    [
      { anchorAt, collectionSchedule: "ADVANCE" },
      [
        "SCHEDULED 2024-01-10: 2024-01-10..2024-02-10",
        "SCHEDULED 2024-02-10: 2024-02-10..2024-03-10",
      ],
      "no usage invoice ends on the 10th",
    ],
    [
      { invoicePlacement: "ON_SCHEDULED_INVOICE" },
      [
        "SCHEDULED 2024-02-01: 2024-01-01..2024-02-01",
        "SCHEDULED 2024-03-01: 2024-02-01..2024-03-01",
      ],
      "beside the usage invoices of the same dates",
    ],
    [
      { invoicePlacement: "ON_SCHEDULED_INVOICE", collectionSchedule: "ADVANCE" },
      [
        "SCHEDULED 2024-02-01: 2024-02-01..2024-03-01",
        "SCHEDULED 2024-03-01: 2024-03-01..2024-04-01",
      ],
      "although usage invoices end there",
    ],
  ] as const)("%j: %j, because %s", (terms, expected, _because) => {
    expect(placed(terms)).toEqual(expected);
  });
});
