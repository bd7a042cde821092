import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  conventions,
  flat,
  metric,
  row,
  type Sample,
  segment,
  showLine,
  snapshot,
  tiered,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { dec, toText, ZERO } from "../decimal.ts";
import { breakDown } from "../invoices/breakdown.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { cutWindows } from "../metering/usage-windows.ts";
import { instantText } from "../time.ts";
import { lineCourses } from "./line-courses.ts";
import { rateInDetail } from "./rate-invoices.ts";

const JANUARY = { start: at("2024-01-01"), end: at("2024-02-01") };

/** The days of January on which something is billed: "03: a 2 x 10 = 20; 20". */
function byDay(sample: Sample): string[] {
  const windows = cutWindows("DAY", JANUARY);
  const courseAt = windows.flatMap(({ start, end }) => [start, end]);
  const input = snapshot({
    ...sample,
    requests: [{ type: "USAGE", contractId: "contract", generation: 0, period: JANUARY, courseAt }],
  });
  return rateInDetail(input).detailed.flatMap((detailed) => {
    const lines = lineCourses(detailed);
    const { creditTypeId } = detailed.invoice;
    return windows.flatMap((window) => {
      const part = breakDown(lines, window, { creditTypeId, now: input.now });
      const billed = part?.lines.filter((line) => !isIdle(line)) ?? [];
      if (part === undefined || billed.length === 0) return [];
      const day = instantText(window.start).slice(8, 10);
      return [`${day}: ${billed.map(showLine).join(", ")}; ${toText(part.total)}`];
    });
  });
}

const isIdle = ({ quantity, total }: InvoiceLine) => quantity?.eq(ZERO) === true && total.eq(ZERO);

const a = usageProduct("a");
const days = (...values: string[]) =>
  used("a", ...values.map((value, n) => row(`2024-01-0${n + 1}T10`, value)));

describe("amounts that a period owes once", () => {
  const short = {
    products: [a],
    rates: [flat("a", "10", "2020-01-01", { minimum: dec("1000") })],
    rollups: [days("5")],
  };

  test("what is missing to a minimum is on the last day, and in a draft on this one", () => {
    expect(byDay(short)).toEqual(["01: a 5 x 10 = 50; 50", "31: a 1 x 950 = 950; 950"]);
    expect(byDay({ ...short, now: at("2024-01-10T05") })).toEqual([
      "01: a 5 x 10 = 50; 50",
      "10: a 1 x 950 = 950; 950",
    ]);
  });

  test("a maximum makes free what comes after it", () => {
    const rates = [flat("a", "10", "2020-01-01", { maximum: dec("100") })];
    expect(byDay({ products: [a], rates, rollups: [days("6", "6", "1")] })).toEqual([
      "01: a 6 x 10 = 60; 60",
      // 40 to the maximum are 4 of the 6.
      "02: a 4 x 10 = 40, a 2 x 0 = 0; 40",
      "03: a 1 x 0 = 0; 0",
    ]);
  });

  const withFees = (): Sample => {
    const listed = tiered("a", [
      ["5", "1"],
      [null, "2"],
    ]);
    const tiers = listed.tiers.map((tier) => ({ ...tier, flatFee: dec("100") }));
    return { products: [a], rates: [{ ...listed, tiers }] };
  };

  test("the fee of a tier is on the day on which usage gets into it", () => {
    expect(byDay({ ...withFees(), rollups: [days("0", "4", "3")] })).toEqual([
      "02: a (tier 1) 4 x 1 = 4, a (tier 1) 1 x 100 = 100; 104",
      "03: a (tier 1) 1 x 1 = 1, a (tier 2) 2 x 2 = 4, a (tier 2) 1 x 100 = 100; 105",
    ]);
  });

  test("a fee that is due without usage is on the first day", () => {
    const charged = conventions({ zeroUsageTierFee: "charged" });
    expect(byDay({ ...withFees(), conventions: charged })).toEqual([
      "01: a (tier 1) 1 x 100 = 100; 100",
    ]);
  });

  test("quantities are rounded on the running value, and blocks are begun on it", () => {
    const rounded = usageProduct("a", {
      quantityRounding: { method: "ROUND_UP", decimalPlaces: 0 },
    });
    const rollups = [days("0.4", "0.4", "0.4")];
    // 0.4, 0.8 and 1.2 are 1, 1 and 2.
    expect(byDay({ products: [rounded], rates: [flat("a", "10")], rollups })).toEqual([
      "01: a 1 x 10 = 10; 10",
      "03: a 1 x 10 = 10; 10",
    ]);
    const blocks = [flat("a", "10", "2020-01-01", { packageSize: dec("10") })];
    // 4, 8 and 12 are in 1, 1 and 2 blocks of 10.
    expect(byDay({ products: [a], rates: blocks, rollups: [days("4", "4", "4")] })).toEqual([
      "01: a 1 x 10 = 10; 10",
      "03: a 1 x 10 = 10; 10",
    ]);
  });

  test("volume tiers are read on the whole period", () => {
    const rates = [
      {
        ...tiered("a", [
          ["5", "10"],
          [null, "8"],
        ]),
        mode: "VOLUME" as const,
      },
    ];
    expect(byDay({ products: [a], rates, rollups: [days("4", "4")] })).toEqual([
      "01: a (tier 2) 4 x 8 = 32; 32",
      "02: a (tier 2) 4 x 8 = 32; 32",
    ]);
  });
});

