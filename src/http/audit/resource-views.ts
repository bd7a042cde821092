import { AppError } from "../../errors.ts";
import { readEntityMappings } from "../../operations/change-entity-mappings.ts";
import { readProviderSettings } from "../../operations/change-provider-settings.ts";
import type { OperationContext } from "../../operations/context.ts";
import { loadCustomer } from "../../operations/load-customers.ts";
import { readCommits } from "../../operations/read-commits.ts";
import { readConnection } from "../../operations/read-connections.ts";
import { readContract } from "../../operations/read-contracts.ts";
import { findCustomerOfCommit } from "../../store/commits.ts";
import { getLiveConnection } from "../../store/connections.ts";
import { getCreditNote } from "../../store/credit-notes.ts";
import { getCustomer } from "../../store/customers.ts";
import { listExternalInvoices } from "../../store/external-invoices.ts";
import { getConfiguration } from "../../store/integration-configurations.ts";
import { findInvoicingParties } from "../../store/invoice-contracts.ts";
import { getInvoice } from "../../store/invoices.ts";
import { getUser } from "../../store/organization-users.ts";
import { getProduct } from "../../store/products.ts";
import { getRateCard } from "../../store/rate-cards.ts";
import { getReconciliationSettings } from "../../store/reconciliation-settings.ts";
import { getWebhookEndpoint } from "../../store/webhook-endpoints.ts";
import { toCommitView } from "../views/commit.ts";
import { toConnectionView } from "../views/connection.ts";
import { toContractV2View } from "../views/contract.ts";
import { viewCreditNotes } from "../views/credit-note.ts";
import { toCustomerDetailView } from "../views/customer.ts";
import { toConfigurationView } from "../views/integration-configuration.ts";
import { viewCredential } from "../views/integration-credential.ts";
import { loadInvoicingSettings } from "../views/load-invoicing-settings.ts";
import { loadProductViews } from "../views/load-product-views.ts";
import { loadRateCardViews } from "../views/load-rate-card-views.ts";
import { toUserView } from "../views/organization-user.ts";
import { toReconciliationSettingsView } from "../views/reconciliation.ts";
import { toEndpointView } from "../views/webhook.ts";
import { isShownType, type ShownType } from "./route-audit.ts";

type Load = (ctx: OperationContext, id: string) => Promise<unknown>;

/** What people decide about an invoice; the total of a draft is computed when it is read, so not here. */
async function loadInvoiceState({ db, environment }: OperationContext, id: string) {
  const { status, content, review, voidedAt } = await getInvoice(db, environment.id, id);
  const external = (await listExternalInvoices(db, [id])).get(id);
  return {
    status,
    ...(content === null ? {} : { total: content.total }),
    issue_date: review.issueMovedAt,
    approval: review.approval && {
      approved_at: review.approval.at,
      approved_by: review.approval.by,
    },
    hold: review.hold && { reason: review.hold.reason, held_by: review.hold.by },
    locked_at: review.lock?.at ?? null,
    voided_at: voidedAt,
    ...(external === undefined
      ? {}
      : {
          external_invoice: {
            billing_provider_type: external.provider,
            invoice_id: external.externalId,
            external_status: external.externalStatus,
          },
        }),
  };
}

/** The settings of the default account at a provider, and the rules by which custom fields go there. */
async function loadProviderSettings(ctx: OperationContext, name: string) {
  const provider = ctx.services.providers[name];
  if (provider === undefined) return undefined;
  const settings = await readProviderSettings(ctx, provider);
  return provider.mappings === undefined
    ? settings
    : { ...settings, entity_mappings: await readEntityMappings(ctx, name) };
}

/** Balances and ledgers follow from invoices, which have rows of their own. */
const WITHOUT_BALANCES = { balance: false, ledgers: false };

async function loadContract(ctx: OperationContext, id: string) {
  const parties = await findInvoicingParties(ctx.db, ctx.environment.id, id);
  if (parties === undefined) return undefined;
  const key = { customerId: parties.customerId, contractId: id };
  return toContractV2View(await readContract(ctx, key, WITHOUT_BALANCES));
}

async function loadCommit(ctx: OperationContext, id: string) {
  const customerId = await findCustomerOfCommit(ctx.db, ctx.environment.id, id);
  if (customerId === undefined) return undefined;
  const [commit] = await readCommits(ctx, {
    customerId,
    id,
    includeArchived: true,
    limit: 1,
    ...WITHOUT_BALANCES,
  });
  return commit && toCommitView(commit);
}

/** Types of which the log shows the object itself before and after (docs/audit.md lists them). */
const LOADERS: Readonly<Record<ShownType, Load>> = {
  customer: async ({ db, environment }, id) => {
    const customer = await getCustomer(db, environment.id, id);
    return toCustomerDetailView(await loadCustomer(db, environment.id, customer));
  },
  product: async (ctx, id) => {
    const product = await getProduct(ctx.db, ctx.environment.id, id);
    return (await loadProductViews(ctx, [product]))[0];
  },
  rate_card: async (ctx, id) => {
    const card = await getRateCard(ctx.db, ctx.environment.id, id);
    return (await loadRateCardViews(ctx, [card]))[0];
  },
  connection: async (ctx, id) => toConnectionView(await readConnection(ctx, id)),
  webhook_endpoint: async ({ db, environment }, id) =>
    toEndpointView(await getWebhookEndpoint(db, environment.id, id)),
  invoicing_settings: (ctx) => loadInvoicingSettings(ctx),
  provider_settings: loadProviderSettings,
  reconciliation_settings: async ({ db, environment }) =>
    toReconciliationSettingsView(await getReconciliationSettings(db, environment.id)),
  invoice: loadInvoiceState,
  contract: loadContract,
  commit: loadCommit,
  credit: loadCommit,
  integration_configuration: async ({ db, environment, services }, id) =>
    toConfigurationView(await getConfiguration(db, environment.id, id), services.providers),
  integration_credential: async (ctx, id) =>
    viewCredential(ctx, await getLiveConnection(ctx.db, ctx.environment.id, id)),
  organization_user: async ({ db, environment }, id) =>
    toUserView(await getUser(db, environment.id, id)),
  credit_note: async ({ db, environment }, id) =>
    (await viewCreditNotes(db, [await getCreditNote(db, environment.id, id)]))[0],
};

/** The object as it is now; undefined when it is not there, or its type is not among those. */
export async function loadResource(
  ctx: OperationContext,
  resourceType: string,
  id: string,
): Promise<unknown> {
  try {
    return isShownType(resourceType) ? await LOADERS[resourceType](ctx, id) : undefined;
  } catch (error) {
    if (error instanceof AppError && error.kind === "not_found") return undefined;
    throw error;
  }
}
