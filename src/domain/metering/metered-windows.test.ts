import { expect, test } from "vitest";
import { at, row } from "../../../test/support/sample-snapshot.ts";
import { toText } from "../decimal.ts";
import { instantText } from "../time.ts";
import { type MeteredSize, meteredWindows } from "./metered-windows.ts";
import type { Metric } from "./metric.ts";

const rows = [
  row("2024-01-01T05", "7"),
  row("2024-01-01T09", "4"),
  row("2024-01-03T23", "5"),
  row("2024-01-04T00", "6"),
];
const range = { start: at("2024-01-01T03"), end: at("2024-01-04T12") };

test.each<[Exclude<Metric["aggregation"], "UNIQUE">, MeteredSize, string[], string]>([
  ["SUM", "DAY", ["01T03/02T00=11", "03T00/04T00=5", "04T00/04T12=6"], "days end with the range"],
  ["COUNT", "DAY", ["01T03/02T00=2", "03T00/04T00=1", "04T00/04T12=1"], "events"],
  ["MAX", "DAY", ["01T03/02T00=7", "03T00/04T00=5", "04T00/04T12=6"], "of the day, not so far"],
  ["LATEST", "DAY", ["01T03/02T00=4", "03T00/04T00=5", "04T00/04T12=6"], "the last of the day"],
  [
    "SUM",
    "HOUR",
    ["01T05/01T06=7", "01T09/01T10=4", "03T23/04T00=5", "04T00/04T01=6"],
    "hours without usage are absent",
  ],
])("%s by %s: %j, because %s", (aggregation, size, expected) => {
  const windows = meteredWindows(aggregation, rows, size, range);
  const short = (text: string) => text.slice(8, 13);
  expect(
    windows.map(
      ({ start, end, value }) =>
        `${short(instantText(start))}/${short(instantText(end))}=${toText(value)}`,
    ),
  ).toEqual(expected);
});
