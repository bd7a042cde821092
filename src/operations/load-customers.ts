import type { CoreDb } from "../db/database.ts";
import type { CustomFields } from "../domain/custom-fields/entity.ts";
import {
  type BillingConfiguration,
  listBillingConfigurations,
} from "../store/billing-configurations.ts";
import { listCustomFields } from "../store/custom-field-values.ts";
import type { Customer } from "../store/customers.ts";
import { listIngestAliases } from "../store/ingest-aliases.ts";

export interface CustomerDetail extends Customer {
  readonly ingestAliases: readonly string[];
  readonly customFields: CustomFields;
  /** The active ones, oldest first. */
  readonly billingConfigurations: readonly BillingConfiguration[];
}

/** Adds to customers what belongs to them, with one query for each kind of it. */
export async function loadCustomers(
  db: CoreDb,
  environmentId: string,
  customers: readonly Customer[],
): Promise<CustomerDetail[]> {
  const ids = customers.map((customer) => customer.id);
  const aliases = await listIngestAliases(db, ids);
  const fields = await listCustomFields(db, environmentId, "customer", ids);
  const configurations = await listBillingConfigurations(db, environmentId, ids);
  return customers.map((customer) => ({
    ...customer,
    ingestAliases: aliases.get(customer.id) ?? [],
    customFields: fields.get(customer.id) ?? {},
    billingConfigurations: configurations.filter(({ customerId }) => customerId === customer.id),
  }));
}

/** As loadCustomers for one. */
export async function loadCustomer(
  db: CoreDb,
  environmentId: string,
  customer: Customer,
): Promise<CustomerDetail> {
  const [detail] = await loadCustomers(db, environmentId, [customer]);
  return detail ?? { ...customer, ingestAliases: [], customFields: {}, billingConfigurations: [] };
}
