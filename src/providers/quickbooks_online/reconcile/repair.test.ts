import { expect, test } from "vitest";
import { dec } from "../../../domain/decimal.ts";
import type { FindingClass } from "../../../domain/reconciliation/finding-class.ts";
import { writeExact } from "../../../platform/json/exact-json.ts";
import type { Delivered } from "../../reconciliation.ts";
import type { QuickBooksDocument } from "../document.ts";
import type { SalesDocument } from "../sales-document.ts";
import { compareDocument } from "./compare.ts";
import type { Inspected } from "./inspect.ts";
import { discard, repairDocument } from "./repair.ts";

const standing = (overrides: Partial<SalesDocument> = {}): Inspected => ({
  state: "found",
  realmId: "9130",
  homeCurrency: "USD",
  memos: new Map(),
  document: {
    kind: "Invoice",
    id: "12",
    syncToken: "3",
    number: "MTR-1",
    date: "2026-03-01",
    dueDate: "2026-03-31",
    customerId: "58",
    currency: undefined,
    note: "invoice=i1",
    isMailed: false,
    total: dec("7.5"),
    tax: dec("0"),
    balance: dec("7.5"),
    amounts: [dec("7.5")],
    ...overrides,
  },
});

/** As the journal keeps it: its numbers are text. */
const CREATE = {
  method: "POST",
  path: "/v3/company/9130/invoice",
  params: {
    CustomerRef: { value: "58" },
    DueDate: "2026-03-31",
    DocNumber: "MTR-1",
    PrivateNote: "invoice=i1",
    Line: [{ Amount: "7.5", SalesItemLineDetail: { Qty: "3", UnitPrice: "2.5" } }],
  },
} as const;

const delivered = (
  overrides: Partial<Delivered<QuickBooksDocument>> = {},
): Delivered<QuickBooksDocument> => ({
  document: undefined,
  externalId: "12",
  sent: [CREATE],
  notedStatus: "FINALIZED",
  notedDetails: {},
  delivery: "SENT",
  isVoid: false,
  notes: [],
  ...overrides,
});

test.each<[string, Inspected, Partial<Delivered<QuickBooksDocument>>, string[]]>([
  ["as it was sent", standing(), {}, []],
  ["tax on top of it", standing({ total: dec("9"), tax: dec("1.5"), balance: dec("9") }), {}, []],
  [
    "another total over the same lines",
    standing({ total: dec("9"), balance: dec("9") }),
    {},
    ["edited_total"],
  ],
  ["another currency", standing({ currency: "EUR" }), {}, ["currency_differs"]],
  ["no number", standing({ number: null }), {}, ["number_missing"]],
  ["paid there", standing({ balance: dec("0") }), {}, ["open_here_paid_there"]],
  ["paid here", standing(), { notedStatus: "PAID" }, ["paid_here_open_there"]],
  ["taken over: what was sent is not known", standing({ amounts: [] }), { sent: [] }, []],
  [
    "void on both sides",
    standing({ total: dec("0"), balance: dec("0"), note: "Voided" }),
    { isVoid: true, notedStatus: "VOID" },
    [],
  ],
  ["gone, and void here", { state: "missing" }, { isVoid: true }, []],
])("it finds: %s", (_name, observed, overrides, classes) => {
  expect(compareDocument(delivered(overrides), observed).map((each) => each.class)).toEqual(
    classes,
  );
});

const show = (name: FindingClass, observed: Inspected, given = delivered()): string => {
  const repair = repairDocument({ class: name, subject: "" }, given, observed);
  return repair.outcome === "refuse"
    ? "refuse"
    : [repair.action, ...repair.writes.map(({ request }) => request.path)].join(" ");
};

test.each<[FindingClass, Inspected, string]>([
  ["edited_lines", standing(), "restore /v3/company/9130/invoice"],
  ["edited_lines", standing({ balance: dec("1") }), "refuse"],
  ["currency_differs", standing(), "refuse"],
  ["void_here_open_there", standing(), "void_at_provider /v3/company/9130/invoice?operation=void"],
  ["void_here_open_there", standing({ balance: dec("0") }), "refuse"],
  [
    "void_here_open_there",
    standing({ kind: "CreditMemo" }),
    "delete_at_provider /v3/company/9130/creditmemo?operation=delete",
  ],
  ["deleted", { state: "missing" }, "recreate"],
  ["status_missed", standing(), "refresh"],
])("%s is put right by: %s", (name, observed, expected) => {
  expect(show(name, observed)).toBe(expected);
});

test("what was paid and is gone is left to a person", () => {
  expect(show("deleted", { state: "missing" }, delivered({ notedStatus: "PAID" }))).toBe("refuse");
  expect(discard("12", { state: "missing" })).toMatchObject({ outcome: "refuse" });
});

test("it writes the document as it was sent, every digit a number, under its present token", () => {
  const repair = repairDocument({ class: "edited_lines", subject: "" }, delivered(), standing());
  if (repair.outcome !== "act") throw new Error(repair.reason);
  expect(writeExact(repair.writes[0]?.request.params)).toBe(
    '{"Id":"12","SyncToken":"3","sparse":true,"CustomerRef":{"value":"58"},"DueDate":"2026-03-31","PrivateNote":"invoice=i1","Line":[{"Amount":7.5,"SalesItemLineDetail":{"Qty":3,"UnitPrice":2.5}}],"DocNumber":"MTR-1"}',
  );
});
