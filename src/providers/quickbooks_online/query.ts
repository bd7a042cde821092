import type { ProviderConnection } from "../provider-connection.ts";
import { callCompany, type QuickBooksParts } from "./client.ts";
import { toReadFailure } from "./faults.ts";

/** The most that one answer holds. */
export const PAGE = 1000;

/** A text in a query: a quote inside is escaped as Intuit's own samples do. */
export const quoted = (text: string): string =>
  `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

type Row = Readonly<Record<string, unknown>>;

/** The things of one kind that a query finds; at most a page. Throws ProviderReadError. */
export async function queryCompany(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  entity: string,
  rest: string,
): Promise<readonly Row[]> {
  const query = `select * from ${entity} ${rest}`;
  const answer = await callCompany(parts, connection, {
    method: "GET",
    path: "/query",
    query: { query },
  });
  if (answer.outcome === "failed") throw toReadFailure(answer.fault);
  const { QueryResponse: response } = answer.body;
  const rows = (response as Row | undefined)?.[entity];
  return Array.isArray(rows) ? rows : [];
}
