import { createHmac } from "node:crypto";
import type { Instant } from "../time.ts";

/** RFC 1123, as in the HTTP header `Date`: receivers read it back with JavaScript's Date. */
export const httpDate = (at: Instant): string => new Date(at.epochMilliseconds).toUTCString();

/**
 * HMAC-SHA256 of date and body under the endpoint's secret, in lower-case hex. Receivers refuse a
 * date more than five minutes off, so each try is signed anew (Metronome docs: "Webhooks").
 */
export const signWebhook = (secret: string, date: string, body: string): string =>
  createHmac("sha256", secret).update(`${date}\n${body}`, "utf8").digest("hex");