test("a reading that falls again gives back what it passed through", () => {
  const rates = [
    tiered("a", [
      ["7", "1"],
      [null, "2"],
    ]),
  ];
  const metrics = [metric("a", "LATEST")];
  // 10 on the first day, 5 on the second: the invoice has 5 of the first tier and nothing else.
  expect(byDay({ products: [a], metrics, rates, rollups: [days("10", "5")] })).toEqual([
    "01: a (tier 1) 7 x 1 = 7, a (tier 2) 3 x 2 = 6; 13",
    "02: a (tier 1) -2 x 1 = -2, a (tier 2) -3 x 2 = -6; -8",
  ]);
});

test("a percentage is of what its products cost that day", () => {
  const mix = {
    ...usageProduct("mix", { metricId: null, compositeProductIds: ["a"] }),
    type: "COMPOSITE" as const,
  };
  const { price: _, ...card } = flat("mix", "0");
  const rates = [flat("a", "10"), { ...card, type: "PERCENTAGE" as const, price: dec("0.1") }];
  expect(byDay({ products: [a, mix], rates, rollups: [days("3", "0", "5")] })).toEqual([
    "01: a 3 x 10 = 30, mix 30 x 0.1 = 3; 33",
    "03: a 5 x 10 = 50, mix 50 x 0.1 = 5; 55",
  ]);
});

describe("what commits pay", () => {
  test("of one line the first days are paid first", () => {
    const commits = [
      commit("one", "CREDIT", [segment("25", "2024-01-01", "2024-02-01")]),
      commit("two", "PREPAID", [segment("20", "2024-01-01", "2024-02-01")]),
    ];
    const sample = { products: [a], rates: [flat("a", "10")], commits };
    expect(byDay({ ...sample, rollups: [days("2", "2", "2")] })).toEqual([
      "01: a 2 x 10 = 20 <- one/0, one applied = -20 <- one/0; 0",
      // 5 are left of the first, which is half a unit.
      "02: a 0.5 x 10 = 5 <- one/0, a 1.5 x 10 = 15 <- two/0, one applied = -5 <- one/0, two applied = -15 <- two/0; 0",
      "03: a 0.5 x 10 = 5 <- two/0, two applied = -5 <- two/0, a 1.5 x 10 = 15; 15",
    ]);
  });

  test("which line a commit pays for is as on the invoice: the dearer one, whenever it was used", () => {
    const sample = {
      products: [a, usageProduct("b")],
      rates: [flat("a", "10"), flat("b", "1")],
      rollups: [used("a", row("2024-01-02", "3")), used("b", row("2024-01-01", "30"))],
      commits: [commit("grant", "CREDIT", [segment("30", "2024-01-01", "2024-02-01")])],
    };
    expect(byDay(sample)).toEqual([
      "01: b 30 x 1 = 30; 30",
      "02: a 3 x 10 = 30 <- grant/0, grant applied = -30 <- grant/0; 0",
    ]);
  });

  test("a unit is converted by what is left of it each day", () => {
    const sample = {
      products: [a],
      rates: [flat("a", "2", "2020-01-01", { creditTypeId: "coins" })],
      conversions: [{ unit: { id: "coins", name: "coins" }, fiatPerUnit: dec("50") }],
      rollups: [days("3", "3")],
      commits: [
        commit("coins", "CREDIT", [segment("8", "2024-01-01", "2024-02-01")], {
          creditTypeId: "coins",
        }),
      ],
    };
    // 6 coins a day; 8 are granted, so 4 are left on the second day.
    expect(byDay(sample)).toEqual([
      "01: a 3 x 2 = 6 <- coins/0, coins applied = -6 <- coins/0; 0",
      "02: a 1 x 2 = 2 <- coins/0, coins applied = -2 <- coins/0, a 2 x 2 = 4, coins conversion 4 x 50 = 200; 200",
    ]);
  });
});
