/** What a run is called on the integrations API, m3ter's RunStatus in full. */
export const RUN_WORDS = [
  "WAITING",
  "STARTED",
  "COMPLETE",
  "ERROR",
  "AWAITING_RETRY",
  "RATE_LIMIT_RETRY",
  "AUTH_FAILED",
  "ACCOUNTING_PERIOD_CLOSED",
  "INVOICE_ALREADY_PAID",
  "DISABLED",
  "TIMEOUT_LIMIT_EXCEEDED",
] as const;

export type RunWord = (typeof RUN_WORDS)[number];

/** What of a run its word follows from. */
export interface RunFacts {
  readonly status: "QUEUED" | "RUNNING" | "SENT" | "SKIPPED" | "FAILED";
  /** Between two attempts: what the next one waits for. */
  readonly waitsFor: "retry" | "rate_limit" | null;
  readonly errorCode: string | null;
}

/** Failures that have a word of their own; every other one is an ERROR. */
const BY_CODE: Readonly<Record<string, RunWord>> = {
  integration_disabled: "DISABLED",
  auth_failed: "AUTH_FAILED",
  permission_denied: "AUTH_FAILED",
  invalid_client: "AUTH_FAILED",
  authorization_required: "AUTH_FAILED",
  connection_missing: "AUTH_FAILED",
  integration_not_connected: "AUTH_FAILED",
  accounting_period_closed: "ACCOUNTING_PERIOD_CLOSED",
  invoice_already_paid: "INVOICE_ALREADY_PAID",
  provider_unavailable: "TIMEOUT_LIMIT_EXCEEDED",
  does_not_converge: "TIMEOUT_LIMIT_EXCEEDED",
};

/** Our state of a run in m3ter's words. */
export function toRunWord({ status, waitsFor, errorCode }: RunFacts): RunWord {
  switch (status) {
    case "SENT":
    case "SKIPPED":
      return "COMPLETE";
    case "FAILED":
      return BY_CODE[errorCode ?? ""] ?? "ERROR";
    default:
      if (waitsFor === "rate_limit") return "RATE_LIMIT_RETRY";
      if (waitsFor === "retry") return "AWAITING_RETRY";
      return status === "QUEUED" ? "WAITING" : "STARTED";
  }
}

/** What a stored run must be for its word to be this one. */
export interface RunCondition {
  readonly statuses: readonly RunFacts["status"][];
  readonly waitsFor?: RunFacts["waitsFor"];
  readonly codes?: readonly string[];
  readonly otherCodesThan?: readonly string[];
}

const UNDER_WAY = ["QUEUED", "RUNNING"] as const;

/** The runs that have a word, as toRunWord gives it: for queries. */
export function runsOfWord(word: RunWord): RunCondition {
  switch (word) {
    case "WAITING":
      return { statuses: ["QUEUED"], waitsFor: null };
    case "STARTED":
      return { statuses: ["RUNNING"], waitsFor: null };
    case "AWAITING_RETRY":
      return { statuses: UNDER_WAY, waitsFor: "retry" };
    case "RATE_LIMIT_RETRY":
      return { statuses: UNDER_WAY, waitsFor: "rate_limit" };
    case "COMPLETE":
      return { statuses: ["SENT", "SKIPPED"] };
    case "ERROR":
      return { statuses: ["FAILED"], otherCodesThan: Object.keys(BY_CODE) };
    default:
      return {
        statuses: ["FAILED"],
        codes: Object.keys(BY_CODE).filter((code) => BY_CODE[code] === word),
      };
  }
}

/** Whether a run that ended so brings its configuration nearer to being disabled. */
export const countsAsError = (word: RunWord): boolean =>
  word === "ERROR" || word === "AUTH_FAILED" || word === "TIMEOUT_LIMIT_EXCEEDED";

/** So many errors one after the other disable a configuration (docs/integration-runs.md). */
export const MAX_SUCCESSIVE_ERRORS = 10;
