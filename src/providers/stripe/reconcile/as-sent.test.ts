import { expect, test } from "vitest";
import { sampleDocument } from "../../../../test/support/sample-delivery.ts";
import type { ProviderRequest } from "../../delivery-step.ts";
import type { StripeLine } from "../document.ts";
import { toAddLines, toCreate, toFinalize } from "../next-step.ts";
import { asSent } from "./as-sent.ts";

const [base] = sampleDocument(["a"]).lines;
const priced: StripeLine = {
  ...(base as StripeLine),
  key: "b",
  description: "b",
  amountMinor: 34n,
  priced: { unitAmountDecimal: "0.333", quantity: "101" },
};
const document = sampleDocument(["a"], {
  collectionMethod: "send_invoice",
  daysUntilDue: 30,
  lines: [base as StripeLine, priced],
  totalMinor: 134n,
});
const post = (path: string, params = {}): ProviderRequest => ({ method: "POST", path, params });

/** The writes of a whole delivery. */
const WRITES = [
  toCreate(document),
  toAddLines("in_1", document.lines, document.currency),
  toFinalize("in_1", document),
];
/** As settings of today would make it. */
const today = sampleDocument(["a"], {
  collectionMethod: "charge_automatically",
  leaveAsDraft: true,
  lines: [
    { ...(base as StripeLine), description: "a (1 x $1.00)" },
    { ...priced, priced: undefined, description: "b (101 x $0.00333)" },
  ],
  totalMinor: 134n,
});

test("what was sent counts, whatever the settings are now", () => {
  const made = asSent(today, "in_1", WRITES, true);
  expect(made).toMatchObject({
    collectionMethod: "send_invoice",
    daysUntilDue: 30,
    leaveAsDraft: false,
    totalMinor: 134n,
  });
  expect(made.lines).toEqual(document.lines);
});

test("a line stays with the product that it was sent with, whatever is mapped now", () => {
  const sent = [
    { ...priced, key: "c", productId: "prod_then" },
    { ...priced, key: "d", productId: undefined },
  ];
  const writes = [toCreate(document), toAddLines("in_1", sent, document.currency)];
  const now = { ...today, lines: sent.map((line) => ({ ...line, productId: "prod_now" })) };
  const made = asSent(now, "in_1", [...writes, toFinalize("in_1", document)], true);
  expect(made.lines.map(({ productId }) => productId)).toEqual(["prod_then", undefined]);
});

test.each([
  ["nothing was sent for it", "in_2", WRITES, true],
  ["nothing was sent at all", "in_1", [], true],
])("%s: the plan counts", (_why, id, writes, isDelivered) => {
  expect(asSent(today, id, writes, isDelivered)).toBe(today);
});

test("lines that were changed later count as planned", () => {
  const writes = [...WRITES, post("/v1/invoices/in_1/update_lines", { lines: [] })];
  expect(asSent(today, "in_1", writes, true).lines).toBe(today.lines);
});

test("terms that were changed later count as planned", () => {
  const writes = [...WRITES, post("/v1/invoices/in_1", { days_until_due: 5 })];
  const made = asSent(today, "in_1", writes, true);
  expect(made.collectionMethod).toBe("charge_automatically");
  expect(made.lines).toEqual(document.lines);
});

test("what was never finalized was left as a draft when its delivery ended well", () => {
  const writes = WRITES.slice(0, 2);
  expect(asSent(document, "in_1", writes, true).leaveAsDraft).toBe(true);
  expect(asSent(document, "in_1", writes, false).leaveAsDraft).toBe(false);
});

test("of two documents each has its own writes", () => {
  const later = { ...document, daysUntilDue: 5 };
  const writes = [...WRITES, toCreate(later), toAddLines("in_2", document.lines, "usd")];
  expect(asSent(today, "in_1", writes, true).daysUntilDue).toBe(30);
  expect(asSent(today, "in_2", writes, true).daysUntilDue).toBe(5);
});
