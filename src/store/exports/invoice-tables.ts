import { CREDIT_TYPES } from "../../domain/credit-type.ts";
import { COMMIT_WORDS, PRODUCT_WORDS } from "../../domain/invoices/line-words.ts";
import { customFieldsOf, jsonOf, type Lane, type SqlTable, sqlColumns } from "./sql-table.ts";

/** As external-invoices.ts chooses it: what the first of an invoice's runs knows of the document. */
const EXTERNAL = `left join lateral (
  select run.provider, run.external_id, run.external_status, run.external_details, run.error_message
  from integration_runs run
  where run.invoice_id = invoice.id and run.duplicate_of_run_id is null
  order by run.error_code is not distinct from 'integration_disabled', run.invoice_version desc,
    run.position limit 1) external on true`;

/** Frozen with the invoice; those that are older than freezing them have none. */
const frozenFields = (entity: string, id: string): string =>
  `coalesce(invoice.custom_fields -> '${entity}' -> invoice.${id}::text, '{}')::text`;

/** Minor units of the document, in the unit of the invoice's credit type. Exact. */
const externalAmount = (name: string): string =>
  `case when jsonb_typeof(external.external_details -> '${name}') = 'number' then
    trim_scale((external.external_details ->> '${name}')::numeric * case invoice.credit_type_id::text
      ${CREDIT_TYPES.map(({ id, wireExponent }) => `when '${id}' then 1e-${wireExponent}`).join(" ")}
    end) end`;

const externalText = (name: string): string => `external.external_details ->> '${name}'`;

const ISSUED = "invoice.status <> 'DRAFT'";

const BY_INVOICE: Lane = {
  from: `invoices invoice ${EXTERNAL}`,
  environment: "invoice.environment_id",
  where: ISSUED,
  keys: [
    ["invoice.changed_by", "xid8"],
    ["invoice.id", "uuid"],
  ],
};

/** Invoices of whose document at the provider something new is known. */
const BY_RUN: Lane = {
  from: `integration_runs changed join invoices invoice on invoice.id = changed.invoice_id ${EXTERNAL}`,
  environment: "changed.environment_id",
  where: ISSUED,
  unless: "invoice.changed_by",
  keys: [
    ["changed.changed_by", "xid8"],
    ["changed.id", "uuid"],
  ],
};

export const INVOICE: SqlTable = {
  name: "invoice",
  key: "id",
  columns: sqlColumns({
    id: ["text", "invoice.id"],
    customer_id: ["text", "invoice.customer_id"],
    contract_id: ["text", "invoice.contract_id"],
    type: ["text", "invoice.type"],
    invoice_label: [
      "text",
      `case when invoice.type = 'USAGE' then 'CONTRACT_USAGE'
        when invoice.lines @? '$[*] ? (@.type == "commit_purchase" && @.commit != null)'
          then 'CONTRACT_TRUEUP' else 'CONTRACT_SCHEDULED' end`,
    ],
    status: ["text", "invoice.status"],
    credit_type_id: ["text", "invoice.credit_type_id"],
    start_timestamp: ["instant", "invoice.start_at"],
    end_timestamp: ["instant", "invoice.end_at"],
    issued_at: ["instant", "invoice.issued_at"],
    finalized_at: ["instant", "invoice.finalized_at"],
    voided_at: ["instant", "invoice.voided_at"],
    subtotal: ["decimal", "invoice.subtotal"],
    total: ["decimal", "invoice.total"],
    credited_total: [
      "decimal",
      `(select sum(note.total) from credit_notes note
        where note.invoice_id = invoice.id and note.status = 'ISSUED')`,
    ],
    net_payment_terms_days: ["integer", "invoice.net_payment_terms_days"],
    billable_status: ["text", "invoice.billable_status"],
    approved_at: ["instant", "invoice.approved_at"],
    approved_by: ["text", "invoice.approved_by"],
    hold_reason: ["text", "invoice.hold_reason"],
    held_at: ["instant", "invoice.held_at"],
    held_by: ["text", "invoice.held_by"],
    locked_at: ["instant", "invoice.locked_at"],
    locked_by: ["text", "invoice.locked_by"],
    regenerated_from_invoice_id: ["text", "invoice.regenerated_from_invoice_id"],
    corrected_invoice_id: ["text", "invoice.corrected_invoice_id"],
    imported: ["boolean", "invoice.imported"],
    billed_total: ["decimal", "invoice.billed_total"],
    billing_provider: ["text", "external.provider"],
    billing_provider_invoice_id: [
      "text",
      // A payment without an invoice at the provider has no invoice's id.
      "nullif(external.external_id, external.external_details ->> 'external_payment_id')",
    ],
    billing_provider_invoice_created_at: ["instant", externalText("issued_at")],
    billing_provider_invoice_external_status: ["text", "external.external_status"],
    billing_provider_invoice_due_date: ["date", externalText("due_date")],
    billing_provider_invoice_total: ["decimal", externalAmount("total_minor")],
    billing_provider_invoice_subtotal: ["decimal", externalAmount("subtotal_minor")],
    billing_provider_invoice_tax: ["decimal", externalAmount("tax_minor")],
    billing_provider_invoice_taxable: ["decimal", externalAmount("taxable_minor")],
    billing_provider_invoice_url: ["text", externalText("url")],
    billing_provider_invoice_pdf_url: ["text", externalText("pdf_url")],
    billing_provider_payment_id: ["text", externalText("external_payment_id")],
    billing_provider_error: ["text", "external.error_message"],
    custom_fields: ["json", customFieldsOf("invoice", "invoice", "invoice.environment_id")],
    customer_custom_fields: ["json", frozenFields("customer", "customer_id")],
    contract_custom_fields: ["json", frozenFields("contract", "contract_id")],
    created_at: ["instant", "invoice.created_at"],
  }),
  lanes: [BY_INVOICE, BY_RUN],
};

