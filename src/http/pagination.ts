import { invalid } from "../errors.ts";

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Position to go on after, or undefined at the end. */
  readonly next: bigint | undefined;
}

/** Reads an opaque page token, which `field` holds; undefined means the first page. */
export function fromPageToken(
  token: string | undefined | null,
  field = "next_page",
): bigint | undefined {
  if (token === undefined || token === null || token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString("latin1");
  if (!/^p:\d{1,18}$/.test(text)) throw invalid(`${field} is not a token of this list`, field);
  return BigInt(text.slice(2));
}

/** The token of the following page, null at the end. */
export const toPageToken = (next: bigint | undefined): string | null =>
  next === undefined ? null : Buffer.from(`p:${next}`, "latin1").toString("base64url");

/** Cuts a page out of `limit + 1` rows read in order of their position. */
export function toPage<Row extends { readonly position: bigint }>(
  rows: readonly Row[],
  limit: number,
): Page<Row> {
  const page = rows.slice(0, limit);
  return { rows: page, next: rows.length > limit ? page.at(-1)?.position : undefined };
}
