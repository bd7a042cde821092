import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toText } from "../src/domain/decimal.ts";
import { billUsageFile } from "./bill-usage-file.ts";
import { readUsageFile } from "./usage-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "usage-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(text: string): string {
  const path = join(folder, "usage.csv");
  writeFileSync(path, text);
  return path;
}

/** Runs the command as a user would, on free ports. */
function runDemo(...options: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ["demo/main.ts", ...options], {
    cwd: join(import.meta.dirname, ".."),
    env: { ...process.env, PORT: "0", COLLECT_PORT: "0", DATA_DIR: "/nowhere", DATABASE_URL: "x" },
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

describe("a file of usage", () => {
  test("rows come in order of time; lines end either way, the last one without an end", () => {
    const file = readUsageFile(
      write("at,calls\r\n2026-01-02T00:00:00+01:00,2\r\n2026-01-01 12:00:00.5,1.25"),
    );
    expect(file.metrics).toEqual(["calls"]);
    expect(file.rows.map(({ number, at, values }) => [number, at.toString(), ...values])).toEqual([
      [2, "2026-01-01T12:00:00.5Z", "1.25"],
      [1, "2026-01-01T23:00:00Z", "2"],
    ]);
  });

  test.each([
    ["", "The first row must name"],
    ["at\n2026-01-01 00:00:00", "The first row must name"],
    ["at,calls", "The file has no rows"],
    ["at,calls\n2026-01-01 00:00:00,", 'Row 1: calls is "", not a number'],
    ["at,calls\n2026-01-01 00:00:00,1e5", 'Row 1: calls is "1e5", not a number'],
    ["at,calls\n2026-01-01 00:00:00,1,2", "Row 1: 3 columns instead of 2"],
    ["at,calls\n2026-01-01 00:00:00,1\nyesterday,1", 'Row 2: "yesterday" is not a time'],
  ])("%j is refused: %s", (text, reason) => {
    expect(() => readUsageFile(write(text))).toThrow(reason);
  });

  test("what is owed follows from the file: rows go round the customers, months stay apart", () => {
    const rows = [
      "at,calls",
      "2026-01-31 23:59:59,10",
      "2026-02-01 00:00:00,20",
      "2026-01-05 00:00:00,30",
      "2026-01-06 00:00:00,40",
    ];
    const { expected, quantities, days } = billUsageFile(
      readUsageFile(write(rows.join("\n"))),
      "x",
    );
    // 0.0003 cents each. Rows 1 and 4 are Acorn's: 50 in January. Row 2 is Birch's, in February.
    expect(
      expected.map(
        ({ customer, month, totalCents }) => `${customer} ${month} ${toText(totalCents)}`,
      ),
    ).toEqual([
      "Acorn Analytics 2026-01 0.015",
      "Acorn Analytics 2026-02 0",
      "Birch Robotics 2026-01 0",
      "Birch Robotics 2026-02 0.006",
      "Cedar Health 2026-01 0.009",
      "Cedar Health 2026-02 0",
    ]);
    expect(toText(quantities.calls as never)).toBe("100");
    expect(days.map((day) => day.length)).toEqual([1, 1, 1, 1]);
  });
});

test("a file is billed to the last digit in both systems, and the demo ends with 0", async () => {
  const rows = [
    "at,calls,gigabytes",
    "2025-11-30 23:59:59,1234567,1.5",
    "2025-12-01 00:00:00,7654321,0.000000000001",
  ];
  const { code, output } = await runDemo("--usage", write(rows.join("\n")), "--exit");
  expect(output).toContain("calls: 8,888,888 billed");
  expect(output).toContain("gigabytes: 1.500000000001 billed");
  // 1,234,567 x 0.0003 + 1.5 x 0.0015 = 370.37235 cents.
  expect(output).toMatch(/Acorn Analytics +USAGE +2025-11 +\S+ +\$3\.7037235 +\$3\.70 +paid +PAID/);
  expect(output).toContain("Every total agrees, here and in Collect.");
  expect(code).toBe(0);
}, 120_000);

test("a file that cannot be read ends with 1 and names the row", async () => {
  const { code, output } = await runDemo(
    "--usage",
    write("at,calls\n2026-01-01 00:00:00,x"),
    "--exit",
  );
  expect([code, output]).toEqual([1, expect.stringContaining('Row 1: calls is "x", not a number')]);
});
