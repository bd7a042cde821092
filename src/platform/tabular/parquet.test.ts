import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import type { Column, Row } from "./column.ts";
import { openParquet, toMicroseconds } from "./parquet.ts";

const COLUMNS: readonly Column[] = [
  { name: "id", type: "text" },
  { name: "total", type: "decimal" },
  { name: "at", type: "instant" },
  { name: "imported", type: "boolean" },
  { name: "count", type: "integer" },
  { name: "fields", type: "json" },
];

async function write(pages: readonly (readonly Row[])[]): Promise<ArrayBuffer> {
  const file = openParquet(COLUMNS);
  const chunks: Uint8Array[] = [];
  for (const page of pages) chunks.push(...(await file.add(page)));
  const bytes = Buffer.concat([...chunks, await file.end()]);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

test("a reader of another make reads what was written, to the last digit", async () => {
  const rows: Row[] = [
    [
      "ü",
      "12345678901234567890.123456789012345",
      "2024-01-31T23:59:59.123456Z",
      true,
      7,
      '{"a":"b"}',
    ],
    [null, null, null, null, null, null],
  ];
  expect(await parquetReadObjects({ file: await write([rows]) })).toEqual([
    {
      id: "ü",
      total: "12345678901234567890.123456789012345",
      at: new Date("2024-01-31T23:59:59.123Z"),
      imported: true,
      count: 7n,
      fields: '{"a":"b"}',
    },
    { id: null, total: null, at: null, imported: null, count: null, fields: null },
  ]);
});

test("rows are encoded in groups, whatever pages they come in", async () => {
  const page = (from: number): Row[] =>
    Array.from({ length: 5000 }, (_, n) => [`row ${from + n}`, "1", null, null, n, null]);
  const file = await write([page(0), page(5000), page(10_000)]);
  const { row_groups: groups, num_rows: count } = parquetMetadata(file);
  expect(groups.map((group) => group.num_rows)).toEqual([10_000n, 5000n]);
  expect(count).toBe(15_000n);
  const rows = await parquetReadObjects({ file });
  expect([rows[9999]?.id, rows[10_000]?.id, rows[14_999]?.id]).toEqual([
    "row 9999",
    "row 10000",
    "row 14999",
  ]);
});

test("a file without rows is a file", async () => {
  expect(await parquetReadObjects({ file: await write([]) })).toEqual([]);
});

test.each([
  ["1970-01-01T00:00:00Z", 0n, "the epoch"],
  ["1970-01-01T00:00:01.5Z", 1_500_000n, "tenths of a second"],
  ["1970-01-01T00:00:00.000001Z", 1n, "a microsecond"],
  ["1970-01-01T00:00:00.123456789Z", 123_456n, "what is finer is cut off"],
  ["1969-12-31T23:59:59.999999Z", -1n, "before the epoch it counts backwards"],
])("%s is %s microseconds: %s", (text, micros) => {
  expect(toMicroseconds(text)).toBe(micros);
});
