import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { toContribution } from "../domain/metering/contribution.ts";
import { parseExact } from "../platform/json/exact-json.ts";
import { listMetrics, type MetricRecord } from "../store/billable-metrics.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import { findReferencedCustomers } from "../store/customer-references.ts";
import { type FoundEvent, findEvents } from "../store/find-events.ts";
import type { OperationContext } from "./context.ts";
import { toEventKey } from "./to-usage-batch.ts";

/** An event with whom and what it counts for. */
export interface SearchedEvent {
  readonly event: FoundEvent;
  readonly properties: Readonly<Record<string, unknown>>;
  /** undefined: no customer has the id or the alias. */
  readonly customer: { readonly id: string; readonly name: string } | undefined;
  /** Archived ones too: they go on metering. None for an event that was too old. */
  readonly metrics: readonly {
    readonly metric: MetricRecord;
    readonly customFields: CustomFields;
  }[];
}

/** The events with these transaction ids, in the order they were asked for; unknown ids are left out. */
export async function searchEvents(
  { db, environment }: OperationContext,
  transactionIds: readonly string[],
): Promise<SearchedEvent[]> {
  const keys = [...new Set(transactionIds.map((id) => toEventKey(environment.id, id)))];
  const found = await findEvents(db, keys);
  const events = keys.flatMap((key) => found.get(key) ?? []);
  if (events.length === 0) return [];
  const refs = [...new Set(events.map(({ customerRef }) => customerRef))];
  const customers = await findReferencedCustomers(db, environment.id, refs);
  const metrics = await listMetrics(db, { environmentId: environment.id, includeArchived: true });
  const ids = metrics.map(({ id }) => id);
  const fields = await listCustomFields(db, environment.id, "billable_metric", ids);
  return events.map((event) => {
    const properties = parseExact(event.properties) as Readonly<Record<string, unknown>>;
    const { eventType, counts } = event;
    const counting = metrics.filter(
      (metric) => counts && toContribution(metric, { eventType, properties }) !== undefined,
    );
    return {
      event,
      properties,
      customer: customers.get(event.customerRef),
      metrics: counting.map((metric) => ({ metric, customFields: fields.get(metric.id) ?? {} })),
    };
  });
}
