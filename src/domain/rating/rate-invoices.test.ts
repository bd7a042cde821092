import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  flat,
  item,
  metric,
  rate,
  rateOne,
  row,
  segment,
  showLines,
  showWindow,
  snapshot,
  tiered,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import { canonicalText, contentHash } from "../invoices/canonical.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import type { RoundingMethod } from "../pricing/product.ts";
import { distinctWindows } from "./distinct-windows.ts";
import { rateInvoices } from "./rate-invoices.ts";

const halves = (metricId: string, ...values: [string, string]) =>
  used(metricId, row("2024-01-05", values[0]), row("2024-01-20", values[1]));

describe("which lines there are", () => {
  test("a product with one price shows an empty line, a dimensional one only its usage", () => {
    const invoice = rateOne({
      products: [
        usageProduct("plain"),
        usageProduct("by region", { pricingGroupKey: ["region"] }),
        usageProduct("hidden"),
        usageProduct("tiers"),
      ],
      rates: [
        flat("plain", "5"),
        flat("by region", "1", "2020-01-01", { pricingGroupValues: { region: "eu" } }),
        flat("hidden", "7", "2020-01-01", { entitled: false }),
        tiered("tiers", [
          ["10", "2"],
          [null, "1"],
        ]),
      ],
      rollups: [used("hidden", row("2024-01-10", "3"))],
    });
    expect(showLines(invoice)).toEqual(["plain 0 x 5 = 0", "tiers (tier 1) 0 x 2 = 0"]);
    expect(invoice.unpriced).toEqual([]);
  });

  test("an empty line for each price that saw no usage, but not for prices still to come", () => {
    const sample = {
      products: [usageProduct("a")],
      rates: [flat("a", "1"), flat("a", "2", "2024-01-10"), flat("a", "3", "2024-01-20")],
      rollups: [used("a", row("2024-01-12", "4"))],
    };
    expect(showLines(rateOne(sample))).toEqual(["a 0 x 1 = 0", "a 4 x 2 = 8", "a 0 x 3 = 0"]);
    expect(showLines(rateOne({ ...sample, now: at("2024-01-15") }))).toEqual([
      "a 0 x 1 = 0",
      "a 4 x 2 = 8",
    ]);
  });

  test("combinations of pricing and presentation values each have a line, sorted", () => {
    const eu = (team: string) => ({ region: "eu", team, unused: "x" });
    const invoice = rateOne({
      products: [
        usageProduct("a", { pricingGroupKey: ["region"], presentationGroupKey: ["team"] }),
      ],
      rates: [flat("a", "2", "2020-01-01", { pricingGroupValues: { region: "eu" } })],
      rollups: [
        used(
          "a",
          row("2024-01-10", "1", eu("red")),
          row("2024-01-11", "2", eu("blue")),
          row("2024-01-12", "3", { ...eu("red"), unused: "y" }),
          row("2024-01-12", "5", { region: "us", team: "red" }),
        ),
      ],
    });
    expect(showLines(invoice)).toEqual([
      "a [region: eu] [team: blue] 2 x 2 = 4",
      "a [region: eu] [team: red] 4 x 2 = 8",
    ]);
    expect(
      invoice.unpriced.map(({ pricingGroupValues, quantity }) => [
        pricingGroupValues,
        toText(quantity),
      ]),
    ).toEqual([[{ region: "us" }, "5"]]);
  });

  test("usage outside of the period is not on the invoice; its last hour is", () => {
    const invoice = rateOne({
      products: [usageProduct("a")],
      rates: [flat("a", "1")],
      rollups: [
        used("a", row("2023-12-31T23", "1"), row("2024-01-31T23", "2"), row("2024-02-01", "4")),
      ],
    });
    expect(showLines(invoice)).toEqual(["a 2 x 1 = 2"]);
  });
});

