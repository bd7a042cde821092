import { expect, test } from "vitest";
import { dec } from "../../../domain/decimal.ts";
import { writeExact } from "../../../platform/json/exact-json.ts";
import type { ActingStep } from "../../delivery-step.ts";
import type { SalesDocument } from "../sales-document.ts";
import { nextNoteStep } from "./next-note-step.ts";
import type { QuickBooksNote } from "./note-document.ts";
import type { ObservedMemo, QuickBooksNoteObserved } from "./observe-note.ts";

const NOTE: QuickBooksNote = {
  realmId: "9130",
  noteId: "n1",
  externalInvoiceId: "12",
  wanted: "issued",
  numbers: ["MTR-AAAA", "MTR-AAAABBBB"],
  date: "2026-03-05",
  note: "credit_note=n1; credits=i1; reason=duplicate",
  memo: null,
  multicurrency: false,
  homeCurrency: "USD",
  taxCodeId: undefined,
  lines: [
    {
      amount: dec("30"),
      quantity: dec("1"),
      unitPrice: dec("30"),
      description: "Credit: Tokens",
      item: { id: undefined, name: "Tokens", productId: "p1" },
    },
  ],
  total: dec("30"),
  defaultItemId: undefined,
};

const standing = (overrides: Partial<SalesDocument> = {}): SalesDocument => ({
  kind: "Invoice",
  id: "12",
  syncToken: "3",
  number: "MTR-1",
  date: "2026-03-01",
  dueDate: "2026-03-31",
  customerId: "58",
  currency: "USD",
  note: "invoice=i1",
  isMailed: false,
  total: dec("100"),
  tax: dec("0"),
  balance: dec("100"),
  amounts: [dec("100")],
  ...overrides,
});

const memo = (overrides: Partial<SalesDocument> = {}): SalesDocument =>
  standing({
    kind: "CreditMemo",
    id: "40",
    syncToken: "0",
    note: NOTE.note,
    total: dec("30"),
    balance: dec("30"),
    amounts: [dec("30")],
    ...overrides,
  });

const NONE: ObservedMemo = {
  state: "none",
  takenNumbers: [],
  items: new Map([["p1", { id: "21" }]]),
};
const found = (
  document: SalesDocument = memo(),
  applications: Extract<ObservedMemo, { state: "found" }>["applications"] = [],
): ObservedMemo => ({ state: "found", document, applications });

const show = (step: ActingStep): string => {
  switch (step.step) {
    case "write":
      return `${step.request.path.replace("/v3/company/9130", "")} ${writeExact(step.request.params)}`;
    case "done":
      return `done ${step.external.externalId} ${step.external.status}`;
    default:
      return step.code;
  }
};

const applied = (amount: number): string =>
  `/payment {"CustomerRef":{"value":"58"},"TxnDate":"2026-03-05","TotalAmt":0,"PrivateNote":"${NOTE.note}","Line":[{"Amount":${amount},"LinkedTxn":[{"TxnId":"12","TxnType":"Invoice"}]},{"Amount":${amount},"LinkedTxn":[{"TxnId":"40","TxnType":"CreditMemo"}]}]}`;

const created = (item: string, number = "MTR-AAAA"): string =>
  `/creditmemo {"CustomerRef":{"value":"58"},"TxnDate":"2026-03-05","DocNumber":"${number}","PrivateNote":"${NOTE.note}","CustomerMemo":{"value":"Credit for invoice MTR-1"},"Line":[{"Amount":30,"DetailType":"SalesItemLineDetail","Description":"Credit: Tokens","SalesItemLineDetail":{"ItemRef":{"value":"${item}"},"Qty":1,"UnitPrice":30}}]}`;

