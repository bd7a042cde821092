/** The kind of the jobs that finalize a draft which advances by itself. */
export const FINALIZE_INVOICE = "finalize-invoice";
/** The kind of the jobs that charge an open invoice, the first time and after declines. */
export const CHARGE_INVOICE = "charge-invoice";
