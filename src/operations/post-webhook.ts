import type { Instant } from "../domain/time.ts";
import { httpDate, signWebhook } from "../domain/webhooks/signature.ts";
import type { Outgoing } from "../platform/network/outgoing.ts";

export interface WebhookPost {
  readonly url: string;
  readonly body: string;
  readonly secret: string;
  /** Sent along for receivers that ask for one. */
  readonly apiKey?: string | undefined;
  /** Real time: receivers compare it with their own clock. */
  readonly attemptedAt: Instant;
  readonly timeoutMs: number;
}

export interface WebhookAnswer {
  /** null when there was no answer at all. */
  readonly status: number | null;
  /** null when the receiver took the message. */
  readonly error: string | null;
  readonly timedOut: boolean;
}

const MAX_RESPONSE_BYTES = 16_384;
const MAX_ERROR_LENGTH = 500;
/** What a call that was ended by its time limit is named. */
const TIMEOUT_NAMES = ["TimeoutError", "AbortError"];

/** Posts and signs one message. Every answer but 2xx, and none at all, is a failed try; never throws. */
export async function postWebhook(
  outgoing: Outgoing,
  { url, body, secret, apiKey, attemptedAt, timeoutMs }: WebhookPost,
): Promise<WebhookAnswer> {
  const date = httpDate(attemptedAt);
  try {
    const { status } = await outgoing.post(url, {
      headers: {
        "content-type": "application/json",
        "user-agent": "Ledgerline-Webhooks/1",
        date,
        "x-metronome-date": date,
        "metronome-webhook-signature": signWebhook(secret, date, body),
        ...(apiKey === undefined ? {} : { "x-api-key": apiKey }),
      },
      body,
      timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    });
    if (status >= 200 && status < 300) return { status, error: null, timedOut: false };
    return { status, error: `The receiver answered ${status}`, timedOut: false };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    if (TIMEOUT_NAMES.includes(name)) {
      return { status: null, error: `No answer within ${timeoutMs} ms`, timedOut: true };
    }
    const text = message === "" ? name : message;
    return { status: null, error: text.slice(0, MAX_ERROR_LENGTH), timedOut: false };
  }
}
