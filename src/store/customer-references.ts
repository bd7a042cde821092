import { type RawBuilder, sql } from "kysely";

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
