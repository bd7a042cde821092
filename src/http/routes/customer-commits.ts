import { type Static, Type } from "typebox";
import { USD_CREDIT_TYPE_ID } from "../../domain/credit-type.ts";
import type { OperationContext } from "../../operations/context.ts";
import { createCustomerCommit } from "../../operations/create-customer-commit.ts";
import { type CommitQuery, readCommits, readNetBalance } from "../../operations/read-commits.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import {
  CustomerCommitBody,
  CustomerCreditBody,
  fromCommit,
  fromCredit,
} from "../schemas/commit-fields.ts";
import {
  CustomFieldsField,
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  TextField,
} from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { toCommitView } from "../views/commit.ts";

const flag = () => Type.Optional(NullableField(Type.Boolean()));
const id = () => Type.Optional(NullableField(IdField()));

const PAGE_SIZE = 25;

const listFields = {
  customer_id: IdField(),
  covering_date: Type.Optional(NullableField(InstantField())),
  starting_at: Type.Optional(NullableField(InstantField())),
  effective_before: Type.Optional(NullableField(InstantField())),
  include_archived: flag(),
  include_balance: flag(),
  include_ledgers: flag(),
  limit: Type.Optional(NullableField(Type.Integer({ minimum: 1, maximum: PAGE_SIZE }))),
  next_page: Type.Optional(NullableField(TextField({ max: 512 }))),
};

const ListFields = ObjectField(listFields);
const ListCommitsBody = ObjectField({
  ...listFields,
  commit_id: id(),
  include_contract_commits: flag(),
});
const ListCreditsBody = ObjectField({
  ...listFields,
  credit_id: id(),
  include_contract_credits: flag(),
});
const ListBalancesBody = ObjectField({
  ...listFields,
  id: id(),
  include_contract_balances: flag(),
  exclude_zero_balances: flag(),
});

const NetBalanceBody = ObjectField({
  customer_id: IdField(),
  credit_type_id: Type.Optional(IdField()),
  invoice_inclusion_mode: Type.Optional(EnumField(["FINALIZED", "FINALIZED_AND_DRAFT"])),
  filters: Type.Optional(
    Type.Array(
      ObjectField({
        balance_types: Type.Optional(
          Type.Array(EnumField(["PREPAID_COMMIT", "POSTPAID_COMMIT", "CREDIT"])),
        ),
        ids: Type.Optional(Type.Array(IdField(), { maxItems: 1000 })),
        custom_fields: Type.Optional(CustomFieldsField()),
      }),
      { maxItems: 100 },
    ),
  ),
});

/** One page in the shape that all these lists have. */
async function listPage(
  ctx: OperationContext,
  body: Static<typeof ListFields>,
  more: Partial<CommitQuery>,
) {
  const limit = body.limit ?? PAGE_SIZE;
  const details = await readCommits(ctx, {
    customerId: body.customer_id,
    coveringAt: body.covering_date ?? undefined,
    endingAfter: body.starting_at ?? undefined,
    startingBefore: body.effective_before ?? undefined,
    includeArchived: body.include_archived ?? false,
    balance: body.include_balance ?? false,
    ledgers: body.include_ledgers ?? false,
    after: fromPageToken(body.next_page),
    limit,
    ...more,
  });
  const page = toPage(
    details.map((detail) => ({ detail, position: detail.record.row.position })),
    limit,
  );
  return {
    data: page.rows.map(({ detail }) => toCommitView(detail)),
    next_page: toPageToken(page.next),
  };
}

const base = "/v1/contracts";

/** Commits and credits of customers, and all balances. */
export function addCustomerCommitRoutes(http: CoreServer): void {
  addCommitRoutes(http);
  addCreditRoutes(http);
  addBalanceRoutes(http);
}

function addCommitRoutes(http: CoreServer): void {
  const tags = ["commits"];
  http.route({
    method: "POST",
    url: `${base}/customerCommits/create`,
    schema: { tags, summary: "Create a commit of a customer", body: CustomerCommitBody },
    handler: async (request) => {
      const { body } = request;
      const commitId = await createCustomerCommit(operationOf(request), {
        customerId: body.customer_id,
        terms: fromCommit(body),
        invoiceContractId: body.invoice_contract_id ?? undefined,
        applicableContractIds: body.applicable_contract_ids ?? [],
        uniquenessKey: body.uniqueness_key ?? null,
      });
      return { data: { id: commitId } };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/customerCommits/list`,
    schema: { tags, summary: "List a customer's commits", body: ListCommitsBody },
    handler: async (request) =>
      listPage(operationOf(request), request.body, {
        types: ["PREPAID", "POSTPAID"],
        id: request.body.commit_id ?? undefined,
        includeContractLevel: request.body.include_contract_commits ?? false,
      }),
  });
}

function addCreditRoutes(http: CoreServer): void {
  const tags = ["credits"];
  http.route({
    method: "POST",
    url: `${base}/customerCredits/create`,
    schema: { tags, summary: "Create a credit of a customer", body: CustomerCreditBody },
    handler: async (request) => {
      const { body } = request;
      const creditId = await createCustomerCommit(operationOf(request), {
        customerId: body.customer_id,
        terms: fromCredit(body),
        invoiceContractId: undefined,
        applicableContractIds: body.applicable_contract_ids ?? [],
        uniquenessKey: body.uniqueness_key ?? null,
      });
      return { data: { id: creditId } };
    },
  });

  http.route({
    method: "POST",
    url: `${base}/customerCredits/list`,
    schema: { tags, summary: "List a customer's credits", body: ListCreditsBody },
    handler: async (request) =>
      listPage(operationOf(request), request.body, {
        types: ["CREDIT"],
        id: request.body.credit_id ?? undefined,
        includeContractLevel: request.body.include_contract_credits ?? false,
      }),
  });
}

function addBalanceRoutes(http: CoreServer): void {
  const tags = ["balances"];
  http.route({
    method: "POST",
    url: `${base}/customerBalances/list`,
    schema: { tags, summary: "List a customer's commits and credits", body: ListBalancesBody },
    handler: async (request) =>
      listPage(operationOf(request), request.body, {
        id: request.body.id ?? undefined,
        includeContractLevel: request.body.include_contract_balances ?? false,
        excludeZeroBalances: request.body.exclude_zero_balances ?? false,
      }),
  });

  http.route({
    method: "POST",
    url: `${base}/customerBalances/getNetBalance`,
    schema: {
      tags,
      summary: "Get what a customer can burn in one credit type",
      body: NetBalanceBody,
    },
    handler: async (request) => {
      const { body } = request;
      const creditTypeId = body.credit_type_id ?? USD_CREDIT_TYPE_ID;
      const balance = await readNetBalance(operationOf(request), {
        customerId: body.customer_id,
        creditTypeId,
        withDrafts: body.invoice_inclusion_mode !== "FINALIZED",
        filters: (body.filters ?? []).map((filter) => ({
          types: filter.balance_types,
          ids: filter.ids,
          customFields: filter.custom_fields ?? {},
        })),
      });
      return { data: { balance, credit_type_id: creditTypeId } };
    },
  });
}
