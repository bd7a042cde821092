import { describe, expect, test } from "vitest";
import { type SampleLine, sampleInvoice } from "../../../test/support/sample-delivery.ts";
import { DEFAULT_CONVENTIONS } from "../conventions.ts";
import { getCreditType, USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { instant } from "../time.ts";
import { toInvoiceDocument } from "./invoice-document.ts";

const USD = getCreditType(USD_CREDIT_TYPE_ID);
const UNIT = "11111111-1111-4111-8111-111111111111";
const commit = (type: "PREPAID" | "POSTPAID") =>
  ({ commitId: "commit", segmentId: "segment", type }) as const;
const covered = (total: string, type: "PREPAID" | "POSTPAID" = "PREPAID"): SampleLine => ({
  total,
  commit: commit(type),
});
const offset = (total: string, type: "PREPAID" | "POSTPAID" = "PREPAID"): SampleLine => ({
  type: "applied_commit_or_credit",
  name: "Balance applied",
  quantity: null,
  unitPrice: null,
  total,
  commit: commit(type),
});

const documentOf = (lines: readonly SampleLine[], conventions = DEFAULT_CONVENTIONS) =>
  toInvoiceDocument({ lines: sampleInvoice(lines).lines, conventions }, USD);

describe("amounts", () => {
  const sums = (lines: readonly SampleLine[], conventions = DEFAULT_CONVENTIONS) => {
    const { groups, subtotalMinor, appliedMinor, totalMinor } = documentOf(lines, conventions);
    const amounts = groups.flatMap((group) => group.lines.map(({ amountMinor }) => amountMinor));
    return [amounts, subtotalMinor, appliedMinor, totalMinor];
  };

  test.each<[string, SampleLine[], (bigint | null)[], bigint, bigint, bigint]>([
    ["nothing costs nothing", [], [], 0n, 0n, 0n],
    ["half a cent rounds away from zero", [{ total: "0.5" }], [1n], 1n, 0n, 1n],
    [
      "two halves are one cent: the later one gives back what it gained",
      [{ total: "0.5" }, { total: "0.5" }],
      [1n, 0n],
      1n,
      0n,
      1n,
    ],
    [
      "a credit mirrors what it covers",
      [covered("10.5"), offset("-10.5"), { total: "3" }],
      [11n, -11n, 3n],
      14n,
      -11n,
      3n,
    ],
    [
      "what counts towards a postpaid commit is shown and not summed",
      [covered("250", "POSTPAID"), offset("-250", "POSTPAID")],
      [250n, -250n],
      250n,
      0n,
      250n,
    ],
    [
      "a line in a pricing unit is no money",
      [{ total: "7", creditTypeId: UNIT }, { total: "35" }],
      [null, 35n],
      35n,
      0n,
      35n,
    ],
  ])("%s", (_what, lines, amounts, subtotal, applied, total) => {
    expect(sums(lines)).toEqual([amounts, subtotal, applied, total]);
  });

  test("round as the invoice's own conventions say", () => {
    const thirds = [{ total: "0.4" }, { total: "0.4" }, { total: "0.4" }];
    expect(sums(thirds)).toEqual([[1n, 0n, 0n], 1n, 0n, 1n]);
    const each = { ...DEFAULT_CONVENTIONS, invoiceRounding: "round_then_sum" } as const;
    expect(sums(thirds, each)).toEqual([[0n, 0n, 0n], 0n, 0n, 0n]);
  });
});

test("lines stand by product and sub-period: covered, what covers it, the rest", () => {
  const [early, late] = ["2024-01-01T00:00:00Z", "2024-01-16T00:00:00Z"].map(instant);
  const at = (productId: string, startingAt = early, name = productId): SampleLine => ({
    productId,
    name,
    startingAt: startingAt ?? null,
  });
  // As an invoice has them: by sub-period, in it what is covered, the offsets, the rest.
  const lines: SampleLine[] = [
    { ...covered("1"), ...at("a") },
    { ...covered("2"), ...at("b") },
    { ...offset("-1"), ...at("a") },
    { ...offset("-2"), ...at("b") },
    { total: "3", ...at("a") },
    { total: "4", ...at("a", late) },
    { total: "5", ...at("b", late) },
    { total: "6", productId: null, name: "Conversion", startingAt: null, endingBefore: null },
  ];
  const shown = documentOf(lines).groups.map(({ first, lines: of }) => [
    first.productId ?? first.name,
    first.startingAt?.toString().slice(8, 10) ?? "",
    of.map(({ amountMinor }) => Number(amountMinor)),
  ]);
  expect(shown).toEqual([
    ["a", "01", [1, -1, 3]],
    ["a", "16", [4]],
    ["b", "01", [2, -2]],
    ["b", "16", [5]],
    ["Conversion", "", [6]],
  ]);
});
