import { AppError } from "../../errors.ts";
import type { Method, Outgoing } from "../../platform/network/outgoing.ts";
import type { WriteResult } from "../delivery-step.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { ProviderReadError } from "../read-error.ts";

const TIMEOUT_MS = 10_000;
const MAX_RESPONSE_BYTES = 4_000_000;
/** Longer than this no worker waits: the next attempt is then due on the environment's clock. */
const MAX_WAIT_SECONDS = 60;

export interface SystemCall {
  readonly method: Method;
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly idempotencyKey?: string;
}

/** What a call came to: the JSON that was answered, or why there is none. */
export type Answer =
  | { readonly outcome: "answered"; readonly body: unknown; readonly isRepeated: boolean }
  | {
      readonly outcome: "refused" | "in_trouble";
      readonly status: number | undefined;
      readonly code: string;
      readonly message: string;
      readonly isRepeated: boolean;
      readonly afterSeconds: number | undefined;
    };

/** Statuses after which the same call may succeed later. */
const isTransient = (status: number): boolean =>
  status >= 500 || [408, 409, 423, 425, 429].includes(status);

const CODES: Readonly<Record<number, string>> = { 401: "auth_failed", 403: "permission_denied" };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const inTrouble = (message: string): Answer => ({
  outcome: "in_trouble",
  status: undefined,
  code: "provider_unavailable",
  message,
  isRepeated: false,
  afterSeconds: undefined,
});

/** Makes one call. What went wrong is answered; it never carries the credential. */
export async function callSystem(
  outgoing: Outgoing,
  { credential, settings }: ProviderConnection,
  { method, path, body, idempotencyKey }: SystemCall,
): Promise<Answer> {
  try {
    const {
      status,
      headers,
      body: text,
    } = await outgoing.request(method, `${settings.base_url}${path}`, {
      headers: {
        accept: "application/json",
        authorization: `Bearer ${credential.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      body: body === undefined ? "" : JSON.stringify(body),
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    });
    return read(status, headers, text);
  } catch (error) {
    if (error instanceof AppError) {
      return { ...inTrouble(error.message), outcome: "refused", code: error.code } as Answer;
    }
    return inTrouble(
      `The system does not answer: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function read(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  text: string,
): Answer {
  const body = parse(text);
  const isRepeated = headers["idempotent-replayed"] === "true";
  if (status >= 200 && status < 300) {
    return body === undefined
      ? inTrouble("The system answered what is no JSON.")
      : { outcome: "answered", body, isRepeated };
  }
  const { error } = (body ?? {}) as { error?: { code?: unknown; message?: unknown } };
  const wait = String(headers["retry-after"] ?? "");
  return {
    outcome: isTransient(status) ? "in_trouble" : "refused",
    status,
    code: CODES[status] ?? (typeof error?.code === "string" ? error.code : "rejected"),
    message: typeof error?.message === "string" ? error.message : `The system answered ${status}.`,
    isRepeated,
    afterSeconds: /^\d{1,9}$/.test(wait) ? Math.min(Number(wait), MAX_WAIT_SECONDS) : undefined,
  };
}

/** The outcome of a write. One that may have happened is `retry`: the next look tells. */
export function toWriteResult(answer: Answer, externalId?: string): WriteResult {
  if (answer.outcome === "answered") {
    const { body: reply, isRepeated } = answer;
    return {
      outcome: "accepted",
      ...(externalId === undefined ? {} : { externalId }),
      ...(isRepeated ? {} : { reply }),
    };
  }
  const { code, message, isRepeated, afterSeconds } = answer;
  if (answer.outcome === "refused") {
    return { outcome: "rejected", code, message, replayed: isRepeated };
  }
  return {
    outcome: "retry",
    message,
    newKey: isRepeated,
    ...(afterSeconds === undefined ? {} : { afterSeconds }),
  };
}

/** A read that failed, in the core's terms. */
export const toReadError = (answer: Exclude<Answer, { outcome: "answered" }>): ProviderReadError =>
  new ProviderReadError(answer.message, {
    code: answer.code,
    permanent: answer.outcome === "refused",
    afterSeconds: answer.afterSeconds,
  });
