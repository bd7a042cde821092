import { type Decimal, sum, ZERO } from "../decimal.ts";
import type { DrawDown } from "../invoices/invoice.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { isTaxLine } from "../invoices/tax-line.ts";

/** What a credit note credits of one line of its invoice. */
export interface CreditLine {
  /** null: of the invoice as a whole. */
  readonly lineKey: string | null;
  readonly name: string;
  /** Money, in the unit of the invoice's credit type. */
  readonly amount: Decimal;
  /** Value that a commit or credit has again; null: none. */
  readonly returned: Omit<DrawDown, "at"> | null;
}

/** A final invoice as credit notes see it, with what earlier notes have credited. */
export interface CreditedInvoice {
  readonly creditTypeId: string;
  readonly total: Decimal;
  readonly lines: readonly InvoiceLine[];
  readonly credited: readonly CreditLine[];
}

/** A line that can be credited, and how much of it is left. */
export interface CreditableLine {
  readonly line: InvoiceLine;
  readonly left: Decimal;
  /** A commit or credit paid for it: crediting it gives value back, and no money. */
  readonly isPrepaid: boolean;
  readonly isTax: boolean;
}

const isCovered = ({ commit, purchasedCommitId }: InvoiceLine): boolean =>
  commit !== null && purchasedCommitId === null;

/** The lines of an invoice that can be credited. What commits applied goes with what they paid for. */
export function creditableLines({
  creditTypeId,
  lines,
  credited,
}: CreditedInvoice): CreditableLine[] {
  return lines
    .filter(({ type }) => type !== "applied_commit_or_credit")
    .map((line) => ({
      line,
      isPrepaid: isCovered(line) && line.commit?.type !== "POSTPAID",
      isTax: isTaxLine(line.lineKey),
    }))
    .filter(({ line, isPrepaid }) => isPrepaid || line.creditTypeId === creditTypeId)
    .map((one) => ({ ...one, left: leftOf(one.line, one.isPrepaid, credited) }));
}

function leftOf(line: InvoiceLine, isPrepaid: boolean, credited: readonly CreditLine[]): Decimal {
  const own = credited.filter(({ lineKey }) => lineKey === line.lineKey);
  const gone = own.map(({ amount, returned }) => (isPrepaid ? (returned?.amount ?? ZERO) : amount));
  return line.total.minus(sum(gone));
}

/** What is left of an invoice's total. */
export const leftToCredit = ({ total, credited }: CreditedInvoice): Decimal =>
  total.minus(sum(credited.map(({ amount }) => amount)));

/** Credits `amount` of a line: money, or value of the commit that paid for it, or both. */
export function toCreditLine({ line, isPrepaid }: CreditableLine, amount: Decimal): CreditLine {
  const { commit } = line;
  return {
    lineKey: line.lineKey,
    name: line.name,
    amount: isPrepaid ? ZERO : amount,
    returned:
      commit !== null && isCovered(line)
        ? {
            commitId: commit.commitId,
            segmentId: commit.segmentId,
            commitType: commit.type,
            amount,
          }
        : null,
  };
}
