import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { CreditNoteDeliveriesTable } from "../db/tables/corrections.ts";
import { assert } from "../errors.ts";

/** A note on its way to where one run took its invoice. */
export interface NoteRoute {
  readonly creditNoteId: string;
  readonly runId: string;
}

/** Where a credit note went, or is on its way to. */
export interface CreditNoteDelivery extends NoteRoute {
  readonly amountMinor: bigint;
  readonly status: CreditNoteDeliveriesTable["status"];
  readonly externalId: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly keyGeneration: number;
  readonly updatedAt: string;
}

const fromRow = (row: Selectable<CreditNoteDeliveriesTable>): CreditNoteDelivery => ({
  creditNoteId: row.credit_note_id,
  runId: row.run_id,
  amountMinor: row.amount_minor,
  status: row.status,
  externalId: row.external_id,
  error:
    row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? "" },
  keyGeneration: row.key_generation,
  updatedAt: row.updated_at,
});

/** Sends a note on its way, or says why it goes nowhere. */
export async function insertNoteDelivery(
  tx: CoreTransaction,
  delivery: Omit<CreditNoteDelivery, "externalId" | "keyGeneration">,
): Promise<void> {
  await tx
    .insertInto("credit_note_deliveries")
    .values({
      credit_note_id: delivery.creditNoteId,
      run_id: delivery.runId,
      amount_minor: delivery.amountMinor,
      status: delivery.status,
      external_id: null,
      error_code: delivery.error?.code ?? null,
      error_message: delivery.error?.message ?? null,
      updated_at: delivery.updatedAt,
    })
    .execute();
}

export interface NoteDeliveryChanges {
  readonly status?: CreditNoteDelivery["status"];
  /** null: what stood at the provider is gone. */
  readonly externalId?: string | null;
  /** null clears it. */
  readonly error?: CreditNoteDelivery["error"];
  readonly keyGeneration?: number;
  readonly updatedAt: string;
}

/** Changes the given facts and leaves the others. */
export async function updateNoteDelivery(
  db: CoreDb,
  { creditNoteId, runId }: NoteRoute,
  { status, externalId, error, keyGeneration, updatedAt }: NoteDeliveryChanges,
): Promise<void> {
  await db
    .updateTable("credit_note_deliveries")
    .set({
      updated_at: updatedAt,
      ...(status === undefined ? {} : { status }),
      ...(externalId === undefined ? {} : { external_id: externalId }),
      ...(keyGeneration === undefined ? {} : { key_generation: keyGeneration }),
      ...(error === undefined
        ? {}
        : { error_code: error?.code ?? null, error_message: error?.message ?? null }),
    })
    .where("credit_note_id", "=", creditNoteId)
    .where("run_id", "=", runId)
    .execute();
}

/** The deliveries of these notes, by note, first those of the first routes; notes that go nowhere are left out. */
export async function listNoteDeliveries(
  db: CoreDb,
  creditNoteIds: readonly string[],
): Promise<ReadonlyMap<string, readonly CreditNoteDelivery[]>> {
  if (creditNoteIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("credit_note_deliveries")
    .innerJoin("integration_runs as run", "run.id", "credit_note_deliveries.run_id")
    .selectAll("credit_note_deliveries")
    .where("credit_note_id", "in", [...creditNoteIds])
    .orderBy("run.position")
    .execute();
  return Map.groupBy(rows.map(fromRow), ({ creditNoteId }) => creditNoteId);
}

/** The delivery of a note along one run, or undefined. */
export async function findNoteDelivery(
  db: CoreDb,
  { creditNoteId, runId }: NoteRoute,
): Promise<CreditNoteDelivery | undefined> {
  const row = await db
    .selectFrom("credit_note_deliveries")
    .selectAll()
    .where("credit_note_id", "=", creditNoteId)
    .where("run_id", "=", runId)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** The delivery of a note along one run, which is there. */
export async function getNoteDelivery(db: CoreDb, route: NoteRoute): Promise<CreditNoteDelivery> {
  const delivery = await findNoteDelivery(db, route);
  assert(delivery !== undefined, `credit note ${route.creditNoteId} goes over run ${route.runId}`);
  return delivery;
}

/** The notes of an invoice that are still to be sent where this run took it. */
export async function listQueuedNotes(db: CoreDb, runId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("credit_note_deliveries as delivery")
    .innerJoin("credit_notes", "credit_notes.id", "delivery.credit_note_id")
    .select("delivery.credit_note_id")
    .where("delivery.run_id", "=", runId)
    .where("delivery.status", "=", "QUEUED")
    .orderBy("credit_notes.position")
    .execute();
  return rows.map((row) => row.credit_note_id);
}
