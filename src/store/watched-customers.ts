import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

/** What has to be evaluated when something of a customer changes. */
export interface Watch {
  /** A threshold of its contracts, at which something is bought. */
  readonly thresholds: boolean;
  /** An alert. */
  readonly alerts: boolean;
}

export interface WatchedCustomer extends Watch {
  readonly customerId: string;
}

const hasThreshold = (environmentId: string, customerId: unknown) => sql<boolean>`exists (
  select from threshold_configurations t where t.environment_id = ${environmentId}
    and t.customer_id = ${customerId} and t.is_enabled)`;

const hasAlert = (environmentId: string, customerId: unknown) => sql<boolean>`(exists (
  select from alerts a where a.environment_id = ${environmentId}
    and a.customer_id = ${customerId} and a.archived_at is null) or exists (
  select from alerts a where a.environment_id = ${environmentId}
    and a.customer_id is null and a.archived_at is null))`;

/** What watches a customer. */
export async function findWatch(
  db: CoreDb,
  environmentId: string,
  customerId: string,
): Promise<Watch> {
  const { rows } = await sql<Watch>`select ${hasThreshold(environmentId, customerId)} as thresholds,
    ${hasAlert(environmentId, customerId)} as alerts`.execute(db);
  return rows[0] ?? { thresholds: false, alerts: false };
}

/**
 * Of the customers that events name, by id or by alias, those that are watched. Where an environment
 * has neither thresholds nor alerts, a look into two empty partial indexes answers.
 */
export async function listWatchedCustomers(
  db: CoreDb,
  environmentId: string,
  customerRefs: readonly string[],
): Promise<WatchedCustomer[]> {
  const { rows } = await sql<{ customer_id: string; thresholds: boolean; alerts: boolean }>`
    with refs as materialized (
      select distinct ref from unnest(${customerRefs}::text[]) as ref
      where exists (select from threshold_configurations
          where environment_id = ${environmentId} and is_enabled)
        or exists (select from alerts
          where environment_id = ${environmentId} and archived_at is null)),
    named as (
      select customers.id from refs join customers on customers.id = case
        when refs.ref ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then refs.ref::uuid end
      where customers.environment_id = ${environmentId}
      union
      select alias.customer_id from refs join customer_ingest_aliases alias
        on alias.environment_id = ${environmentId} and alias.alias = refs.ref),
    watched as (
      select named.id as customer_id, ${hasThreshold(environmentId, sql.ref("named.id"))} as thresholds,
        ${hasAlert(environmentId, sql.ref("named.id"))} as alerts
      from named)
    select * from watched where thresholds or alerts`.execute(db);
  return rows.map(({ customer_id: customerId, ...watch }) => ({ customerId, ...watch }));
}
