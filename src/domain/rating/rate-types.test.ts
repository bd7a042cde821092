import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  flat,
  rateOne,
  row,
  type Sample,
  segment,
  showLines,
  snapshot as snapshotOf,
  tiered,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import type { Product, ProductVersion } from "../pricing/product.ts";
import type { PercentageRate } from "../pricing/rate.ts";
import { distinctWindows } from "./distinct-windows.ts";

const composite = (id: string, parts: Partial<ProductVersion>): Product => ({
  ...usageProduct(id, { metricId: null, ...parts }),
  type: "COMPOSITE",
});
const percentage = (
  productId: string,
  fraction: string,
  from = "2020-01-01",
  overrides: Partial<PercentageRate> = {},
): PercentageRate => ({ ...flat(productId, fraction, from), type: "PERCENTAGE", ...overrides });

describe("a composite of compute (100 each) and storage (10 each), 10% support", () => {
  const products = [
    composite("support", { compositeProductIds: ["compute", "storage"] }),
    usageProduct("compute"),
    usageProduct("storage", { tags: ["cheap"] }),
  ];
  const rates = [percentage("support", "0.1"), flat("compute", "100"), flat("storage", "10")];
  const rollups = [
    used("compute", row("2024-01-05", "3"), row("2024-01-20", "4")),
    used("storage", row("2024-01-20", "8")),
  ];
  const sample: Sample = { products, rates, rollups };
  const both = ["compute 7 x 100 = 700", "storage 8 x 10 = 80"];

  test.each<[string, Sample, string[], string]>([
    ["both", sample, ["support 780 x 0.1 = 78", ...both], "10% of 700 + 80, in the card's order"],
    [
      "a tag",
      {
        ...sample,
        products: [composite("support", { compositeTags: ["cheap"] }), ...products.slice(1)],
      },
      ["support 80 x 0.1 = 8", ...both],
      "only storage has the tag",
    ],
    [
      "nothing used",
      { ...sample, rollups: [] },
      ["support 0 x 0.1 = 0", "compute 0 x 100 = 0", "storage 0 x 10 = 0"],
      "a product with one price shows at 0",
    ],
    [
      "a new percentage",
      { ...sample, rates: [...rates, percentage("support", "0.2", "2024-01-15")] },
      [
        "support 300 x 0.1 = 30",
        "compute 3 x 100 = 300",
        "support 480 x 0.2 = 96",
        "compute 4 x 100 = 400",
        "storage 8 x 10 = 80",
      ],
      "what was used before the 15th has the old one",
    ],
    [
      "a credit of 700",
      {
        ...sample,
        commits: [commit("credit", "CREDIT", [segment("700", "2024-01-01", "2025-01-01")])],
      },
      [
        "compute 7 x 100 = 700 <- credit/0",
        "credit applied = -700 <- credit/0",
        "support 780 x 0.1 = 78",
        "storage 8 x 10 = 80",
      ],
      "the percentage is of the cost before credits, and burns after usage",
    ],
    [
      "a minimum of 100",
      {
        ...sample,
        rates: [
          percentage("support", "0.1", "2020-01-01", { minimum: dec("100") }),
          ...rates.slice(1),
        ],
      },
      ["support 780 x 0.1 = 78", "support 1 x 22 = 22", ...both],
      "78 of 100",
    ],
  ])("%s: %#", (_name, terms, lines) => {
    expect(showLines(rateOne(terms))).toEqual(lines);
  });

  test("with exclude_free_usage nothing is charged on nothing", () => {
    const parts = { compositeProductIds: ["compute", "storage"], excludeFreeUsage: true };
    const terms = { ...sample, products: [composite("support", parts), ...products.slice(1)] };
    expect(showLines(rateOne(terms))).toEqual(["support 780 x 0.1 = 78", ...both]);
    expect(showLines(rateOne({ ...terms, rollups: [] }))).toEqual([
      "compute 0 x 100 = 0",
      "storage 0 x 10 = 0",
    ]);
  });

  test("the trace names the products and their cost", () => {
    const [line] = rateOne(sample).lines;
    expect(line?.trace.map(({ step }) => step)).toEqual(["spend", "rate", "price"]);
    expect(line?.trace[0]).toMatchObject({ productIds: ["compute", "storage"] });
  });

  test("distinct counts are also asked for where a percentage changes", () => {
    const terms = { ...sample, rates: [...rates, percentage("support", "0.2", "2024-01-15")] };
    const metrics = products.map(({ id }) => ({
      id,
      aggregation: "UNIQUE" as const,
      aggregationKey: "value",
      eventTypeFilter: null,
      propertyFilters: [],
      groupKeys: [],
    }));
    const windows = distinctWindows(snapshotOf({ ...terms, rollups: [], metrics }));
    expect(
      windows.filter(({ metricId }) => metricId === "compute").map(({ end }) => end.toString()),
    ).toEqual(["2024-01-15T00:00:00Z", "2024-02-01T00:00:00Z"]);
  });
});

