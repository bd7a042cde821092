import pg from "pg";

/** "2023-11-16 18:17:03.97996+00" -> "2023-11-16T18:17:03.97996Z": sessions always run in UTC. */
const toIsoInstant = (text: string): string => text.replace(" ", "T").replace(/\+00(:00)?$/, "Z");

const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, (text) => BigInt(text)],
  [pg.types.builtins.NUMERIC, (text) => text],
  [pg.types.builtins.DATE, (text) => text],
  [pg.types.builtins.TIMESTAMPTZ, toIsoInstant],
]);

/**
 * How column types become values, for each pool of ours and never globally: int8 as bigint;
 * numeric, date as text; timestamptz as canonical ISO text in UTC.
 */
export const columnTypes = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    return parsers.get(oid) ?? pg.types.getTypeParser(oid, format ?? "text");
  },
};
