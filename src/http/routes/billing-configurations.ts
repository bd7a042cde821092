import { Type } from "typebox";
import { BILLING_PROVIDERS } from "../../domain/billing-provider.ts";
import { notFound } from "../../errors.ts";
import { readConnections } from "../../operations/read-connections.ts";
import {
  endBillingConfigurations,
  endProviderConfigurations,
  putBillingConfiguration,
  setBillingConfigurations,
} from "../../operations/set-billing-configurations.ts";
import { listBillingConfigurations } from "../../store/billing-configurations.ts";
import { getCustomer } from "../../store/customers.ts";
import { operationOf } from "../request-context.ts";
import {
  billingConfigFields,
  configurationFields,
  fromBillingConfig,
  unsupportedBillingConfigFields,
  unsupportedConfigurationFields,
} from "../schemas/billing-configuration.ts";
import { EnumField, IdField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toConfigurationDetailView, toConfigurationView } from "../views/billing-configuration.ts";
import { toBillingConfigView } from "../views/customer.ts";

const tags = ["billing configurations"];

/** Where each customer's invoices go. */
export function addBillingConfigurationRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/setCustomerBillingProviderConfigurations",
    schema: {
      tags,
      summary: "Add billing configurations to customers",
      body: ObjectField({
        data: Type.Array(
          ObjectField(
            { customer_id: IdField(), ...configurationFields },
            { unsupported: unsupportedConfigurationFields },
          ),
          { minItems: 1, maxItems: 100 },
        ),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const rows = await setBillingConfigurations(
        ctx,
        request.body.data.map((row) => ({
          customerId: row.customer_id,
          billingProvider: row.billing_provider,
          deliveryMethod: row.delivery_method,
          deliveryMethodId: row.delivery_method_id,
          configuration: row.configuration,
        })),
      );
      const connections = await readConnections(ctx);
      return { data: rows.map((row) => toConfigurationView(row, connections)) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/getCustomerBillingProviderConfigurations",
    schema: {
      tags,
      summary: "List a customer's billing configurations",
      body: ObjectField({
        customer_id: IdField(),
        include_archived: Type.Optional(Type.Boolean()),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { db, environment } = ctx;
      const { customer_id: id, include_archived: archived = false } = request.body;
      await getCustomer(db, environment.id, id);
      const rows = await listBillingConfigurations(db, environment.id, [id], { archived });
      const connections = await readConnections(ctx);
      return { data: rows.map((row) => toConfigurationDetailView(row, connections)) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/archiveCustomerBillingProviderConfigurations",
    schema: {
      tags,
      summary: "End billing configurations of a customer",
      body: ObjectField({
        customer_id: IdField(),
        customer_billing_provider_configuration_ids: Type.Array(IdField(), {
          minItems: 1,
          maxItems: 100,
        }),
      }),
    },
    handler: async (request) => {
      const { customer_id: id, customer_billing_provider_configuration_ids: ids } = request.body;
      await endBillingConfigurations(operationOf(request), id, ids);
      return { data: { customer_id: id, customer_billing_provider_configuration_ids: ids } };
    },
  });
  addBillingConfigRoutes(http);
}

/** The older form: one configuration for each customer and provider. */
function addBillingConfigRoutes(http: CoreServer): void {
  const url = "/v1/customers/:customer_id/billing-config/:billing_provider_type";
  const params = ObjectField({
    customer_id: IdField(),
    billing_provider_type: EnumField(BILLING_PROVIDERS),
  });
  http.route({
    method: "POST",
    url,
    schema: {
      tags,
      summary: "Set a customer's billing configuration",
      params,
      body: ObjectField(billingConfigFields, { unsupported: unsupportedBillingConfigFields }),
    },
    handler: async (request) => {
      const { customer_id: id, billing_provider_type: billingProvider } = request.params;
      await putBillingConfiguration(operationOf(request), id, {
        billingProvider,
        configuration: fromBillingConfig(billingProvider, request.body, "billing_provider_type"),
      });
    },
  });
  http.route({
    method: "GET",
    url,
    schema: { tags, summary: "Get a customer's billing configuration", params },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { customer_id: id, billing_provider_type: provider } = request.params;
      await getCustomer(db, environment.id, id);
      const rows = await listBillingConfigurations(db, environment.id, [id]);
      const found = rows.find((row) => row.billingProvider === provider);
      if (found === undefined) throw notFound(`${provider} configuration of customer`, id);
      return { data: toBillingConfigView(found) };
    },
  });
  http.route({
    method: "DELETE",
    url,
    schema: { tags, summary: "Delete a customer's billing configuration", params },
    handler: async (request) => {
      const { customer_id: id, billing_provider_type: provider } = request.params;
      await endProviderConfigurations(operationOf(request), id, provider);
    },
  });
}
