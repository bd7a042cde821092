import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  flat,
  item,
  rate,
  row,
  type Sample,
  scheduledInvoice,
  segment,
  showLines,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import type { Commit, CommitType } from "../commits/commit.ts";
import { dec, toText } from "../decimal.ts";
import type { RatingResult } from "./snapshot.ts";

const old = contract({ endingBefore: at("2024-02-01") });
const next = contract({ id: "next", startingAt: at("2024-02-01") });
const third = contract({ id: "third", startingAt: at("2024-03-01") });

/** A commit of the contract for its term. */
const agreed = (type: CommitType, amount: string, more: Partial<Commit> = {}) =>
  commit("agreed", type, [segment(amount, "2024-01-01", "2024-02-01")], more);

/** What `from` leaves, on the contract `to` from `on` until the end of 2024. */
const carried = (
  from: Commit,
  to: string,
  on: string,
  fraction: string,
  more: Partial<Commit> = {},
): Commit => ({
  ...commit(`from ${from.id}`, from.type, [segment("0", on, "2025-01-01")], {
    contractId: to,
    isRollover: true,
    ...more,
  }),
  segments: [
    {
      ...segment("0", on, "2025-01-01", `from ${from.id}/0`),
      source: { segmentId: `${from.id}/0`, fraction: dec(fraction) },
    },
  ],
});

/** January on the old contract, February on the next one, at 1 cent a call. */
const sample = (january: string, february: string, commits: readonly Commit[]): Sample => ({
  contracts: [old, next],
  products: [usageProduct("calls")],
  rates: [flat("calls", "1")],
  rollups: [used("calls", row("2024-01-31T23", january), row("2024-02-01T00", february))],
  commits,
  requests: [
    usageInvoice("2024-02-01", "2024-03-01", "next"),
    usageInvoice("2024-01-01", "2024-02-01"),
  ],
});

const showBalances = ({ balances }: RatingResult) =>
  Object.fromEntries(
    balances.map(({ segmentId, ...amounts }) => [
      segmentId,
      `${toText(amounts.granted)} = ${toText(amounts.used)} used + ${toText(amounts.remaining)} left + ${toText(amounts.rolledOver)} on`,
    ]),
  );

describe("what a renewal carries over", () => {
  test.each<[CommitType, string, string, string, string]>([
    ["PREPAID", "90000", "0.5", "10000", "10,000 are left, less than half of 100,000"],
    ["PREPAID", "20000", "0.5", "50000", "80,000 are left, half of 100,000 is the most"],
    ["PREPAID", "100000", "0.5", "0", "nothing is left"],
    ["PREPAID", "130000", "1", "0", "usage beyond the commit leaves nothing, and owes nothing"],
    ["PREPAID", "20000", "0", "0", "the fraction is 0"],
    ["PREPAID", "20000", "1", "80000", "all that is left"],
    ["CREDIT", "20000", "0.25", "25000", "credits as commits"],
    ["POSTPAID", "20000", "0.5", "50000", "of a postpaid commit, what is not met yet"],
  ])("%s, %s used, fraction %s: %s, because %s", (type, usage, fraction, expected, _reason) => {
    const source = agreed(type, "100000");
    const result = rate(
      sample(usage, "0", [source, carried(source, "next", "2024-02-01", fraction)]),
    );
    expect(result.rollovers.map(({ amount, ...rest }) => [toText(amount), rest])).toEqual([
      [
        expected,
        {
          fromCommitId: "agreed",
          fromSegmentId: "agreed/0",
          commitType: type,
          toCommitId: "from agreed",
          toSegmentId: "from agreed/0",
          toContractId: "next",
          at: at("2024-02-01"),
        },
      ],
    ]);
  });

  test("it pays for the next contract, before its own commits, and only what was carried", () => {
    const source = agreed("PREPAID", "100000");
    const own = commit("own", "PREPAID", [segment("5000", "2024-02-01", "2025-01-01")], {
      contractId: "next",
      priority: dec("1"),
    });
    const result = rate(
      sample("90000", "12000", [own, source, carried(source, "next", "2024-02-01", "0.5")]),
    );
    expect(result.invoices.map(showLines)).toEqual([
      ["calls 90000 x 1 = 90000 <- agreed/0", "agreed applied = -90000 <- agreed/0"],
      [
        "calls 10000 x 1 = 10000 <- from agreed/0",
        "calls 2000 x 1 = 2000 <- own/0",
        "from agreed applied = -10000 <- from agreed/0",
        "own applied = -2000 <- own/0",
      ],
    ]);
    expect(showBalances(result)).toEqual({
      "agreed/0": "100000 = 90000 used + 0 left + 10000 on",
      "from agreed/0": "10000 = 10000 used + 0 left + 0 on",
      "own/0": "5000 = 2000 used + 3000 left + 0 on",
    });
  });

  test("usage of the last hours changes it while the old contract's invoice is a draft", () => {
    const source = agreed("PREPAID", "100000");
    const commits = [source, carried(source, "next", "2024-02-01", "1")];
    const moved = (january: string) =>
      rate(sample(january, "0", commits)).rollovers.map(({ amount }) => toText(amount));
    expect([moved("60000"), moved("60001"), moved("99999.5")]).toEqual([
      ["40000"],
      ["39999"],
      ["0.5"],
    ]);
  });

  test("what was invoiced before counts as used, also when no invoice is asked for", () => {
    const [part = segment("0", "2024-01-01", "2024-02-01")] = agreed("PREPAID", "100000").segments;
    const source = { ...agreed("PREPAID", "100000"), segments: [{ ...part, used: dec("70000") }] };
    const result = rate({
      ...sample("0", "0", [source, carried(source, "next", "2024-02-01", "0.5")]),
      requests: [],
    });
    expect(showBalances(result)).toEqual({
      "agreed/0": "100000 = 70000 used + 0 left + 30000 on",
      "from agreed/0": "30000 = 0 used + 30000 left + 0 on",
    });
  });

  test("what has moved for good is gone from the old contract", () => {
    const [part = segment("0", "2024-01-01", "2024-02-01")] = agreed("PREPAID", "100000").segments;
    const source = {
      ...agreed("PREPAID", "100000"),
      segments: [{ ...part, used: dec("10000"), rolledOver: dec("50000") }],
    };
    expect(showBalances(rate(sample("0", "0", [source])))).toEqual({
      "agreed/0": "100000 = 10000 used + 40000 left + 50000 on",
    });
  });

  test("a commit that was archived leaves nothing", () => {
    const source = agreed("PREPAID", "100000");
    const result = rate(sample("0", "500", [carried(source, "next", "2024-02-01", "1")]));
    expect(result.rollovers).toEqual([]);
    expect(showBalances(result)).toEqual({
      "from agreed/0": "0 = 0 used + 0 left + 0 on",
    });
  });

  test("an invoice that is dated before the renewal takes nothing over yet", () => {
    const source = agreed("PREPAID", "100000");
    const early = { ...scheduledInvoice("2024-01-15"), contractId: "next" };
    const terms = sample("30000", "0", [source, carried(source, "next", "2024-02-01", "1")]);
    const result = rate({ ...terms, requests: [early, ...(terms.requests ?? [])] });
    expect(result.rollovers.map(({ amount }) => toText(amount))).toEqual(["70000"]);
  });
});

