import { type RawBuilder, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

export interface CustomerScope {
  readonly environmentId: string;
  readonly customerIds: readonly string[];
}

const UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

/**
 * A query of (customer_id, ref): everything that usage of these customers may be filed under, which
 * is the id and the current aliases. Read anew each time, so a later alias makes earlier events
 * count. An alias spelt like the id of a customer never matches: the id does.
 */
export const customerReferences = ({
  environmentId,
  customerIds,
}: CustomerScope): RawBuilder<unknown> => sql`
  select id as customer_id, id::text as ref
  from customers where environment_id = ${environmentId} and id = any(${customerIds}::uuid[])
  union all
  select customer_id, case when alias ~ ${UUID} then lower(alias) else alias end
  from customer_ingest_aliases taken
  where environment_id = ${environmentId} and customer_id = any(${customerIds}::uuid[])
    and not exists (select from customers owner where owner.environment_id = ${environmentId}
      and owner.id = case when taken.alias ~ ${UUID} then taken.alias::uuid end)`;

/** Whose the references are now: customers, archived or not. As above, an id goes before an alias. */
export async function findReferencedCustomers(
  db: CoreDb,
  environmentId: string,
  refs: readonly string[],
): Promise<ReadonlyMap<string, { id: string; name: string }>> {
  const ofAlias = (match: RawBuilder<boolean>) => sql`
    select ref, owner.id, owner.name
    from asked
    join customer_ingest_aliases taken on taken.environment_id = ${environmentId} and ${match}
    join customers owner on owner.id = taken.customer_id
    where not exists (select from customers other
      where other.environment_id = ${environmentId} and other.id = asked.id)`;
  // The third part is apart so that the second finds its aliases by their key.
  const { rows } = await sql<{ ref: string; id: string; name: string }>`
    with asked as materialized (
      select ref, case when ref ~ ${UUID} then ref::uuid end as id
      from unnest(${refs}::text[]) as given (ref))
    select ref, owner.id, owner.name
    from asked join customers owner on owner.environment_id = ${environmentId} and owner.id = asked.id
    union all ${ofAlias(sql`taken.alias = ref`)}
    union all ${ofAlias(sql`asked.id is not null and taken.alias <> ref and lower(taken.alias) = ref`)}`.execute(
    db,
  );
  return new Map(rows.map(({ ref, id, name }) => [ref, { id, name }]));
}
