import { createHash } from "node:crypto";

/** Names a line, as a draft's and, unchanged, as a final invoice's (store/exports/invoice-tables.ts). */
export const lineItemId = (invoiceId: string, lineKey: string): string =>
  createHash("md5")
    .update(`${invoiceId}:${lineKey}`)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
