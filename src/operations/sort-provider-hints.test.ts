import { expect, test } from "vitest";
import type { HintedRun } from "../store/hinted-runs.ts";
import { decideHint } from "./sort-provider-hints.ts";

const run = (externalStatus: string | null, more: Partial<HintedRun> = {}): HintedRun => ({
  status: "SENT",
  externalStatus,
  isBeingDelivered: false,
  ...more,
});

test.each<[string | undefined, HintedRun | undefined, string, string]>([
  ["DRAFT", undefined, "look", "its run may be one of ours that is not known yet"],
  ["PAID", run(null, { isBeingDelivered: true }), "wait", "the delivery looks for itself"],
  [undefined, run("PAID", { isBeingDelivered: true }), "wait", "whatever it tells"],
  ["DRAFT", run("FINALIZED"), "pass", "it was a draft before"],
  ["FINALIZED", run("FINALIZED"), "pass", "that is known"],
  ["PAID", run("PAID"), "pass", "that is known, a second event says it"],
  ["FINALIZED", run("PAID"), "pass", "it came late"],
  ["PAID", run("FINALIZED"), "look", "that is new"],
  [undefined, run("PAID"), "look", "it may tell of a refund or a failed payment"],
  ["FINALIZED", run("PAYMENT_FAILED"), "look", "only a look tells what became of it"],
  ["FINALIZED", run("DELETED"), "look", "it may have been made anew"],
  ["DRAFT", run(null), "look", "it was left as a draft: nothing of it is certain"],
  ["FINALIZED", run("FINALIZED", { status: "RUNNING" }), "look", "the delivery was interrupted"],
  ["PAID", run("PAID", { status: "FAILED" }), "look", "the delivery failed"],
])("told %s of %j: %s, because %s", (told, known, fate) => {
  expect(decideHint(told, known)).toBe(fate);
});
