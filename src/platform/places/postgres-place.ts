import { isIP } from "node:net";
import pg from "pg";
import { AppError } from "../../errors.ts";
import type { Outgoing } from "../network/outgoing.ts";
import type { Cell, Column, ColumnType, Row } from "../tabular/column.ts";
import type { Place, PlacedTable } from "./place.ts";
import { PlaceError, refusedAddress } from "./place-error.ts";
import { remedyFor } from "./postgres-remedy.ts";
import { toTlsFailure } from "./tls-failure.ts";

export interface PostgresPlaceOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly schema: string;
  /** "verify": encrypted, and the server's certificate is right; "require": encrypted; "off": in clear. */
  readonly ssl: "verify" | "require" | "off";
  /** Certificates (PEM) of those who may sign the server's, in the place of the public authorities. */
  readonly ca: string | undefined;
  /** Part of the names of tables that are being filled. */
  readonly owner: string;
  readonly outgoing: Outgoing;
}

const TYPES: Readonly<Record<ColumnType, string>> = {
  text: "text",
  decimal: "numeric",
  instant: "timestamptz",
  date: "date",
  boolean: "boolean",
  integer: "bigint",
  json: "jsonb",
};

const CONNECT_TIMEOUT_MS = 15_000;
const STATEMENT_TIMEOUT_MS = 300_000;
const MANIFESTS = "ledgerline_exports";

/** Classes of SQLSTATE that say "not so", as against "not now". */
const PERMANENT = /^(?:28|3D|3F|42|22|23)/;

/** Two that make one schema or table at once: what stands in the catalogue already passes the next time. */
const isRaced = (error: Error): boolean =>
  "constraint" in error && String(error.constraint).startsWith("pg_");

function translate(error: unknown, ssl: PostgresPlaceOptions["ssl"]): unknown {
  if (!(error instanceof Error) || error instanceof PlaceError) return error;
  if (error instanceof AppError) return refusedAddress(error);
  const state = "code" in error && typeof error.code === "string" ? error.code : "";
  const failure = toTlsFailure(error, state);
  if (failure !== undefined) return failure;
  const permanent = PERMANENT.test(state) && !isRaced(error);
  return new PlaceError(
    permanent ? "database_refused" : "database_unavailable",
    state === "" ? error.message : `${state}: ${error.message}`,
    {
      remedy: remedyFor(state, ssl === "off"),
      permanent,
      cause: error,
    },
  );
}

const quote = pg.escapeIdentifier;
const list = (columns: readonly Column[]): string =>
  columns.map(({ name }) => quote(name)).join(", ");

const toParameter = (cell: Cell): string | null => (cell === null ? null : String(cell));

/** The last row of each key: one statement may not write a row twice. */
function lastOfEach(rows: readonly Row[], { columns, key }: PlacedTable): readonly Row[] {
  const places = key.map((name) => columns.findIndex((column) => column.name === name));
  const last = new Map<string, Row>();
  for (const row of rows) last.set(JSON.stringify(places.map((at) => String(row[at]))), row);
  return [...last.values()];
}

/** The name that the server's certificate must be for: we connect to an address. */
const nameFor = (host: string) => (isIP(host) === 0 ? { host, servername: host } : { host });

function toTls({ host, ssl, ca }: PostgresPlaceOptions) {
  if (ssl === "off") return false;
  const known = ca === undefined ? {} : { ca };
  return { ...nameFor(host), ...known, rejectUnauthorized: ssl === "verify" };
}

