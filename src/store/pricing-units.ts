import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { PricingUnitsTable } from "../db/tables/pricing-units.ts";
import { conflict } from "../errors.ts";
import { violatedConstraint } from "../platform/database/database.ts";

export type PricingUnitRow = Selectable<PricingUnitsTable>;

/** Adds a unit and returns its id. Throws conflict when one that is in use has the name. */
export async function insertPricingUnit(
  tx: CoreTransaction,
  unit: Omit<PricingUnitRow, "id" | "position" | "archived_at">,
): Promise<string> {
  const { id } = await tx
    .insertInto("pricing_units")
    .values({ ...unit, archived_at: null })
    .returning("id")
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      if (violatedConstraint(error) !== "pricing_units_name") throw error;
      throw conflict(`A pricing unit is called "${unit.name}" already`, "name_used");
    });
  return id;
}

/** A unit of the environment, archived or not; undefined when there is none. */
export async function findPricingUnit(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<PricingUnitRow | undefined> {
  return db
    .selectFrom("pricing_units")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
}

/** Units in the order of their creation, without archived ones. */
export async function listPricingUnits(
  db: CoreDb,
  filter: { environmentId: string; after: bigint; limit: number },
): Promise<PricingUnitRow[]> {
  return db
    .selectFrom("pricing_units")
    .selectAll()
    .where("environment_id", "=", filter.environmentId)
    .where("archived_at", "is", null)
    .where("position", ">", filter.after)
    .orderBy("position")
    .limit(filter.limit)
    .execute();
}

/** What the environment's units are called, archived ones too, by id. */
export async function listUnitNames(
  db: CoreDb,
  environmentId: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("pricing_units")
    .select(["id", "name"])
    .where("environment_id", "=", environmentId)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Archives a unit; one that is archived keeps its time. */
export async function archivePricingUnit(
  tx: CoreTransaction,
  id: string,
  at: string,
): Promise<void> {
  await tx
    .updateTable("pricing_units")
    .set({ archived_at: sql`coalesce(archived_at, ${at}::timestamptz)` })
    .where("id", "=", id)
    .execute();
}
