import { Temporal } from "../time.ts";

/** What is known of the dates of a bill; instants and dates are canonical text. */
export interface BillDating {
  /** When it was issued, or will be. */
  readonly issuedAt: string;
  /** End of its period; null: it has none. */
  readonly endAt: string | null;
  /** Given by a bill job; null: not given. */
  readonly dueDate: string | null;
  readonly externalInvoiceDate: string | null;
  /** Days to pay, of the contract, the account and the organization; null: it says nothing. */
  readonly contractDays: number | null;
  readonly accountDays: number | null;
  readonly organizationDays: number | null;
}

export interface BillDates {
  readonly billDate: string;
  /** null: nobody said in how many days it is to be paid. */
  readonly dueDate: string | null;
  readonly externalInvoiceDate: string;
}

const dayOf = (at: string): string => at.slice(0, 10);

/**
 * The dates of a bill, in UTC. What a bill job gave wins; else it is due so many days after its date as
 * the contract says, else the account, else the organization; and it is booked on the first day after
 * its period (m3ter API: "externalInvoiceDate", FIRST_DAY_OF_NEXT_PERIOD).
 */
export function billDates(dating: BillDating): BillDates {
  const billDate = dayOf(dating.issuedAt);
  const days = dating.contractDays ?? dating.accountDays ?? dating.organizationDays;
  const computed =
    days === null ? null : Temporal.PlainDate.from(billDate).add({ days }).toString();
  return {
    billDate,
    dueDate: dating.dueDate ?? computed,
    externalInvoiceDate: dating.externalInvoiceDate ?? dayOf(dating.endAt ?? dating.issuedAt),
  };
}
