import { expect, test } from "vitest";
import { decideStray, type Standing, type StrayRun } from "./stray.ts";

const run = (overrides: Partial<StrayRun> = {}): StrayRun => ({
  id: "run",
  connectionId: "here",
  status: "SENT",
  externalId: "in_other",
  externalStatus: "FINALIZED",
  ...overrides,
});

const empty = run({ status: "FAILED", externalId: null });
const deleted = run({ externalStatus: "DELETED" });

type Row = readonly [
  kind: "invoice" | "payment",
  standing: Standing,
  isInvoiceKnown: boolean,
  runs: readonly StrayRun[],
  expected: string | undefined,
  reason: string,
];

const ROWS: readonly Row[] = [
  ["invoice", "closed", true, [run()], undefined, "nobody has to pay it"],
  ["invoice", "missing", true, [run()], undefined, "it is gone"],
  ["invoice", "draft", true, [run({ status: "RUNNING" })], undefined, "it may just have been made"],
  ["invoice", "draft", false, [], "orphan_draft leave -", "another installation's, perhaps"],
  ["invoice", "paid", false, [], "orphan_final leave -", "the same, paid"],
  ["invoice", "draft", true, [run()], "orphan_draft discard run", "the run has another document"],
  ["invoice", "open", true, [run()], "duplicate_invoice discard run", "two could be paid"],
  ["invoice", "paid", true, [run()], "duplicate_invoice discard run", "two were paid"],
  ["invoice", "open", true, [empty], "orphan_final adopt run", "the creation was never answered"],
  ["invoice", "draft", true, [deleted], "orphan_draft adopt run", "its document was deleted"],
  ["invoice", "open", true, [], "orphan_final discard -", "nothing was ever to be sent"],
  [
    "invoice",
    "open",
    true,
    [run({ connectionId: "elsewhere" })],
    "orphan_final discard -",
    "it went over another account",
  ],
  [
    "invoice",
    "draft",
    true,
    [run({ status: "SKIPPED", externalId: null })],
    "orphan_draft discard -",
    "it was not to be sent",
  ],
  ["payment", "open", true, [run()], "orphan_payment discard run", "a second payment of it"],
];

test.each(ROWS)("%s %s, invoice known: %s, %#: %s %s, because %s", (...row) => {
  const [kind, standing, isInvoiceKnown, runs, expected] = row;
  const verdict = decideStray({ connectionId: "here", kind, standing, isInvoiceKnown, runs });
  const shown = verdict && `${verdict.class} ${verdict.remedy} ${verdict.runId ?? "-"}`;
  expect(shown).toBe(expected);
});