describe("tier counters", () => {
  const tiers = (from: string, free: string, paid: string) =>
    tiered(
      "a",
      [
        ["10", free],
        [null, paid],
      ],
      from,
    );

  test("run on through a price change", () => {
    const invoice = rateOne({
      products: [usageProduct("a")],
      rates: [tiers("2020-01-01", "0", "5"), tiers("2024-01-16", "1", "7")],
      rollups: [halves("a", "8", "8")],
    });
    // 8 of tier 1; then the last 2 of tier 1 at its new price and 6 of tier 2.
    expect(showLines(invoice)).toEqual([
      "a (tier 1) 8 x 0 = 0",
      "a (tier 1) 2 x 1 = 2",
      "a (tier 2) 6 x 7 = 42",
    ]);
  });

  test("start anew in each period and count apart for each combination", () => {
    const { invoices } = rate({
      products: [usageProduct("a", { presentationGroupKey: ["team"] })],
      rates: [tiers("2020-01-01", "0", "5")],
      rollups: [
        used(
          "a",
          row("2024-01-05", "11", { team: "red" }),
          row("2024-01-05", "9", { team: "blue" }),
          row("2024-02-05", "11", { team: "red" }),
        ),
      ],
      requests: [
        usageInvoice("2024-01-01", "2024-02-01"),
        usageInvoice("2024-02-01", "2024-03-01"),
      ],
    });
    expect(invoices.map(({ total }) => toText(total))).toEqual(["5", "5"]);
  });
});

describe("quantities", () => {
  test.each<[RoundingMethod, string[], string]>([
    ["ROUND_UP", ["a 2 x 100 = 200", "a 1 x 200 = 200"], "1.5 -> 2, 3.0 -> 3: the second gets 1"],
    ["ROUND_DOWN", ["a 1 x 100 = 100", "a 2 x 200 = 400"], "1.5 -> 1, 3.0 -> 3: the second gets 2"],
  ])("%s rounds the period's running quantity once: %j (%s)", (method, lines) => {
    const invoice = rateOne({
      products: [
        usageProduct("a", {
          quantityConversion: { operation: "DIVIDE", factor: dec("1000") },
          quantityRounding: { method, decimalPlaces: 0 },
        }),
      ],
      rates: [flat("a", "100"), flat("a", "200", "2024-01-16")],
      rollups: [halves("a", "1500", "1500")],
    });
    expect(showLines(invoice)).toEqual(lines);
  });

  test("MAX bills the maximum of the period, each price the part it added", () => {
    const invoice = rateOne({
      products: [usageProduct("a")],
      metrics: [metric("a", "MAX")],
      rates: [flat("a", "1"), flat("a", "10", "2024-01-16")],
      rollups: [halves("a", "30", "42")],
    });
    expect(showLines(invoice)).toEqual(["a 30 x 1 = 30", "a 12 x 10 = 120"]);
  });

  test("UNIQUE bills distinct values of the period, each price the new ones", () => {
    const asked = snapshot({
      products: [usageProduct("a", { presentationGroupKey: ["team"] })],
      metrics: [metric("a", "UNIQUE")],
      rates: [flat("a", "1"), flat("a", "10", "2024-01-16")],
    });
    const windows = distinctWindows(asked);
    expect(
      windows.map(({ groupKeys, end }) => `${groupKeys} ${end.toString().slice(0, 10)}`),
    ).toEqual(["team 2024-01-16", "team 2024-02-01"]);
    const counts = [
      [{ groupValues: { team: "red" }, count: 30n }],
      [
        { groupValues: { team: "blue" }, count: 2n },
        { groupValues: { team: "red" }, count: 42n },
      ],
    ];
    const distinctCounts = windows.map((window, i) => ({ ...window, counts: counts[i] ?? [] }));
    const { invoices } = rateInvoices({ ...asked, distinctCounts });
    expect(invoices.map(showLines)).toEqual([
      ["a [team: red] 30 x 1 = 30", "a [team: blue] 2 x 10 = 20", "a [team: red] 12 x 10 = 120"],
    ]);
    expect(() => rateInvoices(asked)).toThrow(/No distinct count/);
  });

  test("a new conversion applies from its date on; the tier counter goes on", () => {
    const [version] = usageProduct("a").versions;
    if (version === undefined) throw new Error("no version");
    const half = { operation: "DIVIDE", factor: dec("2") } as const;
    const invoice = rateOne({
      products: [
        {
          ...usageProduct("a"),
          versions: [
            version,
            { ...version, startingAt: at("2024-01-16"), name: "A", quantityConversion: half },
          ],
        },
      ],
      rates: [
        tiered("a", [
          ["10", "0"],
          [null, "5"],
        ]),
      ],
      rollups: [halves("a", "8", "8")],
    });
    // 8 units, then 8 / 2 = 4: the counter reaches 12.
    expect(showLines(invoice)).toEqual([
      "a (tier 1) 8 x 0 = 0",
      "A (tier 1) 2 x 0 = 0",
      "A (tier 2) 2 x 5 = 10",
    ]);
  });
});

