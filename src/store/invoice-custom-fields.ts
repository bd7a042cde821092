import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { StoredCustomFields } from "../db/tables/invoices.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";

/** What an invoice shows custom fields of. */
export interface InvoiceParties {
  readonly id: string;
  readonly customerId: string;
  readonly contractId: string;
  readonly lines: readonly InvoiceLine[];
}

/** The ids of everything the invoices show custom fields of, the invoices included. */
const entityIdsOf = (invoices: readonly InvoiceParties[]): string[] => {
  const ids = invoices.flatMap(({ id, customerId, contractId, lines }) => [
    id,
    customerId,
    contractId,
    ...lines.flatMap((line) => [
      line.productId,
      line.commit?.commitId,
      line.purchasedCommitId,
      line.scheduledChargeId,
      line.subscription?.id,
    ]),
  ]);
  return [...new Set(ids.filter((id) => typeof id === "string"))];
};

/**
 * The custom fields that these invoices show, and those of the rate cards behind their contracts, as
 * they are now: by entity, id and key. One query for
 * any number of invoices. Things without values are absent.
 */
export async function loadInvoiceCustomFields(
  db: CoreDb,
  environmentId: string,
  invoices: readonly InvoiceParties[],
): Promise<StoredCustomFields> {
  const ids = entityIdsOf(invoices);
  const contractIds = [...new Set(invoices.map(({ contractId }) => contractId))];
  if (ids.length === 0) return {};
  const { rows } = await sql<{ entity: string; entity_id: string; key: string; value: string }>`
    select entity, entity_id, key, value
    from custom_field_values join custom_field_keys using (environment_id, entity, key)
    where environment_id = ${environmentId} and removed_at is null
      and entity in ('invoice', 'customer', 'contract', 'contract_product', 'commit',
        'contract_credit', 'scheduled_charge', 'subscription', 'rate_card')
      and entity_id = any(array(
        select unnest(${ids}::uuid[])
        union all
        select rate_card_id from contracts
          where id = any(${contractIds}::uuid[]) and rate_card_id is not null))
    order by entity, entity_id, key`.execute(db);
  const byEntity = Map.groupBy(rows, (row) => row.entity);
  return mapToObject(byEntity, (ofEntity) =>
    mapToObject(
      Map.groupBy(ofEntity, (row) => row.entity_id),
      (ofOne) => Object.fromEntries(ofOne.map(({ key, value }) => [key, value])),
    ),
  );
}

const mapToObject = <From, To>(
  map: ReadonlyMap<string, From>,
  read: (from: From) => To,
): Record<string, To> => Object.fromEntries([...map].map(([key, value]) => [key, read(value)]));
