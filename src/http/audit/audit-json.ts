import { createHash } from "node:crypto";
import { readExact, writeExact } from "../../platform/json/exact-json.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** What one of `change`, `before` and `after` may weigh. */
export const MAX_BYTES = 16_384;

/** JSON text as it is kept: larger than the bound, its size and hash stand in its place. */
function bounded(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BYTES) return text;
  const sha256 = createHash("sha256").update(text).digest("hex");
  return JSON.stringify({ truncated: true, sha256, bytes });
}

/** A value as the audit log keeps it: without secrets, bounded. Nothing is null. */
export const toAuditJson = (value: unknown): string | null =>
  value === undefined || value === null ? null : bounded(writeExact(withoutSecrets(value)));

/** The data of a reply, from its text. What is too large to be kept is not read. */
export function replyData(text: string): unknown {
  if (text === "" || Buffer.byteLength(text) > 2 * MAX_BYTES) return undefined;
  const reply = readExact(text);
  if (typeof reply !== "object" || reply === null || !("data" in reply)) return reply;
  return reply.data;
}

/** What a reply says, as the audit log keeps it. */
export const replyJson = (text: string): string | null => {
  if (text === "") return null;
  return Buffer.byteLength(text) > 2 * MAX_BYTES ? bounded(text) : toAuditJson(replyData(text));
};
