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
  type Sample,
  segment,
  showLines,
  subscription,
  subscriptionProduct,
  tiered,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import { toPlain } from "../invoices/canonical.ts";
import type { RatedInvoice } from "../invoices/invoice.ts";
import type { Product } from "../pricing/product.ts";

const TOKENS = { unit: { id: "unit-t", name: "Tokens" }, fiatPerUnit: dec("10") };
const CALLS = { unit: { id: "unit-c", name: "Calls" }, fiatPerUnit: dec("3") };

const inTokens = { creditTypeId: "unit-t" };
const inCalls = { creditTypeId: "unit-c" };

/** Product "gpu" at 1 token a unit; what else the card has comes with the sample. */
const sample = (more: Partial<Sample> = {}): Sample => ({
  products: [usageProduct("gpu")],
  rates: [flat("gpu", "1", "2020-01-01", inTokens)],
  conversions: [TOKENS, CALLS],
  rollups: [used("gpu", row("2024-01-10", "350"))],
  ...more,
});

const grant = (amount: string, id = "grant", from = "2024-01-01", to = "2025-01-01") =>
  commit(id, "PREPAID", [segment(amount, from, to)], inTokens);
const money = (amount: string, more = {}, from = "2024-01-01", to = "2025-01-01") =>
  commit("money", "CREDIT", [segment(amount, from, to)], more);

const sums = ({ subtotal, total }: RatedInvoice) => [toText(subtotal), toText(total)];
const bill = (more: Partial<Sample> = {}) => {
  const invoice = rateOne(sample(more));
  return { lines: showLines(invoice), sums: sums(invoice) };
};

