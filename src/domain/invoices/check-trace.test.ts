import fc from "fast-check";
import { expect, test } from "vitest";
import { anyTerms } from "../../../test/support/arbitrary-terms.ts";
import { rateInvoices } from "../rating/rate-invoices.ts";
import { toPlain } from "./canonical.ts";
import { traceFaults } from "./check-trace.ts";
import type { InvoiceLine } from "./line.ts";
import type { StoredStep } from "./stored-step.ts";

const stored = (line: InvoiceLine) => ({
  line: toPlain(line) as unknown as { lineKey: string; type: string; total: string },
  steps: toPlain(line.trace) as unknown as StoredStep[],
});

test("whatever is agreed, the steps of every line come to its total", () => {
  fc.assert(
    fc.property(anyTerms, (snapshot) => {
      for (const line of rateInvoices(snapshot).invoices.flatMap(({ lines }) => lines)) {
        const { line: own, steps } = stored(line);
        expect(traceFaults(own, steps)).toEqual([]);
      }
    }),
    { numRuns: 80 },
  );
});

test.each([
  [
    { step: "price", quantity: "3", unitPrice: "100", amount: "301" },
    "301",
    ["line a: step price says 301, and comes to 300"],
  ],
  [
    { step: "price", quantity: "3", unitPrice: "100", amount: "300" },
    "299",
    ["line a: its total is 299, and its steps come to 300"],
  ],
  [
    { step: "commit", commitId: "c", segmentId: "s", before: "500", amount: "300", after: "100" },
    "300",
    ["line a: step commit says 100, and comes to 200"],
  ],
  [
    { step: "minimum", minimum: "10", spent: "4", amount: "5" },
    "5",
    ["line a: step minimum says 5, and comes to 6"],
  ],
  [
    { step: "true-up", commitId: "c", segmentId: "s", committed: "9", applied: "4", amount: "4" },
    "4",
    ["line a: step true-up says 4, and comes to 5"],
  ],
  [
    { step: "correction", invoiceId: "i", billed: "3", due: "7", amount: "5" },
    "5",
    ["line a: step correction says 5, and comes to 4"],
  ],
])("%j of a line of %s is found", (step, total, faults) => {
  const line = { lineKey: "a", type: "usage", total };
  expect(traceFaults(line, [step as StoredStep])).toEqual(faults);
});
