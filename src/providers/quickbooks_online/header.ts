import { cut } from "../../domain/cut.ts";
import { type Instant, isBefore, Temporal } from "../../domain/time.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { QuickBooksSettings } from "./settings.ts";

const MAX_NOTE = 4000;
const MAX_MEMO = 1000;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const dateOf = (at: Instant): string => at.toString().slice(0, 10);

interface Due {
  readonly dueDate: string | undefined;
  readonly termId: string | undefined;
}

/**
 * By when it is to be paid: as the bill says where it does, else by the setting, and never before the date
 * of the document itself, which the end of a period is after a grace period. Or why it cannot be said.
 */
export function dueOf(
  { issuedAt, dueAt, endAt }: DeliverableInvoice,
  { due_date: by, net_terms_days: days, sales_term_id: term }: QuickBooksSettings,
): Due | string {
  const notBefore = (at: Instant): Due => ({
    dueDate: dateOf(isBefore(at, issuedAt) ? issuedAt : at),
    termId: undefined,
  });
  if (dueAt !== null) return notBefore(dueAt);
  if (by === "period_end") return notBefore(endAt ?? issuedAt);
  if (by === "net_terms") {
    const date = Temporal.PlainDate.from(dateOf(issuedAt)).add({ days }).toString();
    return { dueDate: date, termId: undefined };
  }
  return term === null
    ? "The due date comes from a term of the company, and none is named: set sales_term_id, then retry."
    : { dueDate: undefined, termId: term };
}

const nameOf = ({ contractName }: DeliverableInvoice): string[] =>
  contractName == null || contractName === "" ? [] : [contractName];

/** For the people who keep the books: what the document is, by ids. It is also how it is found again. */
export function toNote(invoice: DeliverableInvoice, memoRef: string | undefined): string {
  const { id, startAt, endAt, contractId } = invoice;
  const period = startAt === null || endAt === null ? [] : [`${dateOf(startAt)}..${dateOf(endAt)}`];
  const parts = [
    `invoice=${id}`,
    "FINALIZED",
    ...period,
    `contract=${contractId}`,
    ...nameOf(invoice),
    ...(memoRef === undefined ? [] : [`ref=${memoRef}`]),
  ];
  const note = cut(parts.join("; "), MAX_NOTE - 1);
  // A note that ends in that word tells of a document that was voided.
  return /voided\s*$/i.test(note) ? `${note}.` : note;
}

/** Whether a note names our invoice in whole: a number alone may be somebody else's. */
export const isNoteOf = (note: unknown, invoiceId: string): boolean =>
  typeof note === "string" && note.includes(`invoice=${invoiceId}`);

const dayOf = (at: Instant): string => {
  const { day, month, year } = Temporal.PlainDate.from(dateOf(at));
  return `${day} ${MONTHS[month - 1]} ${year}`;
};

/** For the payer: "Usage 1 Feb 2026 to 28 Feb 2026, Acme 2026". The last day is the last that counts. */
export function toMemo(invoice: DeliverableInvoice): string {
  const { startAt, endAt, issuedAt } = invoice;
  const period =
    startAt === null || endAt === null
      ? `Invoice of ${dayOf(issuedAt)}`
      : `Usage ${dayOf(startAt)} to ${dayOf(endAt.subtract({ nanoseconds: 1 }))}`;
  return cut([period, ...nameOf(invoice)].join(", "), MAX_MEMO);
}
