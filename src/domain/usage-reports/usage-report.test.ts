import fc from "fast-check";
import { expect, test } from "vitest";
import { dec } from "../decimal.ts";
import { instant, instantText } from "../time.ts";
import {
  type MeteredDraft,
  type MeteredInvoice,
  nextWindowEnd,
  planReport,
  windowBefore,
} from "./usage-report.ts";

test.each([
  ["2024-01-10T12:00:00Z", "2024-01-10T11:00:00Z", "an hour that has just ended"],
  ["2024-01-10T12:59:59.999Z", "2024-01-10T11:00:00Z", "the present hour is not over"],
  ["2024-01-01T00:30:00Z", "2023-12-31T23:00:00Z", "the last hour of a year"],
])("at %s the window begins at %s: %s", (now, start) => {
  const window = windowBefore(instant(now));
  expect(instantText(window.start)).toBe(start);
  expect(instantText(window.end)).toBe(instantText(window.start.add({ hours: 1 })));
  expect(instantText(nextWindowEnd(instant(now)))).toBe(instantText(window.end.add({ hours: 1 })));
});

/** A draft "d1@A" that has come to so many cents. */
function draft(where: string, total: string): MeteredDraft {
  const [invoiceId = "", configurationId = ""] = where.split("@");
  return { invoiceId, configurationId, total: dec(total) };
}

/** An invoice "f1@A": what it was issued at, null for a draft, and what of it is reported. */
function known(
  where: string,
  amountMinor: bigint | null,
  reportedMinor: bigint,
  rest: Partial<MeteredInvoice> = {},
): MeteredInvoice {
  const [invoiceId = "", configurationId = ""] = where.split("@");
  const none = { isVoid: false, credited: dec("0") };
  return { invoiceId, configurationId, amountMinor, reportedMinor, ...none, ...rest };
}

type Row = [MeteredDraft[], MeteredInvoice[], string[], string];

const ROWS: readonly Row[] = [
  [[], [], [], "there is nothing"],
  [[draft("1@A", "33.633")], [], ["1: 33"], "of a draft the whole cents"],
  [[draft("1@A", "34.299")], [known("1@A", null, 33n)], ["1: 1"], "what is new of it"],
  [[draft("1@A", "33.9")], [known("1@A", null, 33n)], [], "not a whole cent is new"],
  [[draft("1@A", "0.6"), draft("2@A", "0.6")], [], [], "drafts reach cents each by itself"],
  [[], [known("1@A", 37n, 36n)], ["1: 1"], "a final one as it was issued, rounded"],
  [[], [known("1@A", 37n, 37n)], [], "all of it is reported"],
  [[], [known("1@A", 100n, 0n, { credited: dec("40.5") })], ["1: 59"], "40.5 credited are 41"],
  [[draft("1@A", "20")], [known("1@A", null, 33n)], [], "what fell is not taken back"],
  [
    [draft("1@A", "20"), draft("2@A", "50")],
    [known("1@A", null, 33n)],
    ["1: -13", "2: 50"],
    "it is made up for: 37",
  ],
  [
    [draft("2@A", "50")],
    [known("1@A", 30n, 30n, { isVoid: true })],
    ["2: 50", "1: -30"],
    "what is void is taken off: 20",
  ],
  [[draft("2@A", "50")], [known("1@A", null, 30n)], ["2: 50", "1: -30"], "and what is gone: 20"],
  [
    [draft("1@A", "90")],
    [known("1@B", null, 60n)],
    ["1: 30"],
    "of a draft that came over from B, what B has not reported",
  ],
  [[draft("1@B", "90")], [known("1@A", null, 60n)], [], "one that went to B is B's"],
  [[draft("1@B", "90")], [known("2@A", 10n, 0n)], ["2: 10"], "B's own is B's"],
];

test.each(ROWS.map(([...row]) => [row[3], ...row] as const))(
  "%s",
  (_why, drafts, metered, wanted) => {
    const { quantity, parts } = planReport("A", drafts, metered);
    expect(parts.map(({ invoiceId, amountMinor }) => `${invoiceId}: ${amountMinor}`)).toEqual(
      wanted,
    );
    expect(quantity).toBe(parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n));
  },
);

test("whatever accrues hour by hour, reports come to the most that was reached", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -500, max: 5000 }), { minLength: 1 }), (thousandths) => {
      let [total, reported, peak] = [dec("0"), 0n, 0n];
      for (const step of thousandths) {
        total = total.plus(dec(`${step}e-3`));
        const { quantity } = planReport(
          "A",
          [{ invoiceId: "1", configurationId: "A", total }],
          [known("1@A", null, reported)],
        );
        reported += quantity;
        const whole = BigInt(total.round(0, 0).toFixed());
        peak = whole > peak ? whole : peak;
        expect(reported).toBe(peak);
      }
    }),
  );
});
