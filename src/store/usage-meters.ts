import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { dec } from "../domain/decimal.ts";
import type { Instant } from "../domain/time.ts";
import { instantText } from "../domain/time.ts";
import type { MeteredInvoice, ReportPart } from "../domain/usage-reports/usage-report.ts";

/** A billing configuration whose provider takes usage and no invoices. */
export interface UsageMeter {
  readonly configurationId: string;
  readonly customerId: string;
  readonly provider: string;
}

/** Opens meters; those that are open stay as they are. */
export async function insertMeters(
  tx: CoreTransaction,
  environmentId: string,
  meters: readonly UsageMeter[],
): Promise<void> {
  if (meters.length === 0) return;
  await tx
    .insertInto("usage_meters")
    .values(
      meters.map(({ configurationId, customerId, provider }) => ({
        configuration_id: configurationId,
        environment_id: environmentId,
        customer_id: customerId,
        provider,
        planned_until: null,
      })),
    )
    .onConflict((clash) => clash.doNothing())
    .execute();
}

/**
 * Takes a meter's turn for windows until `until`, held until the transaction ends. undefined: there is no such
 * meter, or that window was looked at before.
 */
export async function takeMeterTurn(
  tx: CoreTransaction,
  configurationId: string,
  until: Instant,
): Promise<UsageMeter | undefined> {
  const end = instantText(until);
  const row = await tx
    .updateTable("usage_meters")
    .set({ planned_until: end })
    .where("configuration_id", "=", configurationId)
    .where((eb) => eb.or([eb("planned_until", "is", null), eb("planned_until", "<", end)]))
    .returningAll()
    .executeTakeFirst();
  return (
    row && {
      configurationId: row.configuration_id,
      customerId: row.customer_id,
      provider: row.provider,
    }
  );
}

/** Adds what is on a report, or takes off what was not taken: it comes again. */
export async function addReported(
  tx: CoreTransaction,
  configurationId: string,
  parts: readonly ReportPart[],
): Promise<void> {
  for (const { invoiceId, amountMinor } of parts) {
    await tx
      .insertInto("metered_invoices")
      .values({
        configuration_id: configurationId,
        invoice_id: invoiceId,
        amount_minor: null,
        reported_minor: amountMinor,
      })
      .onConflict((clash) =>
        clash.columns(["configuration_id", "invoice_id"]).doUpdateSet({
          reported_minor: sql<bigint>`metered_invoices.reported_minor + excluded.reported_minor`,
        }),
      )
      .execute();
  }
}

/** What an invoice comes to where it was first routed to; doing it again changes nothing. */
export async function insertMeteredInvoice(
  tx: CoreTransaction,
  configurationId: string,
  invoiceId: string,
  amountMinor: bigint,
): Promise<void> {
  await sql`
    insert into metered_invoices (configuration_id, invoice_id, amount_minor)
    select ${configurationId}, ${invoiceId}, ${amountMinor}::bigint
    where not exists (select from metered_invoices
      where invoice_id = ${invoiceId} and amount_minor is not null)
    on conflict (configuration_id, invoice_id) do update set amount_minor = excluded.amount_minor`.execute(
    tx,
  );
}

/** What is known of a customer's invoices at all of its meters. */
export async function listMeteredInvoices(
  db: CoreDb,
  customerId: string,
): Promise<MeteredInvoice[]> {
  const { rows } = await sql<{
    configuration_id: string;
    invoice_id: string;
    amount_minor: bigint | null;
    reported_minor: bigint;
    is_void: boolean;
    credited: string;
  }>`
    select metered.*, coalesce(invoices.status = 'VOID', false) as is_void,
      coalesce((select sum(note.total) from credit_notes note
        where note.invoice_id = metered.invoice_id and note.status = 'ISSUED'), 0)::text as credited
    from usage_meters meter join metered_invoices metered using (configuration_id)
      left join invoices on invoices.id = metered.invoice_id
    where meter.customer_id = ${customerId}
    order by metered.invoice_id, metered.configuration_id`.execute(db);
  return rows.map((row) => ({
    configurationId: row.configuration_id,
    invoiceId: row.invoice_id,
    amountMinor: row.amount_minor,
    isVoid: row.is_void,
    credited: dec(row.credited),
    reportedMinor: row.reported_minor,
  }));
}