async function connect(options: PostgresPlaceOptions): Promise<pg.Client> {
  const { host, port, database, user, password, outgoing } = options;
  const { address } = await outgoing.locate(host, port);
  const client = new pg.Client({
    host: address,
    port,
    database,
    user,
    password,
    ssl: toTls(options),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // A server that is gone without a word ends no statement.
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: "ledgerline-export",
    options: "-c timezone=UTC",
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Keeps tables as tables of another Postgres; each part is one transaction there. */
export async function postgresPlace(options: PostgresPlaceOptions): Promise<Place> {
  const { schema, owner, ssl } = options;
  const client = await connect(options).catch((error) => {
    throw translate(error, ssl);
  });
  /** What it refuses is said of it; what reading the rows throws is not. */
  const ask = (text: string, values?: readonly unknown[]) =>
    client.query(text, values === undefined ? undefined : [...values]).catch((error) => {
      throw translate(error, ssl);
    });
  const nameOf = (table: string) => `${quote(schema)}.${quote(table)}`;
  /** Where the rows of a snapshot are gathered until all of them are there. */
  const gatheredIn = (table: PlacedTable) => `${table.name}__next_${owner}`;
  const goesTo = (table: PlacedTable) =>
    table.replaces === undefined ? table.name : gatheredIn(table);

  async function asOne<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      await ask("begin");
      const result = await work();
      await ask("commit");
      return result;
    } catch (error) {
      await client.query("rollback").catch(() => {});
      throw error;
    }
  }

  async function createTable(name: string, { columns, key }: PlacedTable): Promise<void> {
    const typed = columns.map((column) => `${quote(column.name)} ${TYPES[column.type]}`);
    await ask(`create table if not exists ${nameOf(name)} (${typed.join(", ")},
      primary key (${key.map((column) => quote(column)).join(", ")}))`);
    for (const column of typed) {
      await ask(`alter table ${nameOf(name)} add column if not exists ${column}`);
    }
  }

  async function upsert(table: PlacedTable, rows: readonly Row[]): Promise<void> {
    const { columns, key } = table;
    const cells = columns.map((_, at) => rows.map((row) => toParameter(row[at] ?? null)));
    const given = columns.map((_, at) => `$${at + 1}::text[]`).join(", ");
    const typed = columns.map(({ name, type }) => `${quote(name)}::${TYPES[type]}`).join(", ");
    const others = columns.filter(({ name }) => !key.includes(name));
    const changes = others.map(({ name }) => `${quote(name)} = excluded.${quote(name)}`).join(", ");
    await ask(
      `insert into ${nameOf(goesTo(table))} (${list(columns)})
        select ${typed} from unnest(${given}) as given (${list(columns)})
        on conflict (${key.map((name) => quote(name)).join(", ")}) do update set ${changes}`,
      cells,
    );
  }

  return {
    beginTable: (table) =>
      asOne(async () => {
        const { rows } = await ask("select to_regnamespace($1) is null as missing", [
          quote(schema),
        ]);
        if (rows[0].missing) await ask(`create schema if not exists ${quote(schema)}`);
        await createTable(table.name, table);
        if (table.replaces === undefined) return;
        await ask(`drop table if exists ${nameOf(gatheredIn(table))}`);
        await createTable(gatheredIn(table), table);
      }),
    writePart: (table, _path, pages) =>
      asOne(async () => {
        let rows = 0;
        for await (const page of pages) {
          if (page.length === 0) continue;
          const last = lastOfEach(page, table);
          await upsert(table, last);
          rows += last.length;
        }
        if (rows === 0) return undefined;
        return { path: `${schema}.${table.name}`, rows, bytes: null, sha256: null };
      }),
    async endTable(table) {
      const { replaces } = table;
      if (replaces === undefined) return;
      await asOne(async () => {
        const { rows } = await ask("select to_regclass($1) is null as gone", [
          nameOf(gatheredIn(table)),
        ]);
        // It took its place before the process died.
        if (rows[0].gone) return;
        await ask(`delete from ${nameOf(table.name)} where ${quote(replaces.column)} = $1`, [
          replaces.value,
        ]);
        await ask(`insert into ${nameOf(table.name)} (${list(table.columns)})
          select ${list(table.columns)} from ${nameOf(gatheredIn(table))}`);
        await ask(`drop table ${nameOf(gatheredIn(table))}`);
      });
    },
    writeManifest: (path, manifest) =>
      asOne(async () => {
        await ask(`create table if not exists ${nameOf(MANIFESTS)}
          (name text primary key, manifest jsonb not null)`);
        await ask(
          `insert into ${nameOf(MANIFESTS)} values ($1, $2)
            on conflict (name) do update set manifest = excluded.manifest`,
          [path, JSON.stringify(manifest)],
        );
        return `${schema}.${MANIFESTS}`;
      }),
    close: () => client.end(),
  };
}
