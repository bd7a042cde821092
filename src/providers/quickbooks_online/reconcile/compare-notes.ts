import { currency } from "../../../domain/currency.ts";
import { type Decimal, dec, toText } from "../../../domain/decimal.ts";
import type { DeliveredNote, Discrepancy } from "../../reconciliation.ts";
import { type SalesDocument, toExternalId } from "../sales-document.ts";
import type { InspectedDocument } from "./inspect.ts";

const describe = (memo: SalesDocument, net: Decimal) => ({
  id: toExternalId(memo),
  amount: toText(net),
});

/** Credit notes of ours whose memos are gone or changed, and memos of those that are void here. Pure. */
export function compareNotes(
  notes: readonly DeliveredNote[],
  { document, homeCurrency, memos }: InspectedDocument,
): Discrepancy[] {
  const { exponent } = currency(document.currency ?? homeCurrency);
  return notes.flatMap(({ id, amountMinor, wanted }): Discrepancy[] => {
    const memo = memos.get(id);
    const net = memo?.total.minus(memo.tax);
    const found = memo === undefined || net === undefined ? {} : describe(memo, net);
    if (wanted === "void" && memo !== undefined) {
      return [{ class: "credit_note_extra", subject: id, expected: {}, found }];
    }
    const amount = dec(amountMinor.toString()).times(dec(`1e-${exponent}`));
    if (wanted !== "issued" || net?.eq(amount)) return [];
    const expected = { credit_note_id: id, amount: toText(amount) };
    return [{ class: "credit_note_missing", subject: id, expected, found }];
  });
}
