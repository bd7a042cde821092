import { expect, test } from "vitest";
import { type InvoiceAction, type InvoiceStatus, refusalOf } from "./invoice-status.ts";

const EDIT = "invoice_not_editable";
const MOVE = "status_transition_invalid";

const table: readonly [InvoiceAction, ...(string | undefined)[]][] = [
  //                     draft      open       uncollectible paid  void
  ["edit", undefined, EDIT, EDIT, EDIT, EDIT],
  ["delete", undefined, EDIT, EDIT, EDIT, EDIT],
  ["finalize", undefined, EDIT, EDIT, EDIT, EDIT],
  ["pay", undefined, undefined, undefined, MOVE, MOVE],
  ["send", undefined, undefined, MOVE, undefined, MOVE],
  ["void", MOVE, undefined, undefined, MOVE, MOVE],
  ["mark_uncollectible", MOVE, undefined, MOVE, MOVE, MOVE],
];
const statuses: readonly InvoiceStatus[] = ["draft", "open", "uncollectible", "paid", "void"];

test.each(table)("%s from draft, open, uncollectible, paid, void", (action, ...codes) => {
  expect(statuses.map((status) => refusalOf(action, status)?.code)).toEqual(codes);
});

test("paying twice says that it is paid", () => {
  expect(refusalOf("pay", "paid")?.message).toBe("Invoice is already paid");
});
