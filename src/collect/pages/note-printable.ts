import { dec } from "../../domain/decimal.ts";
import type { Printable } from "../../platform/pdf/printable.ts";
import { moneyText } from "../domain/subscriptions/line-text.ts";
import type { WireCreditNote } from "../operations/credit-notes/render-credit-note.ts";
import type { toCreditNoteLine } from "../serializers/to-credit-note.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import type { AccountRow } from "../store/accounts.ts";
import { buyerLines, dayText, money, sellerLines } from "./invoice-printable.ts";

/** A credit note as a document. */
export function toNotePrintable(
  note: WireCreditNote,
  lines: readonly ReturnType<typeof toCreditNoteLine>[],
  invoice: WireInvoice,
  account: AccountRow,
): Printable {
  const text = (minor: number): string => money(minor, note.currency);
  return {
    title: "Credit note",
    from: sellerLines(account),
    to: buyerLines(invoice),
    facts: [
      { label: "Number", value: note.number },
      { label: "Invoice", value: invoice.number ?? "" },
      { label: "Date of issue", value: dayText(note.effective_at ?? note.created) },
    ],
    lines: lines.map((line) => ({
      description: line.description ?? "",
      detail: "",
      quantity: line.quantity === null ? "" : String(line.quantity),
      unitPrice:
        line.unit_amount_decimal === null
          ? ""
          : moneyText(dec(line.unit_amount_decimal), note.currency),
      amount: text(line.amount),
    })),
    totals: [
      { label: "Subtotal", amount: text(note.subtotal), strong: false },
      ...(note.discount_amount === 0
        ? []
        : [{ label: "Discounts", amount: text(-note.discount_amount), strong: false }]),
      ...note.total_taxes.map(({ amount }) => ({
        label: "Tax",
        amount: text(amount),
        strong: false,
      })),
      { label: "Total credited", amount: text(note.total), strong: true },
    ],
    notes: note.memo === null ? [] : [note.memo],
    marks: [note.status === "void" ? "Void" : "Issued", ...(note.livemode ? [] : ["Test mode"])],
  };
}
