import { expect, test } from "vitest";
import { dec, toText } from "../decimal.ts";
import { instant, instantText } from "../time.ts";
import { currentBalance, type LedgerEntry, type LedgerInput, ledgerEntries } from "./ledger.ts";

const drawDown = (amount: string, date: string, segmentId = "s1"): LedgerEntry => ({
  type: "CREDIT_AUTOMATED_INVOICE_DEDUCTION",
  segmentId,
  amount: dec(amount),
  at: instant(`${date}T00:00:00Z`),
  invoiceId: "i1",
  contractId: null,
  reason: null,
});
const input = (now: string, movements: LedgerEntry[]): LedgerInput => ({
  type: "CREDIT",
  segments: [
    {
      id: "s1",
      amount: dec("500"),
      startingAt: instant("2024-01-01T00:00:00Z"),
      endingBefore: instant("2024-01-16T00:00:00Z"),
    },
    {
      id: "s2",
      amount: dec("100"),
      startingAt: instant("2024-02-01T00:00:00Z"),
      endingBefore: instant("2024-03-01T00:00:00Z"),
    },
  ],
  movements,
  expires: true,
  archivedAt: null,
  now: instant(now),
});

test.each<[string, LedgerEntry[], string[], string, string]>([
  ["2023-12-31T23:00:00Z", [], [], "0", "nothing has started"],
  ["2024-01-01T00:00:00Z", [], ["+500 01-01"], "500", "a segment starts at its instant"],
  [
    "2024-01-10T00:00:00Z",
    [drawDown("-410", "2024-01-16")],
    ["+500 01-01", "-410 01-16"],
    "90",
    "a draft's reservation counts before its date",
  ],
  [
    "2024-01-16T00:00:00Z",
    [drawDown("-410", "2024-01-16")],
    ["+500 01-01", "-410 01-16", "-90 01-16"],
    "0",
    "500 - 410 = 90 expire at the end, after the draw-down of that instant",
  ],
  [
    "2024-02-01T00:00:00Z",
    [drawDown("-500", "2024-01-16"), drawDown("-30.5", "2024-02-01", "s2")],
    ["+500 01-01", "-500 01-16", "+100 02-01", "-30.5 02-01"],
    "69.5",
    "a used up segment leaves nothing to expire; a grant comes first at its instant",
  ],
])("at %s with %# movements", (now, movements, entries, balance) => {
  const ledger = ledgerEntries(input(now, movements));
  expect(
    ledger.map(
      ({ amount, at }) =>
        `${amount.gt(dec("0")) ? "+" : ""}${toText(amount)} ${instantText(at).slice(5, 10)}`,
    ),
  ).toEqual(entries);
  expect(toText(currentBalance(input(now, movements)))).toBe(balance);
});

test("a postpaid commit that is trued up does not expire; its balance ends with access", () => {
  const movements = [{ ...drawDown("-410", "2024-01-16"), type: "POSTPAID_COMMIT_TRUEUP" }];
  const ended = { ...input("2024-01-20T00:00:00Z", movements), type: "POSTPAID" as const };
  const types = (ledger: LedgerInput) => ledgerEntries(ledger).map(({ type }) => type);
  expect(types({ ...ended, expires: false })).toEqual([
    "POSTPAID_COMMIT_INITIAL_BALANCE",
    "POSTPAID_COMMIT_TRUEUP",
  ]);
  expect(types({ ...ended, expires: true }).at(-1)).toBe("POSTPAID_COMMIT_EXPIRATION");
  expect(toText(currentBalance(ended))).toBe("0");
});

test.each<[string, string[], string]>([
  ["2024-01-10T00:00:00Z", ["+500 01-01", "-100 01-05", "-400 01-10"], "the rest goes at once"],
  ["2024-01-20T00:00:00Z", ["+500 01-01", "-100 01-05", "-400 01-16"], "access had ended before"],
  ["2024-01-01T00:00:00Z", ["-100 01-05"], "what had not begun is never granted"],
])("archived at %s: %j, because %s", (archivedAt, entries) => {
  const moved = input("2024-03-05T00:00:00Z", [drawDown("-100", "2024-01-05")]);
  const archived = { ...moved, archivedAt: instant(archivedAt) };
  const shown = ledgerEntries(archived).map(
    ({ amount, at }) =>
      `${amount.gt(dec("0")) ? "+" : ""}${toText(amount)} ${instantText(at).slice(5, 10)}`,
  );
  expect(shown).toEqual(entries);
});

test("a segment that was overdrawn counts as empty and takes nothing from others", () => {
  const overdrawn = input("2024-01-10T00:00:00Z", [drawDown("-600", "2024-01-05")]);
  expect(toText(currentBalance(overdrawn))).toBe("0");
});
