import { describe, expect, test } from "vitest";
import { findCreditTypeOfCurrency } from "../credit-type.ts";
import { dec } from "../decimal.ts";
import { instant } from "../time.ts";
import {
  decideWriteBack,
  findBrokenAmount,
  findDifference,
  type KnownDocument,
  type WriteBack,
} from "./write-back.ts";

const at = (minute: number) => instant(`2024-02-02T10:${String(minute).padStart(2, "0")}:00Z`);

const WAITING: KnownDocument = {
  externalId: null,
  externalStatus: "QUEUED",
  toldAt: null,
  waits: true,
};
const known = (
  externalId: string | null,
  externalStatus: string,
  minute: number,
): KnownDocument => ({
  externalId,
  externalStatus,
  toldAt: at(minute),
  waits: false,
});
const waitsAgain = (minute: number): KnownDocument => ({ ...WAITING, toldAt: at(minute) });

const told = (status: WriteBack["status"], rest: Partial<WriteBack> = {}): WriteBack => ({
  status,
  externalId: null,
  error: null,
  occurredAt: null,
  ...rest,
});

/** The decision in one row. */
function show(before: KnownDocument, wrote: WriteBack): string {
  const decision = decideWriteBack(before, wrote);
  if (decision.outcome === "apply") return `apply ${decision.externalId}`;
  return decision.outcome === "stale" ? "stale" : `${decision.outcome} ${decision.field}`;
}

describe("whether a write-back counts", () => {
  test.each([
    [WAITING, told("FINALIZED", { externalId: "A" }), "apply A", "the first that is told"],
    [WAITING, told("FINALIZED"), "invalid external_id", "a document has an id"],
    [WAITING, told("INVALID_REQUEST_ERROR", { error: "no customer" }), "apply null", "refused"],
    [WAITING, told("INVALID_REQUEST_ERROR"), "invalid error", "a refusal has a reason"],
    [WAITING, told("SKIPPED"), "apply null", "not taken, for whatever reason"],
    [WAITING, told("QUEUED"), "apply null", "taken up, not made yet"],
    [
      WAITING,
      told("SKIPPED", { externalId: "A" }),
      "invalid external_id",
      "there is none, or there is",
    ],
    [
      WAITING,
      told("PAID", { externalId: "A", error: "x" }),
      "invalid error",
      "it would be shown nowhere",
    ],
    [known("A", "FINALIZED", 1), told("PAID"), "apply A", "the document is known"],
    [
      known("A", "FINALIZED", 1),
      told("FINALIZED", { externalId: "A" }),
      "apply A",
      "the same again",
    ],
    [known("A", "PAID", 5), told("FINALIZED", { occurredAt: at(4) }), "stale", "it was overtaken"],
    [
      known("A", "FINALIZED", 5),
      told("PAID", { occurredAt: at(5) }),
      "apply A",
      "of the same minute: the later one",
    ],
    [
      known("A", "PAID", 5),
      told("PAYMENT_FAILED", { occurredAt: at(6) }),
      "apply A",
      "backwards, when it is newer",
    ],
    [known("A", "PAID", 5), told("FINALIZED"), "apply A", "without a time it is of now"],
    [
      known("A", "FINALIZED", 1),
      told("FINALIZED", { externalId: "B" }),
      "conflict external_id",
      "a second document",
    ],
    [
      known("A", "DELETED", 1),
      told("FINALIZED", { externalId: "B" }),
      "apply B",
      "in the place of a deleted one",
    ],
    [
      known("A", "VOID", 1),
      told("SENT", { externalId: "B" }),
      "apply B",
      "in the place of a void one",
    ],
    [
      known("A", "FINALIZED", 1),
      told("INVALID_REQUEST_ERROR", { error: "twice" }),
      "conflict status",
      "it stands all the same",
    ],
    [known("A", "FINALIZED", 1), told("SKIPPED"), "conflict status", "it stands all the same"],
    [known("A", "DELETED", 1), told("SKIPPED"), "apply null", "nothing will take its place"],
    [
      known(null, "INVALID_REQUEST_ERROR", 1),
      told("FINALIZED", { externalId: "A" }),
      "apply A",
      "mended by itself",
    ],
    [
      known(null, "INVALID_REQUEST_ERROR", 1),
      told("QUEUED"),
      "conflict status",
      "a retry begins anew",
    ],
    [
      waitsAgain(5),
      told("INVALID_REQUEST_ERROR", { error: "x", occurredAt: at(5) }),
      "stale",
      "repeated from before the retry",
    ],
    [
      waitsAgain(5),
      told("INVALID_REQUEST_ERROR", { error: "x", occurredAt: at(6) }),
      "apply null",
      "refused once more",
    ],
    [
      waitsAgain(5),
      told("FINALIZED", { externalId: "A", occurredAt: at(5) }),
      "apply A",
      "what was taken up in the same minute",
    ],
  ])("%j, told %j: %s, because %s", (before, wrote, expected) => {
    expect(show(before, wrote)).toBe(expected);
  });
});

function typeOf(currency: string) {
  const type = findCreditTypeOfCurrency(currency);
  if (type === undefined) throw new Error(currency);
  return type;
}
const amount = (text: string | null) => (text === null ? null : dec(text));

/** Currency, total and tax as told, our total in minor units, what is said of it, why. */
type Row = [string, string | null, string | null, bigint, string | undefined, string];

describe("what a document comes to", () => {
  test.each<Row>([
    ["USD", "2034", null, 2034n, undefined, "cents, as ours"],
    ["USD", "20.34", null, 2034n, "total", "whole dollars have fractions of a cent"],
    ["USD", "2034", "0.5", 2034n, "tax", "half a cent of tax"],
    ["USD", null, "100", 2034n, "total", "tax of what?"],
    ["EUR", "20.34", null, 2034n, undefined, "whole units"],
    ["EUR", "20.345", null, 2034n, "total", "half a cent"],
    ["JPY", "20.5", null, 21n, "total", "there are no parts of a yen"],
  ])(
    "%s %s with tax %s for %s: %s is broken, because %s",
    (currency, total, tax, _expected, field, _reason) => {
      const broken = findBrokenAmount({ total: amount(total), tax: amount(tax) }, typeOf(currency));
      expect(broken?.field).toBe(field);
    },
  );

  test.each<Row>([
    ["USD", "2034", null, 2034n, undefined, "it is ours"],
    ["USD", "2441", "407", 2034n, undefined, "with a fifth of tax on top"],
    [
      "USD",
      "20",
      null,
      2034n,
      "comes to 20 less tax instead of 2034",
      "dollars in the place of cents",
    ],
    [
      "USD",
      "203400",
      null,
      2034n,
      "comes to 203400 less tax instead of 2034",
      "cents taken for dollars",
    ],
    ["EUR", "20.34", null, 2034n, undefined, "2,034 minor units are 20.34"],
    [
      "EUR",
      "2034",
      null,
      2034n,
      "comes to 2034 less tax instead of 20.34",
      "cents in the place of euros",
    ],
    ["USD", null, null, 2034n, undefined, "nothing was told"],
    ["USD", "-500", null, -500n, undefined, "a negative total is one as well"],
  ])(
    "%s %s with tax %s for %s: %s, because %s",
    (currency, total, tax, expected, difference, _reason) => {
      const found = findDifference(
        "A",
        { total: amount(total), tax: amount(tax) },
        expected,
        typeOf(currency),
      );
      if (difference === undefined) expect(found).toBeUndefined();
      else expect(found).toContain(difference);
    },
  );
});
