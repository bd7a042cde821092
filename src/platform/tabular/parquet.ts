import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { type Cell, type Column, type ColumnType, lengthOfRows, type Row } from "./column.ts";

/** Rows that are encoded at once: enough for dictionaries to pay, few enough to hold up nobody. */
const ROW_GROUP = 10_000;
/** Rows that have so many characters are enough, however few they are. */
const GROUP_LENGTH = 16 * 1024 * 1024;

type Element = Omit<SchemaElement, "name" | "repetition_type">;

const TEXT: Element = {
  type: "BYTE_ARRAY",
  converted_type: "UTF8",
  logical_type: { type: "STRING" },
};

const ELEMENTS: Readonly<Record<ColumnType, Element>> = {
  text: TEXT,
  // A DECIMAL has a fixed number of digits, which products of prices and quantities have not.
  decimal: TEXT,
  json: TEXT,
  date: TEXT,
  boolean: { type: "BOOLEAN" },
  integer: { type: "INT64" },
  instant: {
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
};

/** "2024-01-31T23:59:59.1234567Z" in microseconds since 1970; what is finer is cut off. */
export function toMicroseconds(text: string): bigint {
  const [, fraction = ""] = /\.(\d+)Z$/.exec(text) ?? [];
  const micros = fraction.padEnd(6, "0").slice(3, 6);
  return BigInt(Date.parse(text)) * 1000n + BigInt(micros);
}

function toStored(type: ColumnType, cell: Cell): Cell {
  if (cell === null) return null;
  if (type === "instant") return toMicroseconds(String(cell));
  return type === "integer" ? BigInt(cell) : cell;
}

export interface ParquetFile {
  /** Bytes that are ready to be written, as far as there are. */
  add(rows: readonly Row[]): Promise<Uint8Array[]>;
  /** The last bytes. */
  end(): Promise<Uint8Array>;
}

/** Encodes rows as they come, a group at a time: what is held is never more than one group. */
export function openParquet(columns: readonly Column[]): ParquetFile {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    createdBy: "ledgerline",
    schema: [
      { name: "root", num_children: columns.length },
      ...columns.map(({ name, type }) => ({
        name,
        repetition_type: "OPTIONAL" as const,
        ...ELEMENTS[type],
      })),
    ],
  });
  let waiting: Row[] = [];
  let waitingLength = 0;

  function take(): Uint8Array {
    const taken = new Uint8Array(bytes.buffer, 0, bytes.index).slice();
    bytes.index = 0;
    return taken;
  }

  async function encode(rows: readonly Row[]): Promise<Uint8Array> {
    await writer.write({
      rowGroupSize: rows.length,
      columnData: columns.map(({ name, type }, place) => ({
        name,
        data: rows.map((row) => toStored(type, row[place] ?? null)),
      })),
    });
    return take();
  }

  return {
    async add(rows) {
      waiting = waiting.concat(rows);
      waitingLength += lengthOfRows(rows);
      const encoded: Uint8Array[] = [];
      while (waiting.length >= ROW_GROUP || waitingLength >= GROUP_LENGTH) {
        encoded.push(await encode(waiting.slice(0, ROW_GROUP)));
        waiting = waiting.slice(ROW_GROUP);
        waitingLength = lengthOfRows(waiting);
      }
      return encoded;
    },
    async end() {
      const last = waiting.length === 0 ? undefined : await encode(waiting);
      await writer.finish();
      const footer = take();
      return last === undefined ? footer : Buffer.concat([last, footer]);
    },
  };
}
