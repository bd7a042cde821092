import { expect, test } from "vitest";
import { dec, toText } from "../decimal.ts";
import { instant, instantText } from "../time.ts";
import type { Alert, AlertType, CustomFieldFilter } from "./alert.ts";
import type { HeldSegment } from "./held-segment.ts";
import {
  measureBalance,
  measureDays,
  measurePercentage,
  measureSeats,
  nextLookAt,
} from "./measure-balances.ts";
import type { Reading } from "./reading.ts";

const NOW = instant("2024-03-15T00:00:00Z");

const alert = (type: AlertType, threshold: string, extra: Partial<Alert> = {}): Alert => ({
  id: "alert",
  environmentId: "environment",
  type,
  name: "Low",
  threshold: dec(threshold),
  customerId: null,
  creditTypeId: "usd",
  metricId: null,
  customFieldFilters: [],
  groupValues: [],
  invoiceTypes: null,
  seatFilter: null,
  uniquenessKey: null,
  createdAt: "2024-01-01T00:00:00Z",
  archivedAt: null,
  position: 1n,
  ...extra,
});

const held = (id: string, granted: string, remaining: string, extra: Partial<HeldSegment> = {}) =>
  ({
    id,
    commitId: `commit of ${id}`,
    type: "PREPAID",
    creditTypeId: "usd",
    seat: null,
    startingAt: instant("2024-01-01T00:00:00Z"),
    endingBefore: instant("2025-01-01T00:00:00Z"),
    granted: dec(granted),
    remaining: dec(remaining),
    customFields: {},
    contractFields: {},
    ...extra,
  }) satisfies HeldSegment;

const CREDIT = { type: "CREDIT" } as const;
const ENDED = { endingBefore: instant("2024-03-15T00:00:00Z") };
const FUTURE = { startingAt: instant("2024-04-01T00:00:00Z") };
const SEAT = { seat: { groupKey: "user", seatId: "ann" } };

const show = (readings: readonly Reading[]) =>
  readings.map(({ subject, isReached, facts }) =>
    [
      subject,
      ...[facts.remainingBalance, facts.remainingPercentage, facts.remainingDays].flatMap((fact) =>
        fact === undefined ? [] : [toText(fact)],
      ),
      isReached ? "reached" : "-",
    ].join(" "),
  );

test.each<[string, AlertType, string, HeldSegment[], string[]]>([
  [
    "above by a part of a cent",
    "low_remaining_commit_balance_reached",
    "500",
    [held("a", "1000", "500.01")],
    [" 500.01 -"],
  ],
  [
    "the threshold itself is reached",
    "low_remaining_commit_balance_reached",
    "500",
    [held("a", "1000", "500")],
    [" 500 reached"],
  ],
  [
    "commits add up: 300 + 201",
    "low_remaining_commit_balance_reached",
    "500",
    [held("a", "1000", "300"), held("b", "1000", "201", { contractFields: null })],
    [" 501 -"],
  ],
  [
    "a credit is no commit",
    "low_remaining_commit_balance_reached",
    "500",
    [held("a", "1000", "300"), held("b", "1000", "201", CREDIT)],
    [" 300 reached"],
  ],
  [
    "a commit is no credit",
    "low_remaining_contract_credit_balance_reached",
    "500",
    [held("a", "1000", "300"), held("b", "1000", "501", CREDIT)],
    [" 501 -"],
  ],
  [
    "both together: 300 + 201",
    "low_remaining_contract_credit_and_commit_balance_reached",
    "500",
    [held("a", "1000", "300"), held("b", "1000", "201", CREDIT)],
    [" 501 -"],
  ],
  [
    "what a seat has is nobody else's",
    "low_remaining_contract_credit_and_commit_balance_reached",
    "500",
    [held("a", "1000", "300"), held("b", "1000", "201", { ...CREDIT, ...SEAT })],
    [" 300 reached"],
  ],
  [
    "another credit type does not count",
    "low_remaining_commit_balance_reached",
    "500",
    [held("a", "1000", "300"), held("b", "1000", "900", { creditTypeId: "tokens" })],
    [" 300 reached"],
  ],
  [
    "what has ended, or has not begun, is not there",
    "low_remaining_commit_balance_reached",
    "500",
    [held("a", "1000", "1000", ENDED), held("b", "1000", "1000", FUTURE)],
    [" 0 reached"],
  ],
  [
    "nothing was granted yet, so nothing runs low",
    "low_remaining_commit_balance_reached",
    "500",
    [held("b", "1000", "1000", FUTURE)],
    [],
  ],
])("balance: %s", (_reason, type, threshold, segments, expected) => {
  expect(show(measureBalance(alert(type, threshold), segments, NOW))).toEqual(expected);
});

