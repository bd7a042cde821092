import { expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import { instantText } from "../time.ts";
import { rolloverWindow } from "./rollover-window.ts";

test.each<[string, string, string, string | null, string | null, string]>([
  [
    "2024-01-01",
    "2025-01-01",
    "2025-01-01",
    "2026-01-01",
    "2025-01-01 2026-01-01",
    "it ends as the next contract begins: it is open until that one ends",
  ],
  [
    "2024-01-01",
    "2025-01-01",
    "2024-07-01",
    "2026-01-01",
    "2024-07-01 2026-01-01",
    "an early renewal takes over what is open then",
  ],
  [
    "2024-01-01",
    "2025-01-01",
    "2025-01-01",
    null,
    "2025-01-01 2026-01-01",
    "without an end it is open for as long as it was: a year",
  ],
  [
    "2024-01-01",
    "2024-02-01",
    "2024-02-01",
    null,
    "2024-02-01 2024-03-01",
    "a calendar month, not 31 days",
  ],
  ["2024-01-01", "2024-12-31", "2025-01-01", "2026-01-01", null, "it expired the day before"],
  [
    "2025-01-01",
    "2026-01-01",
    "2024-07-01",
    "2026-01-01",
    "2025-01-01 2026-01-01",
    "what begins later begins then",
  ],
  [
    "2026-01-01",
    "2027-01-01",
    "2025-01-01",
    "2026-01-01",
    null,
    "it would begin when the next contract has ended",
  ],
])("%s to %s, next from %s to %s: %s, because %s", (from, to, start, end, expected, _reason) => {
  const window = rolloverWindow(
    { startingAt: at(from), endingBefore: at(to) },
    { startingAt: at(start), endingBefore: end === null ? null : at(end) },
  );
  const shown = window && [window.start, window.end].map((edge) => instantText(edge).slice(0, 10));
  expect(shown?.join(" ") ?? null).toBe(expected);
});
