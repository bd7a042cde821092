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