describe("a product priced in a unit that costs 10 cents", () => {
  test.each<[string, Partial<Sample>, string[], [string, string]]>([
    [
      "without commits all of it is converted",
      {},
      ["gpu 350 x 1 = 350", "Tokens conversion 350 x 10 = 3500"],
      ["3500", "3500"],
    ],
    [
      "300 of 350 are prepaid: 50 are left, 500 cents",
      { commits: [grant("300")] },
      [
        "gpu 300 x 1 = 300 <- grant/0",
        "grant applied = -300 <- grant/0",
        "gpu 50 x 1 = 50",
        "Tokens conversion 50 x 10 = 500",
      ],
      ["500", "500"],
    ],
    [
      "all of it is prepaid: nothing to convert, nothing to pay",
      { commits: [grant("350")] },
      ["gpu 350 x 1 = 350 <- grant/0", "grant applied = -350 <- grant/0"],
      ["0", "0"],
    ],
    ["nothing was used: nothing to convert", { rollups: [] }, ["gpu 0 x 1 = 0"], ["0", "0"]],
    [
      "a credit of 200 cents pays 20 of the 50 that are left",
      { commits: [grant("300"), money("200")] },
      [
        "gpu 300 x 1 = 300 <- grant/0",
        "grant applied = -300 <- grant/0",
        "gpu 50 x 1 = 50",
        "Tokens conversion 20 x 10 = 200 <- money/0",
        "money applied = -200 <- money/0",
        "Tokens conversion 30 x 10 = 300",
      ],
      ["500", "300"],
    ],
    [
      "a credit of 900 cents pays the 500 that are left",
      { commits: [grant("300"), money("900")] },
      [
        "gpu 300 x 1 = 300 <- grant/0",
        "grant applied = -300 <- grant/0",
        "gpu 50 x 1 = 50",
        "Tokens conversion 50 x 10 = 500 <- money/0",
        "money applied = -500 <- money/0",
      ],
      ["500", "0"],
    ],
    [
      "a postpaid commit in cents is listed and not subtracted",
      {
        commits: [
          grant("300"),
          commit("later", "POSTPAID", [segment("200", "2024-01-01", "2025-01-01")]),
        ],
      },
      [
        "gpu 300 x 1 = 300 <- grant/0",
        "grant applied = -300 <- grant/0",
        "gpu 50 x 1 = 50",
        "Tokens conversion 20 x 10 = 200 <- later/0",
        "later applied = -200 <- later/0",
        "Tokens conversion 30 x 10 = 300",
      ],
      ["500", "500"],
    ],
    [
      "a grant in another unit pays nothing of it",
      { commits: [commit("calls", "CREDIT", [segment("9", "2024-01-01", "2025-01-01")], inCalls)] },
      ["gpu 350 x 1 = 350", "Tokens conversion 350 x 10 = 3500"],
      ["3500", "3500"],
    ],
    [
      "a unit may cost nothing: what goes beyond the grant is shown and free",
      {
        commits: [grant("300"), money("200")],
        conversions: [{ ...TOKENS, fiatPerUnit: dec("0") }],
      },
      [
        "gpu 300 x 1 = 300 <- grant/0",
        "grant applied = -300 <- grant/0",
        "gpu 50 x 1 = 50",
        "Tokens conversion 50 x 0 = 0",
      ],
      ["0", "0"],
    ],
    [
      "10 cents at 3 a unit are 3.333333333333 units; the rest gets what is missing",
      {
        rates: [flat("gpu", "1", "2020-01-01", inCalls)],
        rollups: [used("gpu", row("2024-01-10", "50"))],
        commits: [money("10")],
      },
      [
        "gpu 50 x 1 = 50",
        "Calls conversion 3.333333333333 x 3 = 10 <- money/0",
        "money applied = -10 <- money/0",
        "Calls conversion 46.666666666667 x 3 = 140",
      ],
      ["150", "140"],
    ],
    [
      "corrections of LATEST give units back, and money",
      {
        metrics: [metric("gpu", "LATEST")],
        rates: [flat("gpu", "3", "2020-01-01", inTokens), flat("gpu", "4", "2024-01-16", inTokens)],
        rollups: [used("gpu", row("2024-01-10", "40"), row("2024-01-20", "30"))],
      },
      ["gpu 40 x 3 = 120", "gpu -10 x 4 = -40", "Tokens conversion 80 x 10 = 800"],
      ["800", "800"],
    ],
    [
      "tiers count usage and their prices are units: 10 x 2 + 5 x 1 = 25",
      {
        rates: [
          {
            ...tiered("gpu", [
              ["10", "2"],
              [null, "1"],
            ]),
            ...inTokens,
          },
        ],
        rollups: [used("gpu", row("2024-01-10", "15"))],
      },
      ["gpu (tier 1) 10 x 2 = 20", "gpu (tier 2) 5 x 1 = 5", "Tokens conversion 25 x 10 = 250"],
      ["250", "250"],
    ],
    [
      "limits of a rate are in its unit: at least 400",
      { rates: [flat("gpu", "1", "2020-01-01", { ...inTokens, minimum: dec("400") })] },
      ["gpu 350 x 1 = 350", "gpu 1 x 50 = 50", "Tokens conversion 400 x 10 = 4000"],
      ["4000", "4000"],
    ],
    [
      "a grant that burns at the commit rate pays 300 units of usage with 150",
      {
        rates: [
          flat("gpu", "1", "2020-01-01", {
            ...inTokens,
            commitRate: { type: "FLAT", price: dec("0.5") },
          }),
        ],
        commits: [{ ...grant("150"), rateType: "COMMIT_RATE" }],
      },
      [
        "gpu 300 x 0.5 = 150 <- grant/0",
        "grant applied = -150 <- grant/0",
        "gpu 50 x 1 = 50",
        "Tokens conversion 50 x 10 = 500",
      ],
      ["500", "500"],
    ],
  ])("%s", (_reason, more, lines, totals) => {
    expect(bill(more)).toEqual({ lines, sums: totals });
  });
});