describe("commits", () => {
  const base = {
    products: [usageProduct("a", { tags: ["ai"] }), usageProduct("b")],
    rates: [flat("a", "1"), flat("b", "3")],
    rollups: [used("a", row("2024-01-10", "100")), used("b", row("2024-01-10", "50"))],
  };
  const year = segment("120", "2024-01-01", "2025-01-01");

  test("the higher unit price is served first, offsets follow the covered lines", () => {
    const invoice = rateOne({ ...base, commits: [commit("c", "CREDIT", [year])] });
    expect(showLines(invoice)).toEqual([
      "b 40 x 3 = 120 <- c/0",
      "c applied = -120 <- c/0",
      "a 100 x 1 = 100",
      "b 10 x 3 = 30",
    ]);
  });

  test("a line is paid by several commits in turn, each part its own line", () => {
    const invoice = rateOne({
      ...base,
      commits: [
        commit("second", "CREDIT", [segment("90", "2024-01-01", "2025-01-01")]),
        commit("first", "CREDIT", [segment("30", "2024-01-01", "2025-01-01")], {
          applicableProductTags: ["ai"],
          priority: dec("1"),
        }),
      ],
    });
    expect(showLines(invoice)).toEqual([
      "a 30 x 1 = 30 <- first/0",
      "b 30 x 3 = 90 <- second/0",
      "first applied = -30 <- first/0",
      "second applied = -90 <- second/0",
      "a 70 x 1 = 70",
      "b 20 x 3 = 60",
    ]);
  });

  test("only lines of products that a window touches are cut at it", () => {
    const late = segment("5", "2024-01-16", "2025-01-01");
    const invoice = rateOne({
      ...base,
      commits: [commit("c", "CREDIT", [late], { applicableProductIds: ["a"] })],
    });
    expect(invoice.lines.map((line) => `${line.name} ${showWindow(line)}`)).toEqual([
      "a 2024-01-01..2024-01-16",
      "b 2024-01-01..2024-02-01",
    ]);
  });

  test("what other invoices used is gone", () => {
    const left = { ...year, used: dec("115") };
    const { invoices, balances } = rate({ ...base, commits: [commit("c", "CREDIT", [left])] });
    expect(invoices[0]?.drawDowns.map(({ amount }) => toText(amount))).toEqual(["5"]);
    expect(balances.map(({ used: gone, remaining }) => [toText(gone), toText(remaining)])).toEqual([
      ["120", "0"],
    ]);
  });

  test("a commit in another credit type is not touched", () => {
    const foreign = commit("c", "CREDIT", [year], { creditTypeId: "another" });
    expect(rateOne({ ...base, commits: [foreign] }).drawDowns).toEqual([]);
  });

  test("another contract's commit is not touched", () => {
    const foreign = commit("c", "CREDIT", [year], { contractId: "another" });
    expect(rateOne({ ...base, commits: [foreign] }).drawDowns).toEqual([]);
  });
});

