import { describe, expect, test } from "vitest";
import { instant } from "../../domain/time.ts";
import type { DeliverableCreditNote } from "../credit-notes.ts";
import { nextNoteStep, type StripeNoteObserved } from "./credit-note-step.ts";

const note: DeliverableCreditNote = {
  id: "note",
  environment: "SANDBOX",
  externalInvoiceId: "in_1",
  amountMinor: 500n,
  lines: [],
  issuedAt: instant("2024-02-03T00:00:00Z"),
  reason: "duplicate",
  memo: "Twice",
  wanted: "issued",
};

const invoice = (status: string, remaining = 0): StripeNoteObserved => ({
  invoice: { status, amount_remaining: remaining } as StripeNoteObserved["invoice"],
  note: undefined,
});

const found = (status: "issued" | "void"): StripeNoteObserved => ({
  ...invoice("paid"),
  note: { id: "cn_1", status },
});

describe("what is sent", () => {
  const paramsOf = (observed: StripeNoteObserved, changes: Partial<DeliverableCreditNote> = {}) => {
    const step = nextNoteStep({ ...note, ...changes }, observed);
    return step.step === "write" ? [step.request.path, step.request.params] : step;
  };
  const common = {
    invoice: "in_1",
    amount: 500,
    reason: "duplicate",
    memo: "Twice",
    metadata: { ledgerline_credit_note_id: "note" },
  };

  test("of an open invoice it lowers what is due", () => {
    expect(paramsOf(invoice("open", 800))).toEqual(["/v1/credit_notes", common]);
  });
  test("of a paid one it goes to the customer's balance", () => {
    expect(paramsOf(invoice("paid"))).toEqual([
      "/v1/credit_notes",
      { ...common, credit_amount: 500 },
    ]);
  });
  test("of one that is paid in part, what is more than is due", () => {
    expect(paramsOf(invoice("open", 300))).toEqual([
      "/v1/credit_notes",
      { ...common, credit_amount: 200 },
    ]);
  });
  test("a reason that Stripe does not know is left out", () => {
    const { reason: _, memo: __, ...bare } = common;
    expect(paramsOf(invoice("open", 800), { reason: "late_usage", memo: null })).toEqual([
      "/v1/credit_notes",
      bare,
    ]);
  });
  test("a note that is void here is voided there", () => {
    expect(paramsOf(found("issued"), { wanted: "void" })).toEqual([
      "/v1/credit_notes/cn_1/void",
      {},
    ]);
  });
});

describe("where it ends", () => {
  test.each([
    ["it is there", found("issued"), "issued", { step: "done", external: { externalId: "cn_1" } }],
    ["it is void there", found("void"), "void", { step: "done", external: { status: "VOID" } }],
    ["it never was there", invoice("open"), "void", { step: "done", external: { status: "VOID" } }],
    ["somebody voided it", found("void"), "issued", { step: "refuse", code: "voided_at_stripe" }],
    ["the invoice is a draft", invoice("draft"), "issued", { code: "invoice_not_final" }],
    ["the invoice is void", invoice("void"), "issued", { code: "invoice_void" }],
    [
      "the invoice is gone",
      { invoice: undefined, note: undefined },
      "issued",
      { code: "invoice_missing" },
    ],
  ] as const)("%s", (_what, observed, wanted, expected) => {
    expect(nextNoteStep({ ...note, wanted }, observed)).toMatchObject(expected);
  });
});