describe("a chain of renewals", () => {
  test("80,000 of 100,000 are left; 50,000 move on; 20,000 are used; 25,000 move on again", () => {
    const source = agreed("PREPAID", "100000");
    const second = carried(source, "next", "2024-02-01", "0.5");
    const last = carried(second, "third", "2024-03-01", "0.5");
    const result = rate({
      ...sample("20000", "20000", [last, second, source]),
      contracts: [old, { ...next, endingBefore: at("2024-03-01") }, third],
    });
    expect(showBalances(result)).toEqual({
      "agreed/0": "100000 = 20000 used + 30000 left + 50000 on",
      "from agreed/0": "50000 = 20000 used + 5000 left + 25000 on",
      "from from agreed/0": "25000 = 0 used + 25000 left + 0 on",
    });
  });
});

describe("true-ups beside a renewal", () => {
  test("what rolls over is not billed by the old true-up but owed by the new one", () => {
    const source = agreed("POSTPAID", "100000", {
      invoiceContractId: "contract",
      invoiceSchedule: [item("2024-02-01", "100000", "old date")],
    });
    const onward = carried(source, "next", "2024-02-01", "0.5", {
      invoiceContractId: "next",
      invoiceSchedule: [item("2025-01-01", "0", "new date")],
    });
    const terms = sample("20000", "8000", [source, onward]);
    const { invoices } = rate({
      ...terms,
      requests: [
        ...(terms.requests ?? []),
        scheduledInvoice("2024-02-01"),
        { ...scheduledInvoice("2025-01-01"), contractId: "next" },
      ],
    });
    const trueUps = invoices.flatMap(({ lines }) =>
      lines.filter(({ type }) => type === "commit_purchase"),
    );
    expect(trueUps.map(({ total, trace }) => [toText(total), trace])).toEqual([
      [
        "30000",
        [
          {
            step: "true-up",
            commitId: "agreed",
            segmentId: "agreed/0",
            committed: dec("100000"),
            applied: dec("20000"),
            rolledOver: dec("50000"),
            amount: dec("30000"),
          },
        ],
      ],
      [
        "42000",
        [
          {
            step: "true-up",
            commitId: "from agreed",
            segmentId: "from agreed/0",
            committed: dec("50000"),
            applied: dec("8000"),
            amount: dec("42000"),
          },
        ],
      ],
    ]);
  });
});
