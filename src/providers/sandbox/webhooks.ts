import { createHmac, timingSafeEqual } from "node:crypto";
import type { ProviderConnection } from "../provider-connection.ts";
import type { VerifiedEvent } from "../verified-event.ts";

const TOLERANCE_SECONDS = 300;
const SIGNATURE = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/** `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`: the header that a call must carry. */
export const signWebhook = (rawBody: Buffer | string, secret: string, seconds: number): string => {
  const digest = createHmac("sha256", secret).update(`${seconds}.`).update(rawBody).digest("hex");
  return `t=${seconds},v1=${digest}`;
};

function parse(rawBody: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(rawBody.toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** The event `{id, type, document: {id, reference}}`, when its signature fits and is not too old. */
export function verifySandboxWebhook(
  { credential }: ProviderConnection,
  rawBody: Buffer,
  header: string,
  nowSeconds: number = Math.floor(Date.now() / 1000),
): VerifiedEvent | undefined {
  const secret = textOf(credential.webhook_secret);
  const [, time] = SIGNATURE.exec(header) ?? [];
  if (secret === undefined || time === undefined) return undefined;
  if (Math.abs(nowSeconds - Number(time)) > TOLERANCE_SECONDS) return undefined;
  const expected = Buffer.from(signWebhook(rawBody, secret, Number(time)));
  const given = Buffer.from(header);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  const event = parse(rawBody);
  const [eventId, type] = [textOf(event?.id), textOf(event?.type)];
  if (eventId === undefined || type === undefined) return undefined;
  const document = (event?.document ?? {}) as Readonly<Record<string, unknown>>;
  return {
    eventId,
    type,
    externalId: textOf(document.id),
    invoiceId: textOf(document.reference),
  };
}