describe("limits of a rate in a billing period", () => {
  const products = [usageProduct("calls", { presentationGroupKey: ["team"] })];
  const rollups = [
    used("calls", row("2024-01-05", "30", { team: "a" }), row("2024-01-20", "50", { team: "b" })),
  ];
  const limited = (
    limits: { minimum?: string; maximum?: string },
    from = "2020-01-01",
    price = "10",
  ) =>
    flat("calls", price, from, {
      ...(limits.minimum === undefined ? {} : { minimum: dec(limits.minimum) }),
      ...(limits.maximum === undefined ? {} : { maximum: dec(limits.maximum) }),
    });
  const half = "2024-01-16T12";

  test.each<[string, Sample, string[], string]>([
    [
      "at most 500",
      { products, rollups, rates: [limited({ maximum: "500" })] },
      [
        "calls [team: a] 30 x 10 = 300",
        "calls [team: b] 20 x 10 = 200",
        "calls [team: b] 30 x 0 = 0",
      ],
      "teams share it: 300 + 200",
    ],
    [
      "at least 1000",
      { products, rollups, rates: [limited({ minimum: "1000" })] },
      ["calls [team: a] 30 x 10 = 300", "calls [team: b] 50 x 10 = 500", "calls 1 x 200 = 200"],
      "300 + 500 + 200",
    ],
    [
      "at least 1000, nothing used",
      { products, rates: [limited({ minimum: "1000" })] },
      ["calls 0 x 10 = 0", "calls 1 x 1000 = 1000"],
      "all of it",
    ],
    [
      "at least 1000, dearer from the middle of the month",
      {
        products,
        rollups,
        rates: [limited({ minimum: "1000" }), limited({ minimum: "1000" }, half, "12")],
      },
      ["calls [team: a] 30 x 10 = 300", "calls 1 x 200 = 200", "calls [team: b] 50 x 12 = 600"],
      "each rate has half of it: 300 + 200 = 500, and 600 is more than 500",
    ],
  ])("%s: %#", (_name, terms, lines) => {
    expect(showLines(rateOne(terms))).toEqual(lines);
  });

  test("a minimum is payable by a commit like the usage it stands for", () => {
    const prepaid = commit("prepaid", "PREPAID", [segment("900", "2024-01-01", "2025-01-01")]);
    const invoice = rateOne({
      products,
      rates: [limited({ minimum: "1000" })],
      commits: [prepaid],
    });
    expect(toText(invoice.total)).toBe("100");
    expect(new Set(invoice.lines.map(({ lineKey }) => lineKey)).size).toBe(invoice.lines.length);
  });

  test("a draft shows the minimum at the part that has begun", () => {
    const rates = [limited({ minimum: "1000" }), limited({ minimum: "1000" }, half, "12")];
    const invoice = rateOne({ products, rates, now: at("2024-01-10") });
    expect(showLines(invoice)).toEqual(["calls 0 x 10 = 0", "calls 1 x 500 = 500"]);
  });
});

test("volume tiers: a price change in the period leaves the tier to the whole period", () => {
  const volume = (price: string, from?: string) => ({
    ...tiered(
      "calls",
      [
        ["100", price],
        [null, "1"],
      ],
      from,
    ),
    mode: "VOLUME" as const,
  });
  const invoice = rateOne({
    products: [usageProduct("calls")],
    rates: [volume("10"), volume("20", "2024-01-15")],
    rollups: [used("calls", row("2024-01-05", "60"), row("2024-01-20", "60"))],
  });
  // 120 in all, beyond 100: both halves have their second tier's price of 1.
  expect(showLines(invoice)).toEqual(["calls (tier 2) 60 x 1 = 60", "calls (tier 2) 60 x 1 = 60"]);
});
