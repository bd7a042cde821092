/** What of ours can be mapped: a customer, a contract, a product, a billable metric. */
export const MAPPED_ENTITIES = ["Account", "Contract", "Product", "Aggregation"] as const;
export type MappedEntity = (typeof MAPPED_ENTITIES)[number];

/** What the matched API maps besides, and is no thing of ours. */
const UNKNOWN_HERE = [
  "AccountPlan",
  "AccountingProduct",
  "Balance",
  "Bill",
  "Charge",
  "Commitment",
  "CompoundAggregation",
  "Counter",
  "CreditReason",
  "DebitReason",
  "Meter",
  "Plan",
  "PlanGroup",
  "PlanTemplate",
  "Pricing",
];

const isCalled =
  (given: string) =>
  (name: string): boolean =>
    name.toLowerCase() === given.toLowerCase();

/** The entity of a name in any case; `known` when the matched API has it and we do not. */
export function readMappedEntity(given: string): MappedEntity | { readonly known: boolean } {
  return MAPPED_ENTITIES.find(isCalled(given)) ?? { known: UNKNOWN_HERE.some(isCalled(given)) };
}
