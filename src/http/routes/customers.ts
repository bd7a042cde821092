import { Type } from "typebox";
import { BILLING_PROVIDERS, DIRECT } from "../../domain/billing-provider.ts";
import { invalid } from "../../errors.ts";
import type { RouteRequest } from "../../operations/add-billing-configurations.ts";
import { archiveCustomer } from "../../operations/archive-customer.ts";
import { createCustomer } from "../../operations/create-customer.ts";
import { loadCustomer, loadCustomers } from "../../operations/load-customers.ts";
import { setIngestAliases } from "../../operations/set-ingest-aliases.ts";
import { configureCustomer, renameCustomer } from "../../operations/update-customer.ts";
import { getCustomer, listCustomers } from "../../store/customers.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { readIds } from "../read-ids.ts";
import { operationOf } from "../request-context.ts";
import {
  billingConfigFields,
  configurationFields,
  unsupportedBillingConfigFields,
  unsupportedConfigurationFields,
} from "../schemas/billing-configuration.ts";
import {
  CustomFieldsField,
  EnumField,
  IdField,
  ListField,
  ObjectField,
  pageQuery,
  splitList,
  TextField,
} from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { toCustomerDetailView, toCustomerView } from "../views/customer.ts";

const tags = ["customers"];
const MAX_ALIASES = 2000;
const DEFAULT_LIMIT = 100;

const customerParams = ObjectField({ customer_id: IdField() });
/** Longer than what is kept: a name is cut, not refused (operations/customer-name.ts). */
const NameField = () => TextField({ max: 10_000 });
const AliasField = () => TextField({ max: 128 });
const AliasesField = () => Type.Array(AliasField(), { maxItems: MAX_ALIASES });

const CreateCustomer = ObjectField(
  {
    name: NameField(),
    ingest_aliases: Type.Optional(AliasesField()),
    external_id: Type.Optional(AliasField()),
    custom_fields: Type.Optional(CustomFieldsField()),
    billing_config: Type.Optional(
      ObjectField(
        { billing_provider_type: EnumField(BILLING_PROVIDERS), ...billingConfigFields },
        { unsupported: unsupportedBillingConfigFields },
      ),
    ),
    customer_billing_provider_configurations: Type.Optional(
      Type.Array(
        ObjectField(configurationFields, { unsupported: unsupportedConfigurationFields }),
        {
          maxItems: 100,
        },
      ),
    ),
  },
  { unsupported: { customer_revenue_system_configurations: [] } },
);
type CreateCustomerBody = Type.Static<typeof CreateCustomer>;

/** Both ways of saying where the customer's invoices go; one request uses one of them. */
function toRoutes(body: CreateCustomerBody): RouteRequest[] {
  const rows = body.customer_billing_provider_configurations ?? [];
  const { billing_config: older } = body;
  if (older !== undefined && rows.length > 0) {
    throw invalid(
      "Give billing_config or customer_billing_provider_configurations, not both",
      "billing_config",
    );
  }
  if (older !== undefined) {
    return [
      {
        billingProvider: older.billing_provider_type,
        deliveryMethod: DIRECT,
        configuration: {
          stripe_customer_id: older.billing_provider_customer_id,
          stripe_collection_method: older.stripe_collection_method,
        },
      },
    ];
  }
  return rows.map((row) => ({
    billingProvider: row.billing_provider,
    deliveryMethod: row.delivery_method,
    deliveryMethodId: row.delivery_method_id,
    configuration: row.configuration,
  }));
}

/** `external_id` is the older name of the first alias. */
function toAliases({ external_id: first, ingest_aliases: aliases = [] }: CreateCustomerBody) {
  return first === undefined ? aliases : [first, ...aliases.filter((alias) => alias !== first)];
}

/** Who is billed. */
export function addCustomerRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/customers",
    schema: { tags, summary: "Create a customer", body: CreateCustomer },
    handler: async (request) => {
      const customer = await createCustomer(operationOf(request), {
        name: request.body.name,
        ingestAliases: toAliases(request.body),
        customFields: request.body.custom_fields,
        routes: toRoutes(request.body),
      });
      return { data: toCustomerView(customer) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/customers",
    schema: {
      tags,
      summary: "List customers",
      querystring: ObjectField({
        ...pageQuery,
        ingest_alias: Type.Optional(AliasField()),
        customer_ids: Type.Optional(ListField()),
        only_archived: Type.Optional(Type.Boolean()),
        salesforce_account_ids: Type.Optional(ListField()),
      }),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token, ...query } = request.query;
      const salesforceAccountIds = splitList(query.salesforce_account_ids);
      if (salesforceAccountIds.length > 100) {
        throw invalid("salesforce_account_ids takes at most 100 ids", "salesforce_account_ids");
      }
      const filter = {
        environmentId: environment.id,
        onlyArchived: query.only_archived ?? false,
        customerIds: readIds(query.customer_ids, "customer_ids"),
        salesforceAccountIds,
        ingestAlias: query.ingest_alias,
      };
      const rows = await listCustomers(db, filter, fromPageToken(token), limit);
      const page = toPage(rows, limit);
      const customers = await loadCustomers(db, environment.id, page.rows);
      return { data: customers.map(toCustomerDetailView), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/customers/:customer_id",
    schema: { tags, summary: "Get a customer", params: customerParams },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const customer = await getCustomer(db, environment.id, request.params.customer_id);
      return { data: toCustomerDetailView(await loadCustomer(db, environment.id, customer)) };
    },
  });
  addCustomerChanges(http);
}

function addCustomerChanges(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/customers/archive",
    schema: { tags, summary: "Archive a customer", body: ObjectField({ id: IdField() }) },
    handler: async (request) => {
      await archiveCustomer(operationOf(request), request.body.id);
      return { data: { id: request.body.id } };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/customers/:customer_id/setName",
    schema: {
      tags,
      summary: "Rename a customer",
      params: customerParams,
      body: ObjectField({ name: NameField() }),
    },
    handler: async (request) => {
      const { customer_id: id } = request.params;
      return {
        data: toCustomerView(await renameCustomer(operationOf(request), id, request.body.name)),
      };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/customers/:customer_id/setIngestAliases",
    schema: {
      tags,
      summary: "Replace the aliases that usage events may name a customer with",
      params: customerParams,
      body: ObjectField({ ingest_aliases: AliasesField() }),
    },
    handler: async (request) =>
      setIngestAliases(
        operationOf(request),
        request.params.customer_id,
        request.body.ingest_aliases,
      ),
  });
  http.route({
    method: "POST",
    url: "/v1/customers/:customer_id/updateConfig",
    schema: {
      tags,
      summary: "Set a customer's ids in other systems",
      params: customerParams,
      body: ObjectField(
        {
          salesforce_account_id: Type.Optional(NullableField(TextField({ max: 255 }))),
        },
        { unsupported: { leave_stripe_invoices_in_draft: false } },
      ),
    },
    handler: async (request) =>
      configureCustomer(operationOf(request), request.params.customer_id, {
        salesforceAccountId: request.body.salesforce_account_id,
      }),
  });
}
