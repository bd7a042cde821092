import { expect, test } from "vitest";
import { type SampleLine, sampleInvoice } from "../../../test/support/sample-delivery.ts";
import { dec, toText } from "../decimal.ts";
import type { LineOrder } from "./integration-options.ts";
import { shapeLines } from "./shape-lines.ts";

const OFFSET = (type: "PREPAID" | "POSTPAID" | "CREDIT", total: string): SampleLine => ({
  type: "applied_commit_or_credit",
  name: `${type} pays`,
  total,
  commit: { commitId: "c", segmentId: "s", type },
});
const usage = (name: string, total: string, productId: string): SampleLine => ({
  name,
  total,
  productId,
});

const METRICS: Readonly<Record<string, string>> = { p1: "m2", p2: "m1", p3: "m1" };

const BILL: readonly SampleLine[] = [
  usage("tokens", "20.5", "p1"),
  usage("calls", "3", "p2"),
  { type: "subscription", name: "seats", total: "3", productId: "p9" },
  usage("hours", "7.25", "p3"),
  OFFSET("PREPAID", "-10"),
  OFFSET("CREDIT", "-2"),
];

function show(lines: readonly SampleLine[], excluded: string[], order: LineOrder): string {
  const invoice = sampleInvoice(lines);
  const shaped = shapeLines(
    invoice,
    { excludedLineItemTypes: excluded, sortLineItemsBy: order },
    ({ productId }) => METRICS[productId ?? ""],
  );
  return `${shaped.lines.map(({ name }) => name).join(", ")} = ${toText(shaped.total)}`;
}

test.each<readonly [string, readonly SampleLine[], string[], LineOrder, string]>([
  [
    "nothing excluded: the bill as it is",
    BILL,
    [],
    "NONE",
    "tokens, calls, seats, hours, PREPAID pays, CREDIT pays = 21.75",
  ],
  [
    "only charges",
    BILL,
    ["COMMITMENT_CONSUMED", "BALANCE_CONSUMED"],
    "NONE",
    "tokens, calls, seats, hours = 33.75",
  ],
  [
    "without the credit it comes to 2 more",
    BILL,
    ["BALANCE_CONSUMED"],
    "NONE",
    "tokens, calls, seats, hours, PREPAID pays = 23.75",
  ],
  ["without usage", BILL, ["USAGE"], "NONE", "seats, PREPAID pays, CREDIT pays = -9"],
  [
    "types that it has no lines of",
    BILL,
    ["MINIMUM_SPEND"],
    "NONE",
    "tokens, calls, seats, hours, PREPAID pays, CREDIT pays = 21.75",
  ],
  [
    "everything",
    BILL,
    ["USAGE", "STANDING_CHARGE", "COMMITMENT_CONSUMED", "BALANCE_CONSUMED"],
    "NONE",
    " = 0",
  ],
  [
    "by subtotal: ascending, equal ones as on the bill",
    BILL,
    [],
    "SUBTOTAL",
    "PREPAID pays, CREDIT pays, calls, seats, hours, tokens = 21.75",
  ],
  [
    "by aggregation: m1 before m2, lines without one last",
    BILL,
    [],
    "AGGREGATION_ID",
    "calls, hours, tokens, seats, PREPAID pays, CREDIT pays = 21.75",
  ],
])("%s", (_what, lines, excluded, order, expected) => {
  expect(show(lines, excluded, order)).toBe(expected);
});

test("a postpaid offset is shown and not summed, so leaving it out changes nothing", () => {
  const lines = [usage("tokens", "20", "p1"), OFFSET("POSTPAID", "-20")];
  const shaped = shapeLines(
    sampleInvoice(lines, { total: dec("20") }),
    { excludedLineItemTypes: ["COMMITMENT_CONSUMED"], sortLineItemsBy: "NONE" },
    () => undefined,
  );
  expect([shaped.lines.length, toText(shaped.total)]).toEqual([1, "20"]);
});
