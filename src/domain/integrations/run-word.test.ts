import { describe, expect, test } from "vitest";
import {
  countsAsError,
  RUN_WORDS,
  type RunFacts,
  type RunWord,
  runsOfWord,
  toRunWord,
} from "./run-word.ts";

type Row = readonly [
  RunFacts["status"],
  RunFacts["waitsFor"],
  string | null,
  RunWord,
  "counts" | "does not count",
];

const ROWS: readonly Row[] = [
  ["QUEUED", null, null, "WAITING", "does not count"],
  ["RUNNING", null, null, "STARTED", "does not count"],
  ["RUNNING", "retry", null, "AWAITING_RETRY", "does not count"],
  ["QUEUED", "retry", null, "AWAITING_RETRY", "does not count"],
  ["RUNNING", "rate_limit", null, "RATE_LIMIT_RETRY", "does not count"],
  ["SENT", null, null, "COMPLETE", "does not count"],
  ["SKIPPED", null, "skipped", "COMPLETE", "does not count"],
  ["SKIPPED", null, "duplicate_route", "COMPLETE", "does not count"],
  ["FAILED", null, "resource_missing", "ERROR", "counts"],
  ["FAILED", null, "filter_error", "ERROR", "counts"],
  ["FAILED", null, "missing_account_mapping", "ERROR", "counts"],
  ["FAILED", null, null, "ERROR", "counts"],
  ["FAILED", null, "auth_failed", "AUTH_FAILED", "counts"],
  ["FAILED", null, "invalid_client", "AUTH_FAILED", "counts"],
  ["FAILED", null, "authorization_required", "AUTH_FAILED", "counts"],
  ["FAILED", null, "connection_missing", "AUTH_FAILED", "counts"],
  ["FAILED", null, "integration_not_connected", "AUTH_FAILED", "counts"],
  ["FAILED", null, "provider_unavailable", "TIMEOUT_LIMIT_EXCEEDED", "counts"],
  ["FAILED", null, "does_not_converge", "TIMEOUT_LIMIT_EXCEEDED", "counts"],
  ["FAILED", null, "accounting_period_closed", "ACCOUNTING_PERIOD_CLOSED", "does not count"],
  ["FAILED", null, "invoice_already_paid", "INVOICE_ALREADY_PAID", "does not count"],
  ["FAILED", null, "integration_disabled", "DISABLED", "does not count"],
];

test.each(ROWS)("%s, waits for %s, code %s: %s, %s", (status, waitsFor, errorCode, word, count) => {
  const given = toRunWord({ status, waitsFor, errorCode });
  expect(given).toBe(word);
  expect(countsAsError(given)).toBe(count === "counts");
});

describe("a query for a word finds the runs that have it, and no others", () => {
  const fits = (word: RunWord, [status, waitsFor, code]: Row): boolean => {
    const wanted = runsOfWord(word);
    return (
      wanted.statuses.includes(status) &&
      (wanted.waitsFor === undefined || wanted.waitsFor === waitsFor) &&
      (wanted.codes === undefined || wanted.codes.includes(code ?? "")) &&
      !wanted.otherCodesThan?.includes(code ?? "")
    );
  };
  test.each(ROWS)("%s, %s, %s", (...row) => {
    expect(RUN_WORDS.filter((word) => fits(word, row))).toEqual([row[3]]);
  });
});
