import { createHash } from "node:crypto";
import { type Instant, instantText } from "../time.ts";
import type { InvoiceType } from "./invoice.ts";

/** What makes an invoice the invoice it is. */
export interface InvoiceIdentity {
  readonly environmentId: string;
  readonly contractId: string;
  readonly type: InvoiceType;
  /** Start of the billing period, or the scheduled instant. */
  readonly startingAt: Instant;
  readonly generation: number;
}

/** Of our own choosing, and fixed for ever: it is a part of every invoice id. */
const NAMESPACE = "b7a3f0d2-6c1e-4f0b-9a55-0d1c2f7e8a41";

/**
 * The id of an invoice: a version 5 UUID (RFC 9562) of its identity, so that rating the same period
 * again, on any machine, finds the invoice that is already there.
 */
export const invoiceId = (identity: InvoiceIdentity): string =>
  uuidV5(
    NAMESPACE,
    JSON.stringify([
      identity.environmentId,
      identity.contractId,
      identity.type,
      instantText(identity.startingAt),
      identity.generation,
    ]),
  );

/** Version 5 UUID: the SHA-1 of a namespace UUID and a name, with version and variant bits set. */
export function uuidV5(namespace: string, name: string): string {
  const digest = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join("-");
}
