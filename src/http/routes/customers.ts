import { Type } from "typebox";
import { invalid } from "../../errors.ts";
import { archiveCustomer } from "../../operations/archive-customer.ts";
import { createCustomer } from "../../operations/create-customer.ts";
import { loadCustomer, loadCustomers } from "../../operations/load-customers.ts";
import { setBillableStatus } from "../../operations/set-billable-status.ts";
import { setIngestAliases } from "../../operations/set-ingest-aliases.ts";
import { configureCustomer, renameCustomer } from "../../operations/update-customer.ts";
import { getCustomer, listCustomers } from "../../store/customers.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { readIds } from "../read-ids.ts";
import { operationOf } from "../request-context.ts";
import {
  AliasesField,
  AliasField,
  CreateCustomer,
  fromCreateCustomer,
  NameField,
} from "../schemas/create-customer.ts";
import {
  EnumField,
  IdField,
  InstantField,
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
const DEFAULT_LIMIT = 100;

const customerParams = ObjectField({ customer_id: IdField() });
/** Who is billed. */
export function addCustomerRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/customers",
    schema: { tags, summary: "Create a customer", body: CreateCustomer },
    handler: async (request) => {
      const customer = await createCustomer(operationOf(request), fromCreateCustomer(request.body));
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
    config: { oneSnapshot: true },
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
  http.route({
    method: "POST",
    url: "/v1/customers/setBillableStatus",
    schema: {
      tags,
      summary: "Say whether a customer's invoices are meant to be collected",
      body: ObjectField({
        customer_id: IdField(),
        billable_status: EnumField(["billable", "unbillable"]),
        effective_at: InstantField(),
      }),
    },
    handler: async (request) => {
      const { customer_id: id, billable_status: status, effective_at: effectiveAt } = request.body;
      const current = await setBillableStatus(operationOf(request), id, { status, effectiveAt });
      return { data: { id, current_billable_status: current } };
    },
  });
}