describe("what a commit in cents may pay of a conversion", () => {
  const two = {
    products: [usageProduct("gpu"), usageProduct("disk", { tags: ["storage"] })],
    rates: [flat("gpu", "1", "2020-01-01", inTokens), flat("disk", "2", "2020-01-01", inTokens)],
    rollups: [used("gpu", row("2024-01-10", "30")), used("disk", row("2024-01-20", "10"))],
  };
  const usage = ["gpu 30 x 1 = 30", "disk 10 x 2 = 20"];
  const covered = (quantity: string, amount: string) => [
    `Tokens conversion ${quantity} x 10 = ${amount} <- money/0`,
    `money applied = -${amount} <- money/0`,
  ];

  test.each<[string, object, string[], string]>([
    ["all of it", {}, covered("50", "500"), "0"],
    [
      "the part of its product",
      { applicableProductIds: ["disk"] },
      [...covered("20", "200"), "Tokens conversion 30 x 10 = 300"],
      "300",
    ],
    [
      "the part of products with its tag",
      { applicableProductTags: ["storage"] },
      [...covered("20", "200"), "Tokens conversion 30 x 10 = 300"],
      "300",
    ],
    [
      "nothing of products that were not used",
      { applicableProductIds: ["other"] },
      ["Tokens conversion 50 x 10 = 500"],
      "500",
    ],
  ])("%s", (_what, terms, lines, total) => {
    const invoice = rateOne(sample({ ...two, commits: [money("1000", terms)] }));
    expect(showLines(invoice)).toEqual([...usage, ...lines]);
    expect(sums(invoice)).toEqual(["500", total]);
  });

  test("the part that was used while it gives access", () => {
    const late = money("1000", {}, "2024-01-16");
    const rollups = [used("gpu", row("2024-01-10", "30"), row("2024-01-20", "20"))];
    expect(bill({ commits: [late], rollups })).toEqual({
      lines: [
        "gpu 30 x 1 = 30",
        "gpu 20 x 1 = 20",
        ...covered("20", "200"),
        "Tokens conversion 30 x 10 = 300",
      ],
      sums: ["500", "300"],
    });
  });

  test("it pays lines in cents first, then the units by name", () => {
    const more = {
      products: [usageProduct("gpu"), usageProduct("api"), usageProduct("mail")],
      rates: [
        flat("gpu", "1", "2020-01-01", inTokens),
        flat("api", "1", "2020-01-01", inCalls),
        flat("mail", "100"),
      ],
      rollups: ["gpu", "api", "mail"].map((id) => used(id, row("2024-01-10", "2"))),
      commits: [money("210")],
    };
    // 200 for mail, 6 for two calls at 3, and 4 of the 20 for two tokens at 10.
    expect(bill(more)).toEqual({
      lines: [
        "mail 2 x 100 = 200 <- money/0",
        "money applied = -200 <- money/0",
        "gpu 2 x 1 = 2",
        "api 2 x 1 = 2",
        "Calls conversion 2 x 3 = 6 <- money/0",
        "money applied = -6 <- money/0",
        "Tokens conversion 0.4 x 10 = 4 <- money/0",
        "money applied = -4 <- money/0",
        "Tokens conversion 1.6 x 10 = 16",
      ],
      sums: ["226", "16"],
    });
  });

  test("what it pays is drawn down once, and gone for the next month", () => {
    const requests = [
      usageInvoice("2024-01-01", "2024-02-01"),
      usageInvoice("2024-02-01", "2024-03-01"),
    ];
    const rollups = [used("gpu", row("2024-01-10", "40"), row("2024-02-10", "40"))];
    const commits = [grant("30"), money("150")];
    const { invoices, balances } = rate(sample({ requests, rollups, commits }));
    // January: 30 prepaid, 10 x 10 = 100 by the credit. February: 400, of which the credit has 50.
    expect(invoices.map(sums)).toEqual([
      ["100", "0"],
      ["400", "350"],
    ]);
    expect(
      invoices.map(({ drawDowns }) =>
        drawDowns.map(({ segmentId, amount }) => [segmentId, toText(amount)]),
      ),
    ).toEqual([
      [
        ["grant/0", "30"],
        ["money/0", "100"],
      ],
      [["money/0", "50"]],
    ]);
    expect(balances.map(({ segmentId, remaining }) => [segmentId, toText(remaining)])).toEqual([
      ["grant/0", "0"],
      ["money/0", "0"],
    ]);
  });
});

test("windows are cut by commits in the product's own unit and in the currency, not by others", () => {
  const [from, to] = ["2024-01-01", "2024-01-16"];
  const counts = (terms: object) => {
    const usage = ["2024-01-10", "2024-01-20"].map((day) => row(day, "1"));
    const invoice = rateOne(
      sample({
        products: [usageProduct("gpu"), usageProduct("mail")],
        rates: [flat("gpu", "1", "2020-01-01", inTokens), flat("mail", "100")],
        rollups: [used("gpu", ...usage), used("mail", ...usage)],
        commits: [commit("c", "CREDIT", [segment("0", from, to)], terms)],
      }),
    );
    return ["gpu", "mail"].map((id) => invoice.lines.filter(({ name }) => name === id).length);
  };
  expect(counts(inTokens)).toEqual([2, 1]);
  expect(counts(inCalls)).toEqual([1, 1]);
  expect(counts({})).toEqual([2, 2]);
});

