import { invalid } from "../errors.ts";
import type { InvoiceCursor } from "../store/invoice-list.ts";

const TOKEN = /^i:(\d{4}-\d\d-\d\dT[\d:.]{8,18}Z)\/(\d{1,18})$/;

/** Reads the opaque token of a list that is sorted by date; undefined means the first page. */
export function fromInvoiceToken(token: string | undefined): InvoiceCursor | undefined {
  if (token === undefined) return undefined;
  const [, at, position] = TOKEN.exec(Buffer.from(token, "base64url").toString("latin1")) ?? [];
  if (at === undefined || position === undefined || Number.isNaN(Date.parse(at))) {
    throw invalid("next_page is not a token of this list", "next_page");
  }
  return { at, position: BigInt(position) };
}

/** The token of the following page, null at the end. */
export const toInvoiceToken = (next: InvoiceCursor | undefined): string | null =>
  next === undefined
    ? null
    : Buffer.from(`i:${next.at}/${next.position}`, "latin1").toString("base64url");
