import { addDays, toDate } from "../clock.ts";
import { refuse } from "../faults.ts";
import type { Books } from "./books.ts";
import type { Draft, Entity } from "./entity.ts";
import { resolve } from "./references.ts";

/** Nothing that is dated into closed books is written, changed, voided or deleted. */
export function checkBooksOpen(books: Books, ...dates: readonly (string | undefined)[]): void {
  const closed = books.preferences.booksClosedThrough;
  if (closed === undefined || dates.every((date) => date === undefined || date > closed)) return;
  refuse(
    "6210",
    "The account period has closed and the account books cannot be updated through the QBO Services API. Please check the QBO website for account period closing date.",
  );
}

export const dateOf = (books: Books, draft: Draft): string =>
  draft.TxnDate ?? toDate(books.clock.now());

/** A stated due date wins over the terms: the document's, the customer's, the company's. */
export function dueDateOf(books: Books, draft: Draft, customer: Entity, date: string): string {
  const termRef = draft.SalesTermRef ??
    customer.SalesTermRef ?? { value: books.preferences.defaultTermId };
  const { DueDays = 0 } = resolve(books, "Term", termRef);
  return draft.DueDate ?? addDays(date, DueDays);
}
