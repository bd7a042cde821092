import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Instant, instant, instantText } from "../src/domain/time.ts";

export interface UsageRow {
  /** 1 for the first row after the header. */
  readonly number: number;
  readonly at: Instant;
  /** One text for each metric, in order of the columns. */
  readonly values: readonly string[];
}

export interface UsageFile {
  /** Column names after the timestamp. */
  readonly metrics: readonly string[];
  /** In order of time. */
  readonly rows: readonly UsageRow[];
  /** Names the file's content: part of every transaction id. */
  readonly digest: string;
}

/** A file that cannot be billed; the message names the row. */
export class UsageFileError extends Error {
  override readonly name = "UsageFileError";
}

const NUMBER = /^-?\d{1,18}(\.\d{1,12})?$/;
const HAS_ZONE = /(Z|[+-]\d\d:?\d\d)$/i;

function readInstant(text: string, row: number): Instant {
  const iso = text.trim().replace(" ", "T");
  try {
    return instant(HAS_ZONE.test(iso) ? iso : `${iso}Z`);
  } catch {
    throw new UsageFileError(
      `Row ${row}: "${text}" is not a time such as 2023-11-16 18:17:03.97996`,
    );
  }
}

function readRow(line: string, number: number, metrics: readonly string[]): UsageRow {
  const [timestamp = "", ...values] = line.split(",").map((cell) => cell.trim());
  if (values.length !== metrics.length) {
    throw new UsageFileError(
      `Row ${number}: ${values.length + 1} columns instead of ${metrics.length + 1}`,
    );
  }
  const wrong = values.findIndex((value) => !NUMBER.test(value));
  if (wrong >= 0) {
    throw new UsageFileError(
      `Row ${number}: ${metrics[wrong]} is "${values[wrong]}", not a number`,
    );
  }
  return { number, at: readInstant(timestamp, number), values };
}

/**
 * Reads a CSV file of usage: a timestamp (UTC unless it names a zone), then numeric columns, each of
 * which becomes a metric. Throws UsageFileError with the row that cannot be read.
 */
export function readUsageFile(path: string): UsageFile {
  const bytes = readFileSync(path);
  const lines = bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  const [header, ...body] = lines;
  const metrics = (header ?? "")
    .split(",")
    .slice(1)
    .map((name) => name.trim());
  if (metrics.length === 0 || metrics.some((name) => name === "")) {
    throw new UsageFileError("The first row must name a timestamp and at least one numeric column");
  }
  if (body.length === 0) throw new UsageFileError("The file has no rows");
  const rows = body.map((line, index) => readRow(line, index + 1, metrics));
  return {
    metrics,
    rows: rows.toSorted(
      (a, b) => instantText(a.at).localeCompare(instantText(b.at)) || a.number - b.number,
    ),
    digest: createHash("sha256").update(bytes).digest("hex").slice(0, 16),
  };
}
