import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Column, Row } from "./column.ts";
import { csvHeader, toCsv } from "./csv.ts";
import { openParquet } from "./parquet.ts";

export type TableFormat = "parquet" | "csv";

export interface TableFile {
  write(rows: readonly Row[]): Promise<void>;
  /** Everything is on the disk when it answers. */
  finish(): Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** Closes the file as it is; one that is finished is closed already. */
  abandon(): Promise<void>;
}

interface Encoder {
  readonly head: Uint8Array[];
  add(rows: readonly Row[]): Promise<Uint8Array[]>;
  end(): Promise<Uint8Array[]>;
}

function openEncoder(format: TableFormat, columns: readonly Column[]): Encoder {
  if (format === "csv") {
    return {
      head: [Buffer.from(csvHeader(columns))],
      add: async (rows) => [Buffer.from(toCsv(rows))],
      end: async () => [],
    };
  }
  const parquet = openParquet(columns);
  return { head: [], add: parquet.add, end: async () => [await parquet.end()] };
}

/** A new file of rows at this path; one that is there is overwritten. */
export async function createTableFile(
  path: string,
  format: TableFormat,
  columns: readonly Column[],
): Promise<TableFile> {
  const file = await open(path, "w");
  const encoder = openEncoder(format, columns);
  const hash = createHash("sha256");
  let bytes = 0;
  const put = async (chunks: readonly Uint8Array[]) => {
    for (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      await file.writeFile(chunk);
    }
  };
  await put(encoder.head);
  return {
    write: async (rows) => put(await encoder.add(rows)),
    async finish() {
      await put(await encoder.end());
      await file.sync();
      await file.close();
      return { bytes, sha256: hash.digest("hex") };
    },
    abandon: () => file.close(),
  };
}