const text = (path: string): string => `item.line ->> '${path}'`;
const json = (path: string): string => jsonOf(`item.line -> '${path}'`);
/** Of the commit that paid for a line; a line that buys a commit names that one, and no other. */
const commit = (field: string): string =>
  `case when item.line ->> 'purchasedCommitId' is null then item.line -> 'commit' ->> '${field}' end`;
/** Words as the API shows them, by those that are kept. */
const wordOf = (value: string, words: Readonly<Record<string, string>>): string =>
  `case ${value} ${Object.entries(words)
    .map(([kept, shown]) => `when '${kept}' then '${shown}'`)
    .join(" ")} end`;
/** Frozen with the invoice, of what a line names; nothing where it names none. */
const fieldsOf = (entity: string, id: string): string =>
  `case when ${id} is not null
    then coalesce(frozen.fields -> ${entity} -> (${id}), '{}')::text end`;
const SUBSCRIPTION_ID = "item.line -> 'subscription' ->> 'id'";
const COMMIT_ID = `coalesce(item.line ->> 'purchasedCommitId', ${commit("commitId")})`;
const COMMIT_ENTITY = `case ${commit("type")} when 'CREDIT' then 'contract_credit' else 'commit' end`;
const unlessOffset = (value: string, offset: string): string =>
  `case when item.line ->> 'type' = 'applied_commit_or_credit' then ${offset} else ${value} end`;

export const LINE_ITEM: SqlTable = {
  name: "line_item",
  key: "id",
  columns: sqlColumns({
    // As line-item-id.ts makes it.
    id: ["text", `md5(invoice.id || ':' || (${text("lineKey")}))::uuid`],
    invoice_id: ["text", "invoice.id"],
    name: ["text", text("name")],
    type: ["text", text("type")],
    quantity: ["decimal", unlessOffset(text("quantity"), "'1'")],
    unit_price: ["decimal", unlessOffset(text("unitPrice"), "null")],
    total: ["decimal", text("total")],
    credit_type_id: ["text", text("creditTypeId")],
    product_id: ["text", text("productId")],
    product_type: ["text", wordOf(text("productType"), PRODUCT_WORDS)],
    product_tags: ["json", json("productTags")],
    product_custom_fields: ["json", fieldsOf("'contract_product'", text("productId"))],
    starting_at: ["instant", text("startingAt")],
    ending_before: ["instant", text("endingBefore")],
    pricing_group_values: ["json", json("pricingGroupValues")],
    presentation_group_values: ["json", json("presentationGroupValues")],
    tier_level: ["integer", `(item.line -> 'tier' ->> 'level')::int`],
    tier_starting_at: ["decimal", `item.line -> 'tier' ->> 'startingAt'`],
    tier_size: ["decimal", `item.line -> 'tier' ->> 'size'`],
    commit_id: ["text", COMMIT_ID],
    commit_segment_id: ["text", commit("segmentId")],
    commit_type: ["text", wordOf(commit("type"), COMMIT_WORDS)],
    applied_commit_or_credit_type: ["text", commit("type")],
    commit_custom_fields: ["json", fieldsOf(COMMIT_ENTITY, COMMIT_ID)],
    scheduled_charge_id: ["text", text("scheduledChargeId")],
    scheduled_charge_custom_fields: [
      "json",
      fieldsOf("'scheduled_charge'", text("scheduledChargeId")),
    ],
    subscription_id: ["text", SUBSCRIPTION_ID],
    subscription_custom_fields: ["json", fieldsOf("'subscription'", SUBSCRIPTION_ID)],
    is_prorated: ["boolean", `(item.line -> 'subscription' ->> 'isProrated')::boolean`],
  }),
  lanes: [
    {
      from: "invoices invoice",
      environment: "invoice.environment_id",
      where: ISSUED,
      keys: [
        ["invoice.changed_by", "xid8"],
        ["invoice.id", "uuid"],
        ["coalesce(item.place, 0)", "bigint"],
      ],
      parts: {
        alias: "invoice",
        // The fields of a large invoice are unpacked once, and not for each of its lines.
        join: `cross join lateral
          (select coalesce(invoice.custom_fields, '{}') || '{}' as fields offset 0) frozen
          left join lateral
          jsonb_array_elements(invoice.lines) with ordinality as item (line, place) on true`,
      },
    },
  ],
};
