import type { CoreTransaction } from "../../db/database.ts";
import { conflict } from "../../errors.ts";
import { type ExportDestination, lockExportPlaces } from "../../store/exports/destinations.ts";
import type { OperationContext } from "../context.ts";
import { findExportTable } from "./tables.ts";

type Wanted = Pick<ExportDestination, "kind" | "settings" | "tables"> & {
  /** undefined: it is not there yet. */
  readonly id?: string;
};

/** A host as the system resolves it: without case, and without the dot of the root. */
const hostOf = (host: unknown): string => String(host).toLowerCase().replace(/\.$/, "");

/** The schema that a destination writes into; whoever writes there writes the same tables. */
const schemaOf = ({ host, port, database, schema }: ExportDestination["settings"]): string =>
  JSON.stringify([hostOf(host), port, database, schema]);

/**
 * Throws conflict when another destination of the environment writes snapshots of the same tables into the
 * same schema, where the one that ended last would stand. Nobody else adds a destination of Postgres or
 * changes the tables of one until the transaction ends.
 */
export async function refuseSharedSnapshots(
  tx: CoreTransaction,
  ctx: OperationContext,
  wanted: Wanted,
): Promise<void> {
  if (wanted.kind !== "postgres") return;
  const place = schemaOf(wanted.settings);
  for (const other of await lockExportPlaces(tx, ctx.environment.id, "postgres")) {
    if (other.id === wanted.id || schemaOf(other.settings) !== place) continue;
    const shared = wanted.tables.filter(
      (name) => other.tables.includes(name) && findExportTable(name)?.mode === "snapshot",
    );
    if (shared.length > 0) throw refuse(shared, other);
  }
}

const refuse = (shared: readonly string[], { id, name }: ExportDestination) => {
  const [are, their, them] = shared.length === 1 ? ["is", "its", "it"] : ["are", "their", "them"];
  return conflict(
    `tables: ${shared.join(", ")} ${are} written into this schema by the destination "${name}" (${id}) already, and ${their} snapshots would take each other's place. Give this destination another settings.schema, or name tables without ${them}.`,
    "export_tables_shared",
  );
};