test("scheduled items ride on the usage invoice that ends when they are due", () => {
  const charge = {
    id: "charge",
    name: "Support",
    productId: "fixed",
    creditTypeId: contract().fiatCreditTypeId,
    items: [item("2024-02-01", "500"), item("2024-03-01", "500")],
  };
  const sample = {
    products: [usageProduct("a")],
    rates: [flat("a", "1")],
    rollups: [used("a", row("2024-01-10", "100"))],
    commits: [commit("c", "CREDIT", [segment("1000", "2024-01-01", "2025-01-01")])],
  };
  const riding = contract({ scheduledCharges: [charge], scheduledChargesOnUsageInvoices: true });
  const invoice = rateOne({ ...sample, contracts: [riding] });
  expect(showLines(invoice)).toEqual([
    "a 100 x 1 = 100 <- c/0",
    "c applied = -100 <- c/0",
    "Support 1 x 500 = 500",
  ]);
  expect([toText(invoice.subtotal), toText(invoice.total)]).toEqual(["600", "500"]);
  const apart = rateOne({ ...sample, contracts: [contract({ scheduledCharges: [charge] })] });
  expect(showLines(apart)).toHaveLength(2);
});

test("a line in another currency is refused instead of added", () => {
  const euro = flat("a", "1", "2020-01-01", { creditTypeId: "another" });
  expect(() => rateOne({ products: [usageProduct("a")], rates: [euro] })).toThrow(/credit type/);
});

test("the trace of a split line tells every step from events to amount", () => {
  const invoice = rateOne({
    products: [
      usageProduct("a", { quantityConversion: { operation: "DIVIDE", factor: dec("10") } }),
    ],
    rates: [tiered("a", [[null, "4"]])],
    rollups: [used("a", row("2024-01-10", "50"), row("2024-01-11", "30"))],
    commits: [commit("c", "CREDIT", [segment("12", "2024-01-01", "2025-01-01")])],
  });
  const [covered] = invoice.lines;
  expect(JSON.parse(canonicalText(covered?.trace))).toEqual([
    {
      step: "usage",
      metricId: "a",
      aggregation: "SUM",
      windowStart: "2024-01-01T00:00:00Z",
      windowEnd: "2024-02-01T00:00:00Z",
      valueAtStart: "0",
      valueAtEnd: "80",
      eventCount: "2",
    },
    { step: "conversion", operation: "DIVIDE", factor: "10", valueAtStart: "0", valueAtEnd: "8" },
    {
      step: "rate",
      rateId: "a from 2020-01-01",
      rateType: "TIERED",
      rateStartingAt: "2020-01-01T00:00:00Z",
    },
    {
      step: "tier",
      level: 1,
      startingAt: "0",
      size: null,
      quantityBefore: "0",
      quantityAfter: "8",
    },
    { step: "price", quantity: "8", unitPrice: "4", amount: "32" },
    {
      step: "split",
      part: "covered",
      ofQuantity: "8",
      ofAmount: "32",
      quantity: "3",
      amount: "12",
    },
    { step: "commit", commitId: "c", segmentId: "c/0", before: "12", amount: "12", after: "0" },
  ]);
});

describe("identity", () => {
  test("version 5 UUIDs are those of RFC 9562", () => {
    // Appendix A.4: the DNS namespace and www.example.com.
    const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    expect(uuidV5(dns, "www.example.com")).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
  });

  test("the id depends on the period's start and the generation, not on its end", () => {
    const id = (request: ReturnType<typeof usageInvoice>) => rateOne({ requests: [request] }).id;
    const january = usageInvoice("2024-01-01", "2024-02-01");
    expect(id(usageInvoice("2024-01-01", "2024-01-20"))).toBe(id(january));
    expect(id({ ...january, generation: 1 })).not.toBe(id(january));
    expect(rate({ requests: [january, january] }).invoices).toHaveLength(1);
  });

  test("the content hash does not depend on the order of keys or the writing of decimals", () => {
    const hash = contentHash({ b: dec("1.50"), a: [at("2024-01-01"), 1n, null], c: undefined });
    expect(hash).toBe(contentHash({ a: [at("2024-01-01"), 1n, null], b: dec("1.5") }));
    expect(canonicalText({ b: dec("-0"), a: dec("1e3") })).toBe('{"a":"1000","b":"0"}');
    expect(() => canonicalText({ a: 0.1 })).toThrow(/canonical/);
  });
});
