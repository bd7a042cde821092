const SEQUENCE_DIGITS = 4;

/** Number of a customer's nth invoice: "AB12CD34-0007". The sequence counts from 1 and never repeats. */
export const invoiceNumber = (prefix: string, sequence: number): string =>
  `${prefix}-${String(sequence).padStart(SEQUENCE_DIGITS, "0")}`;