test("a subscription in a unit is paid by grants after usage, and what is left is converted", () => {
  const invoice = rateOne(
    sample({
      products: [usageProduct("gpu"), subscriptionProduct("seats")],
      contracts: [contract({ subscriptions: [subscription({ isProrated: false })] })],
      rates: [
        flat("gpu", "1", "2020-01-01", inTokens),
        flat("seats", "20", "2020-01-01", { ...inTokens, billingFrequency: "MONTHLY" }),
      ],
      rollups: [used("gpu", row("2024-01-10", "90"))],
      commits: [grant("100")],
    }),
  );
  expect(showLines(invoice)).toEqual([
    "gpu 90 x 1 = 90 <- grant/0",
    "seats 0.5 x 20 = 10 <- grant/0",
    "grant applied = -90 <- grant/0",
    "grant applied = -10 <- grant/0",
    "seats 0.5 x 20 = 10",
    "Tokens conversion 10 x 10 = 100",
  ]);
  expect(sums(invoice)).toEqual(["100", "100"]);
});

test("a percentage on products in a unit and in cents has a line in each", () => {
  const support: Product = {
    ...usageProduct("support", { metricId: null, compositeTags: ["all"], tags: [] }),
    type: "COMPOSITE",
  };
  const tags = { tags: ["all"] };
  const invoice = rateOne(
    sample({
      products: [usageProduct("gpu", tags), usageProduct("mail", tags), support],
      metrics: [metric("gpu"), metric("mail")],
      rates: [
        flat("gpu", "1", "2020-01-01", inTokens),
        flat("mail", "100"),
        { ...flat("support", "0"), type: "PERCENTAGE", price: dec("0.1"), minimum: dec("50") },
      ],
      rollups: [used("gpu", row("2024-01-10", "350")), used("mail", row("2024-01-10", "3"))],
      commits: [grant("360")],
    }),
  );
  // 10% of 300 cents is 30, lifted to 50; 10% of 350 tokens is 35, of which the grant has 10 left.
  expect(showLines(invoice)).toEqual([
    "gpu 350 x 1 = 350 <- grant/0",
    "support 100 x 0.1 = 10 <- grant/0",
    "grant applied = -350 <- grant/0",
    "grant applied = -10 <- grant/0",
    "mail 3 x 100 = 300",
    "support 300 x 0.1 = 30",
    "support 1 x 20 = 20",
    "support 250 x 0.1 = 25",
    "Tokens conversion 25 x 10 = 250",
  ]);
  expect(sums(invoice)).toEqual(["600", "600"]);
  expect(new Set(invoice.lines.map(({ lineKey }) => lineKey)).size).toBe(invoice.lines.length);
});

test("every number of a conversion is in its trace", () => {
  const { lines } = rateOne(sample({ commits: [grant("300"), money("200")] }));
  const [covered, offset, rest] = lines.slice(3).map(({ trace }) => toPlain(trace));
  const conversion = {
    step: "cpu-conversion",
    unitId: "unit-t",
    priced: "350",
    burned: "300",
    quantity: "50",
    fiatPerUnit: "10",
    amount: "500",
  };
  const price = { step: "price", quantity: "50", unitPrice: "10", amount: "500" };
  const split = { step: "split", ofQuantity: "50", ofAmount: "500" };
  const payment = {
    step: "commit",
    commitId: "money",
    segmentId: "money/0",
    before: "200",
    amount: "200",
    after: "0",
  };
  expect(covered).toEqual([
    conversion,
    price,
    { ...split, part: "covered", quantity: "20", amount: "200" },
    payment,
  ]);
  expect(offset).toEqual([payment]);
  expect(rest).toEqual([
    conversion,
    price,
    { ...split, part: "remainder", quantity: "30", amount: "300" },
  ]);
});

test("a line in a unit without a conversion is refused instead of left out", () => {
  expect(() => rateOne(sample({ conversions: [CALLS] }))).toThrow(/no conversion/);
});

test("a conversion has the period of its invoice, and no product", () => {
  const { lines } = rateOne(sample());
  expect(lines[1]).toMatchObject({
    type: "cpu_conversion",
    productId: null,
    productType: null,
    startingAt: at("2024-01-01"),
    endingBefore: at("2024-02-01"),
  });
});
