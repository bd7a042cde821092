import type { WriteResult } from "../delivery-step.ts";
import { ACCESS_CODES, ProviderReadError } from "../read-error.ts";
import { remedyFor } from "./remedies.ts";

/** What is to be done about a call that failed. */
export type Reaction =
  /** The consent or the rights are gone: a person must act, and every further call fails the same. */
  | "access"
  /** The company has too much to do; it is left alone for a while. */
  | "throttled"
  /** What came of the call is unknown: the next look tells. */
  | "unknown"
  /** Something there is not what it was taken for: look again and decide anew. */
  | "look"
  /** It certainly did not happen, and will not: a person must act. */
  | "refused";

/** Why a call failed, in words that may be shown: details of Intuit's may hold what is nobody's business. */
export interface Fault {
  readonly reaction: Reaction;
  /** undefined: nothing was answered. */
  readonly status: number | undefined;
  /** Intuit's own code, or ours where there is none. */
  readonly code: string;
  readonly message: string;
  /** Intuit's number of the call, for its support. */
  readonly tid: string | undefined;
}

/** How long a throttled company is left alone (Intuit docs: "API call limits and throttles"). */
export const THROTTLE_SECONDS = 60;

export const EXPIRED = "3200";
export const GONE = "610";
const NUMBER_TAKEN = "6140";
const NAME_TAKEN = "6240";
const BOOKS_CLOSED = "6210";

/** Codes of refusals that were about what the document or the thing is called. */
export const TAKEN = {
  number: `quickbooks_${NUMBER_TAKEN}`,
  name: `quickbooks_${NAME_TAKEN}`,
} as const;

/** Intuit docs, "Error codes": what each asks for. Whatever is not here is refused. */
const REACTIONS: Readonly<Record<string, Reaction>> = {
  [EXPIRED]: "access",
  "120": "access",
  "3001": "throttled",
  "10000": "unknown",
  "600": "look",
  [NUMBER_TAKEN]: "look",
  [NAME_TAKEN]: "look",
  "5010": "look",
};

const byStatus = (status: number): Pick<Fault, "reaction" | "code" | "message"> => {
  if (status === 429) {
    return { reaction: "throttled", code: "3001", message: "QuickBooks throttles the company." };
  }
  if (status === 401) {
    return { reaction: "access", code: EXPIRED, message: "QuickBooks refuses the token." };
  }
  if (status === 403) {
    return {
      reaction: "access",
      code: "forbidden",
      message: "QuickBooks does not let the app into the company.",
    };
  }
  if (status >= 500 || status === 408 || status === 200) {
    return { reaction: "unknown", code: "10000", message: `QuickBooks answered ${status}.` };
  }
  return { reaction: "refused", code: "rejected", message: `QuickBooks answered ${status}.` };
};

interface ErrorEntry {
  readonly code?: unknown;
  readonly Message?: unknown;
  readonly message?: unknown;
  readonly Detail?: unknown;
  readonly element?: unknown;
}

/** The first error of either envelope: of the books, or, in lower case, of the gate before them. */
function firstError(body: unknown): ErrorEntry | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { Fault: ofBooks, fault: ofGate } = body as Readonly<Record<string, unknown>>;
  const fault = (ofBooks ?? ofGate) as Readonly<Record<string, unknown>> | undefined;
  const errors = fault?.Error ?? fault?.error;
  return Array.isArray(errors) ? ((errors[0] ?? {}) as ErrorEntry) : fault && {};
}

const textOf = (value: unknown): string | undefined =>
  (typeof value === "string" && value !== "") || typeof value === "number"
    ? String(value)
    : undefined;

/**
 * Why an answer is none, or undefined when it is one. A fault may come with status 200, and a throttled
 * call may be answered in XML. Pure.
 */
export function readFault(
  status: number,
  body: unknown,
  tid: string | undefined,
): Fault | undefined {
  const error = firstError(body);
  if (error === undefined && status >= 200 && status < 300 && body !== undefined) return undefined;
  const plain = byStatus(status);
  const code = textOf(error?.code) ?? plain.code;
  const reaction =
    plain.reaction === "throttled" || (status >= 500 && error === undefined)
      ? plain.reaction
      : (REACTIONS[code] ?? (error === undefined ? plain.reaction : reactionOf(status)));
  const said = textOf(error?.Message) ?? textOf(error?.message);
  const element = textOf(error?.element);
  const message = [
    said === undefined ? plain.message : `QuickBooks: ${said.slice(0, 300)} (${code}).`,
    ...(element === undefined ? [] : [`Field: ${element.slice(0, 100)}.`]),
    ...remedyFor(code, element, [said, textOf(error?.Detail)]),
    ...(tid === undefined ? [] : [`Intuit's number of the call: ${tid.slice(0, 100)}.`]),
  ].join(" ");
  return { reaction, status, code, message, tid };
}

/** Of a code that says nothing to us, the status decides. */
const reactionOf = (status: number): Reaction =>
  status === 200 ? "refused" : byStatus(status).reaction;

/** Nothing was answered, for a reason that is none of Intuit's words. */
export const noAnswer = (reason: string): Fault => ({
  reaction: "unknown",
  status: undefined,
  code: "provider_unavailable",
  message: `QuickBooks does not answer: ${reason}`,
  tid: undefined,
});

/** In the core's words where the core has one, else Intuit's own code behind our prefix. */
export const codeOf = ({ reaction, code }: Fault): string => {
  if (reaction === "access") {
    return code === EXPIRED ? ACCESS_CODES.refused : ACCESS_CODES.forbidden;
  }
  if (code === BOOKS_CLOSED) return "accounting_period_closed";
  return /^\d+$/.test(code) ? `quickbooks_${code}` : code;
};

/** The outcome of a write that failed. */
export function toWriteFailure(fault: Fault): WriteResult {
  const { reaction, message } = fault;
  switch (reaction) {
    case "unknown":
      return { outcome: "retry", message, newKey: false };
    case "throttled":
      return {
        outcome: "retry",
        message,
        newKey: false,
        afterSeconds: THROTTLE_SECONDS,
        throttled: true,
      };
    case "look":
      return { outcome: "rejected", code: codeOf(fault), message, replayed: true };
    default:
      return { outcome: "rejected", code: codeOf(fault), message, replayed: false };
  }
}

/** A read that failed. */
export const toReadFailure = (fault: Fault): ProviderReadError =>
  new ProviderReadError(fault.message, {
    code: codeOf(fault),
    permanent: fault.reaction === "access" || fault.reaction === "refused",
    throttled: fault.reaction === "throttled",
    afterSeconds: fault.reaction === "throttled" ? THROTTLE_SECONDS : undefined,
  });
