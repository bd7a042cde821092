/**
 * The numbers of an invoice's document: prefix and 8 hexadecimal digits of our id, as the guide "Invoice
 * with other systems" has it; and, for when that number is taken, as many digits as 21 characters hold.
 */
export function toNumbers(invoiceId: string, prefix: string): readonly [string, string] {
  const digits = invoiceId.replaceAll("-", "").toUpperCase();
  return [`${prefix}${digits.slice(0, 8)}`, `${prefix}${digits.slice(0, 17)}`];
}