test.each<[string, Partial<QuickBooksNote>, Partial<QuickBooksNoteObserved>, string]>([
  ["nothing stands there: the memo is made", {}, {}, created("21")],
  [
    "its number is somebody else's: the longer one",
    {},
    { memo: { ...NONE, takenNumbers: ["MTR-AAAA"] } },
    created("21", "MTR-AAAABBBB"),
  ],
  [
    "both are",
    {},
    { memo: { ...NONE, takenNumbers: ["MTR-AAAA", "MTR-AAAABBBB"] } },
    "doc_number_taken",
  ],
  [
    "an item of nobody's goes on the generic one",
    { defaultItemId: "1" },
    { memo: { ...NONE, items: new Map() } },
    created("1"),
  ],
  [
    "and is missing where there is none",
    {},
    { memo: { ...NONE, items: new Map() } },
    "item_missing",
  ],
  ["the invoice is gone", {}, { invoice: undefined }, "invoice_missing"],
  [
    "the invoice is void",
    {},
    { invoice: standing({ total: dec("0"), balance: dec("0"), note: "Voided - invoice=i1" }) },
    "invoice_void",
  ],
  ["it stands: it is put to the invoice", {}, { memo: found() }, applied(30)],
  [
    "less is open of the invoice than it credits: as much as that, the rest is the customer's",
    {},
    { memo: found(), invoice: standing({ balance: dec("12.5") }) },
    applied(12.5),
  ],
  [
    "the invoice is paid: all of it is the customer's",
    {},
    { memo: found(), invoice: standing({ balance: dec("0") }) },
    "done creditmemo-40 ISSUED",
  ],
  [
    "it was put to something already",
    {},
    { memo: found(memo({ balance: dec("0") })) },
    "done creditmemo-40 ISSUED",
  ],
  [
    "somebody has used a part of it",
    {},
    { memo: found(memo({ balance: dec("10") })) },
    "done creditmemo-40 ISSUED",
  ],
  [
    "with tax of the books' own on top of it",
    {},
    { memo: found(memo({ total: dec("36"), tax: dec("6"), balance: dec("36") })) },
    applied(36),
  ],
  [
    "it comes to something else",
    {},
    { memo: found(memo({ total: dec("31"), balance: dec("31") })) },
    "provider_document_differs",
  ],
  [
    "it was deleted there",
    {},
    { memo: { state: "deleted", externalId: "creditmemo-40" } },
    "credit_memo_deleted",
  ],
  ["taken back before it was made", { wanted: "void" }, {}, "done  VOID"],
  [
    "taken back: what it was put to is freed first",
    { wanted: "void" },
    { memo: found(memo({ balance: dec("0") }), [{ id: "50", syncToken: "1" }]) },
    '/payment?operation=delete {"Id":"50","SyncToken":"1"}',
  ],
  [
    "then it is deleted",
    { wanted: "void" },
    { memo: found() },
    '/creditmemo?operation=delete {"Id":"40","SyncToken":"0"}',
  ],
  [
    "unless somebody has used it",
    { wanted: "void" },
    { memo: found(memo({ balance: dec("5") })) },
    "credit_memo_used",
  ],
  [
    "taken back and gone",
    { wanted: "void" },
    { memo: { state: "deleted", externalId: "creditmemo-40" } },
    "done creditmemo-40 VOID",
  ],
])("%s", (_name, changes, observed, expected) => {
  const step = nextNoteStep(
    { ...NOTE, ...changes },
    { invoice: standing(), memo: NONE, ...observed },
  );
  expect(show(step)).toBe(expected);
});

test("in another currency than the company's own it says which, at the rate of the invoice", () => {
  const abroad = { ...NOTE, multicurrency: true };
  const invoice = standing({ currency: "EUR", exchangeRate: dec("1.0825") });
  const memoStep = show(nextNoteStep(abroad, { invoice, memo: NONE }));
  expect(memoStep).toContain('"CurrencyRef":{"value":"EUR"},"ExchangeRate":1.0825');
  const applyStep = show(nextNoteStep(abroad, { invoice, memo: found() }));
  expect(applyStep).toContain('"CurrencyRef":{"value":"EUR"},"ExchangeRate":1.0825');
  const home = show(nextNoteStep(abroad, { invoice: standing(), memo: NONE }));
  expect(home).toContain('"CurrencyRef":{"value":"USD"},"PrivateNote"');
});
