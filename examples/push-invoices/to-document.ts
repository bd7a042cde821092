/** What is read of a line of an invoice. Amounts and quantities are decimal text. */
interface Line {
  readonly name: string;
  readonly type: string;
  readonly credit_type: { readonly id: string };
  readonly quantity?: string;
  readonly total: string;
  readonly commit_type?: string;
  readonly pricing_group_values?: Readonly<Record<string, string>>;
}

/** What is read of an invoice of GET /v1/customers/{id}/invoices/{id}. */
export interface Invoice {
  readonly id: string;
  readonly customer_id: string;
  readonly credit_type: { readonly id: string; readonly name: string };
  readonly issued_at: string;
  readonly total: string;
  readonly line_items: readonly Line[];
  /** How it is rounded: what its document comes to is compared with that. */
  readonly conventions: { readonly rounding_mode: string; readonly invoice_rounding: string };
  readonly customer_custom_fields: Readonly<Record<string, string>>;
}

/** Whether what is left of a minor unit, its digits after the point, makes it one more. Throws a mode that it does not know. */
function isRoundedUp(rest: string, isOdd: boolean, mode: string): boolean {
  const isHalf = /^50*$/.test(rest);
  if (mode === "half_away_from_zero") return rest >= "5";
  if (mode === "half_even") return isHalf ? isOdd : rest >= "5";
  if (mode === "away_from_zero") return /[1-9]/.test(rest);
  if (mode === "toward_zero") return false;
  throw new Error(`${mode} is not a rounding mode`);
}

/** Minor units of an amount, rounded in the mode. `digits`: from the amount's unit to the minor one. Throws what is no decimal. */
export function toMinor(amount: string, digits: number, mode: string): bigint {
  const parts = /^(-?)(\d+)\.?(\d*)$/.exec(amount);
  if (parts === null) throw new Error(`${amount} is not an amount`);
  const [, sign, whole = "", fraction = ""] = parts;
  const padded = fraction.padEnd(digits, "0");
  const cut = BigInt(whole + padded.slice(0, digits));
  const minor = cut + (isRoundedUp(padded.slice(digits), cut % 2n === 1n, mode) ? 1n : 0n);
  return sign === "-" ? -minor : minor;
}

/** Minor units as a decimal text of whole units: 2034 cents are "20.34". */
export function toWhole(minor: bigint, digits: number): string {
  const text = String(minor < 0n ? -minor : minor).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  return `${minor < 0n ? "-" : ""}${whole}${digits === 0 ? "" : `.${text.slice(-digits)}`}`;
}

const sizeOf = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

/** The document of an invoice, and what it comes to: write here what your system wants. USD arrives in cents, other currencies in whole units. */
export function toDocument(invoice: Invoice) {
  const isCents = invoice.credit_type.name === "USD (cents)";
  const currency = isCents ? "USD" : invoice.credit_type.name;
  const format = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  const decimals = format.maximumFractionDigits ?? 2;
  const digits = isCents ? 0 : decimals;
  const billed = invoice.line_items.filter(
    ({ credit_type: { id }, type, commit_type: commit }) =>
      id === invoice.credit_type.id &&
      !(type === "applied_commit_or_credit" && commit === "PostpaidCommit"),
  );
  const { rounding_mode: mode, invoice_rounding: order } = invoice.conventions;
  const amounts = billed.map(({ total }) => toMinor(total, digits, mode));
  const total = order === "round_then_sum" ? sumOf(amounts) : toMinor(invoice.total, digits, mode);
  // What rounding the lines has won or lost goes to the largest one, so that they add up to the total.
  const sizes = amounts.map(sizeOf);
  const largest = sizes.indexOf(sizes.reduce((a, b) => (b > a ? b : a), 0n));
  const missing = total - sumOf(amounts);
  const document = {
    reference: invoice.id,
    customer: invoice.customer_custom_fields.erp_customer_id ?? invoice.customer_id,
    date: invoice.issued_at.slice(0, 10),
    currency,
    total: toWhole(total, decimals),
    lines: billed.map(({ name, quantity = "1", pricing_group_values: groups = {} }, index) => ({
      description: [name, ...Object.values(groups)].join(", "),
      quantity,
      amount: toWhole((amounts[index] ?? 0n) + (index === largest ? missing : 0n), decimals),
    })),
  };
  // The total once more in the unit that it came in, for the write-back.
  return { document, total: toWhole(total, digits) };
}
