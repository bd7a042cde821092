import { allocateCredit } from "../../../domain/credit-notes/allocate-credit.ts";
import type { CreditLine } from "../../../domain/credit-notes/creditable.ts";
import { findCreditType } from "../../../domain/credit-type.ts";
import { cut } from "../../../domain/cut.ts";
import { type Decimal, dec, isZero, ONE, sum } from "../../../domain/decimal.ts";
import type { InvoiceLine } from "../../../domain/invoices/line.ts";
import type {
  CreditedDelivery,
  CreditNoteTaker,
  DeliverableCreditNote,
} from "../../credit-notes.ts";
import type { DeliverableInvoice } from "../../deliverable-invoice.ts";
import type { PlannedConnection } from "../../provider-connection.ts";
import { toNumbers } from "../doc-number.ts";
import type { WantedLine } from "../document.ts";
import { settingsOf } from "../overrides.ts";
import { type QuickBooksSettings, toQuickBooksSettings } from "../settings.ts";
import { MAX_LINES, toItem } from "../to-document.ts";
import { type QuickBooksNote, toMark } from "./note-document.ts";

const MAX_DESCRIPTION = 4000;
const MAX_MEMO = 1000;

const refuse = (code: string, message: string) => ({ outcome: "refuse", code, message }) as const;

/** What becomes one line of the memo. */
interface Piece {
  /** Whose item it goes on; undefined: the invoice has no line that could say. */
  readonly line: InvoiceLine | undefined;
  readonly name: string;
  readonly amount: Decimal;
}

/** The line that brought in most: what is credited of the invoice as a whole goes on its item. */
const largestOf = ({ lines, creditTypeId }: DeliverableInvoice): InvoiceLine | undefined =>
  lines
    .filter((line) => line.creditTypeId === creditTypeId && line.productId !== null)
    .filter(({ type }) => type !== "applied_commit_or_credit")
    .reduce<InvoiceLine | undefined>(
      (largest, line) => (largest?.total.gte(line.total) ? largest : line),
      undefined,
    );

/** One for each line that gives money back, or for each product where there are too many lines. */
function toPieces(lines: readonly CreditLine[], invoice: DeliverableInvoice): Piece[] {
  const byKey = new Map(invoice.lines.map((line) => [line.lineKey, line]));
  const largest = largestOf(invoice);
  const pieces = lines
    .filter(({ amount }) => !isZero(amount))
    .map(({ lineKey, name, amount }): Piece => {
      const own = lineKey === null ? undefined : byKey.get(lineKey);
      return { line: own ?? largest, name, amount };
    });
  if (pieces.length <= MAX_LINES) return pieces;
  const groups = Map.groupBy(pieces, ({ line }) => line?.productId);
  return [...groups.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const amount = sum([first, ...rest].map((each) => each.amount));
    return [{ ...first, amount, name: `${first.name} and ${rest.length} more` }];
  });
}

/** The lines of the memo, or why there is an item missing. */
function toLines(
  { lines: credited, amountMinor }: DeliverableCreditNote,
  invoice: DeliverableInvoice,
  settings: QuickBooksSettings,
): WantedLine[] | string {
  const creditType = findCreditType(invoice.creditTypeId);
  if (creditType === undefined) return "The invoice is not in a currency.";
  const pieces = toPieces(credited, invoice);
  const amounts = allocateCredit(
    pieces.map(({ amount }) => amount),
    amountMinor,
    creditType,
    invoice.conventions,
  );
  const lines: WantedLine[] = [];
  for (const [index, { line, name }] of pieces.entries()) {
    const minor = amounts[index] ?? 0n;
    if (minor === 0n) continue;
    const amount = dec(minor.toString()).times(dec(`1e-${creditType.currency.exponent}`));
    const item =
      line === undefined
        ? undefined
        : toItem(line, { invoice, settings, realmId: settings.realm_id ?? "" });
    if (item === undefined || typeof item === "string") {
      return (
        item ?? "The invoice has no line whose item could take the credit: set default_item_id."
      );
    }
    const description = cut(`Credit: ${name}`, MAX_DESCRIPTION);
    lines.push({ amount, quantity: ONE, unitPrice: amount, description, item });
  }
  return lines;
}

/**
 * The credit memo for a credit note, or why there will be none (docs/quickbooks.md). It credits what the note
 * says, line by line on the items of the invoice's lines, to the unit that was fixed when it was issued. One
 * that is taken back needs no lines. Pure.
 */
export function planNote(
  note: DeliverableCreditNote,
  { invoice, options }: CreditedDelivery,
  connection: PlannedConnection,
): ReturnType<CreditNoteTaker<QuickBooksNote>["plan"]> {
  const settings = settingsOf(toQuickBooksSettings(connection), options);
  if (settings.realm_id === null) {
    return refuse(
      "authorization_required",
      "No company is connected yet. Open the connection's authorize_url, then retry.",
    );
  }
  const lines = note.wanted === "void" ? [] : toLines(note, invoice, settings);
  if (typeof lines === "string") return refuse("item_missing", lines);
  return {
    outcome: "send",
    document: {
      realmId: settings.realm_id,
      noteId: note.id,
      externalInvoiceId: note.externalInvoiceId,
      wanted: note.wanted,
      numbers: toNumbers(note.id, settings.doc_number_prefix),
      date: note.issuedAt.toString().slice(0, 10),
      note: toMark(note.id, invoice.id, note.reason),
      memo: note.memo === null ? null : cut(note.memo, MAX_MEMO),
      multicurrency: settings.multicurrency,
      homeCurrency: settings.home_currency,
      taxCodeId: settings.tax_code_id ?? undefined,
      lines,
      total: sum(lines.map(({ amount }) => amount)),
      defaultItemId: settings.default_item_id ?? undefined,
    },
  };
}