test.each<[string, string, HeldSegment[], string[]]>([
  ["a tenth is left", "10", [held("a", "1000", "100")], [" 100 10 reached"]],
  ["a cent more than a tenth", "10", [held("a", "1000", "101")], [" 101 10.1 -"]],
  [
    "of all that is granted: 100 + 200 of 1,000 + 2,000",
    "10",
    [held("a", "1000", "100"), held("b", "2000", "200")],
    [" 300 10 reached"],
  ],
  ["a third is not 33.33 percent", "33.33", [held("a", "3", "1")], [" 1 33.333333333333 -"]],
  [
    "what has ended was granted, but is not now",
    "10",
    [held("a", "1000", "0", ENDED), held("b", "1000", "500")],
    [" 500 50 -"],
  ],
  ["nothing is granted now", "10", [held("a", "1000", "0", ENDED)], []],
])("percentage: %s", (_reason, threshold, segments, expected) => {
  const low = alert("low_remaining_commit_percentage_reached", threshold);
  expect(show(measurePercentage(low, segments, NOW))).toEqual(expected);
});

const until = (text: string) => ({ endingBefore: instant(text) });

test.each<[string, string, string[], string[], string]>([
  [
    "each segment by itself",
    "30",
    ["2024-04-13T00:00:00Z", "2024-04-15T00:00:00Z"],
    ["0 29 reached", "1 31 -"],
    "2024-03-16T00:00:00Z",
  ],
  [
    "30 days before the end, not a second later",
    "30",
    ["2024-04-14T00:00:00Z"],
    ["0 30 reached"],
    "2024-04-14T00:00:00Z",
  ],
  [
    "half a day is 12 hours",
    "0.5",
    ["2024-03-15T12:00:01Z"],
    ["0 0.500011574074 -"],
    "2024-03-15T00:00:01Z",
  ],
  ["what has ended has no days", "30", ["2024-03-15T00:00:00Z"], [], "never"],
])("days: %s", (_reason, threshold, ends, expected, next) => {
  const low = alert("low_remaining_days_for_commit_segment_reached", threshold, {
    creditTypeId: null,
  });
  const segments = ends.map((end, index) => held(String(index), "1000", "0", until(end)));
  expect(show(measureDays(low, segments, NOW))).toEqual(expected);
  const at = nextLookAt([low], segments, NOW);
  expect(at === undefined ? "never" : instantText(at)).toBe(next);
});

test("seats: each has the sum of what it has now", () => {
  const bob = { seat: { groupKey: "user", seatId: "bob" } };
  const room = { seat: { groupKey: "room", seatId: "ann" } };
  const segments = [
    held("a", "100", "30", SEAT),
    held("b", "100", "20", { ...SEAT, ...CREDIT }),
    held("c", "100", "99", { ...SEAT, ...ENDED }),
    held("d", "100", "51", bob),
    held("e", "100", "0", room),
    held("f", "100", "0"),
  ];
  const of = (seatId: string | null) =>
    alert("low_remaining_seat_balance_reached", "50", { seatFilter: { groupKey: "user", seatId } });
  expect(show(measureSeats(of(null), segments, NOW))).toEqual(["ann 50 reached", "bob 51 -"]);
  expect(show(measureSeats(of("bob"), segments, NOW))).toEqual(["bob 51 -"]);
});

const vip = { customFields: { tier: "vip" } };
test.each<[string, CustomFieldFilter[], string]>([
  ["none: all of it, 1 + 2 + 4 + 8", [], "15"],
  ["commits of the tier, and all credits: 1 + 4 + 8", [["Commit"]].map(only), "13"],
  ["credits of the tier, and all commits: 1 + 2 + 4", [["ContractCredit"]].map(only), "7"],
  ["either, of the tier: 1 + 4", [["ContractCreditOrCommit"]].map(only), "5"],
  ["of the contract of that region: 2", [{ entity: "Contract", key: "region", value: "eu" }], "2"],
  [
    "of both: nothing was granted",
    [{ entity: "Contract", key: "region", value: "eu" }, only(["Commit"])],
    "none",
  ],
])("filters, %s", (_reason, customFieldFilters, expected) => {
  const segments = [
    held("a", "1", "1", vip),
    held("b", "2", "2", { contractFields: { region: "eu" } }),
    held("c", "4", "4", { ...CREDIT, ...vip }),
    held("d", "8", "8", { ...CREDIT, contractFields: null }),
  ];
  const low = alert("low_remaining_contract_credit_and_commit_balance_reached", "0", {
    customFieldFilters,
  });
  const [found] = measureBalance(low, segments, NOW);
  expect(found?.facts.remainingBalance ? toText(found.facts.remainingBalance) : "none").toBe(
    expected,
  );
});

function only([entity]: string[]): CustomFieldFilter {
  return { entity: entity as CustomFieldFilter["entity"], key: "tier", value: "vip" };
}
