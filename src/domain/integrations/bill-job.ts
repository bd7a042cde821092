import { Temporal } from "../time.ts";

/** Which bills a job calculates, and the dates that it gives them. Dates are calendar dates. */
export interface BillJobTerms {
  /** Only these accounts; absent: all. */
  readonly accountIds?: readonly string[];
  /** Only these bills. */
  readonly billIds?: readonly string[];
  /** Only bills that are dated on this day or before. */
  readonly billDate?: string;
  /** Only bills whose period has this as its last day. */
  readonly lastDateInBillingPeriod?: string;
  /** Given to every bill that is calculated. */
  readonly dueDate?: string;
  readonly externalInvoiceDate?: string;
}

/** What decides whether a bill is one of a job. Instants are canonical text. */
export interface BillInScope {
  readonly id: string;
  /** When it will be issued. */
  readonly issuedAt: string;
  readonly endAt: string | null;
}

/** Whether a job calculates this bill of an account that it is for. Days are those of UTC. */
export function isInScope(terms: BillJobTerms, { id, issuedAt, endAt }: BillInScope): boolean {
  const { billIds, billDate, lastDateInBillingPeriod: last } = terms;
  if (billIds !== undefined && !billIds.includes(id)) return false;
  if (billDate !== undefined && issuedAt.slice(0, 10) > billDate) return false;
  return last === undefined || (endAt !== null && lastDayBefore(endAt) === last);
}

/** A period that ends at midnight has the day before as its last one. */
const lastDayBefore = (endAt: string): string =>
  Temporal.Instant.from(endAt).subtract({ milliseconds: 1 }).toString().slice(0, 10);
