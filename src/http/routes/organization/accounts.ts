import { Type } from "typebox";
import { readSearchQuery } from "../../../domain/integrations/search-query.ts";
import { invalid } from "../../../errors.ts";
import {
  createAccount,
  deleteAccount,
  getAccount,
  loadAccounts,
  replaceAccount,
} from "../../../operations/save-account.ts";
import {
  ACCOUNT_SEARCH_FIELDS,
  listAccounts,
  searchAccounts,
} from "../../../store/account-list.ts";
import { ManyField, readMany, readManyIds } from "../../organization/list-query.ts";
import {
  DEFAULT_PAGE_SIZE,
  ORGANIZATION,
  organizationOf,
  orgIdParams,
  orgPageQuery,
  orgParams,
  readPageQuery,
  toTokenPage,
} from "../../organization/organization.ts";
import { refuseChanged } from "../../organization/read-only.ts";
import { toPage } from "../../pagination.ts";
import {
  ACCOUNT_READ_ONLY,
  CreateAccount,
  fromAccount,
  ReplaceAccount,
} from "../../schemas/account-fields.ts";
import { ObjectField, TextField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";
import { toAccountView } from "../../views/account.ts";

const tags = ["accounts"];
const url = `${ORGANIZATION}/accounts`;
const one = `${url}/:id`;
const params = ObjectField(orgIdParams);
const MAX_OFFSET = 10_000;

/** Customers in the words of the integrations API. */
export function addAccountRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url,
    schema: {
      tags,
      summary: "List accounts, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField({
        ...orgPageQuery,
        ids: Type.Optional(ManyField()),
        codes: Type.Optional(ManyField()),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { after, limit } = readPageQuery(request.query);
      const filter = {
        environmentId: ctx.environment.id,
        ids: readManyIds(request.query.ids, "ids"),
        codes: readMany(request.query.codes, "codes"),
      };
      const page = toPage(await listAccounts(ctx.db, filter, after, limit), limit);
      const rows = await loadAccounts(ctx, page.rows);
      return toTokenPage({ ...page, rows }, toAccountView);
    },
  });
  http.route({
    method: "GET",
    url: `${url}/search`,
    schema: {
      tags,
      summary: "Search accounts: searchQuery is field>value$field:value, every term must hold",
      params: ObjectField(orgParams),
      querystring: ObjectField(
        {
          searchQuery: TextField({ max: 2048 }),
          pageSize: orgPageQuery.pageSize,
          fromDocument: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_OFFSET })),
        },
        { unsupported: { operator: "AND", sortBy: null, sortOrder: null } },
      ),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const {
        searchQuery,
        pageSize: limit = DEFAULT_PAGE_SIZE,
        fromDocument: from = 0,
      } = request.query;
      const read = readSearchQuery(searchQuery, ACCOUNT_SEARCH_FIELDS);
      if ("problem" in read) throw invalid(`searchQuery: ${read.problem}`, "searchQuery");
      const found = await searchAccounts(ctx.db, ctx.environment.id, read.terms, { from, limit });
      return { data: (await loadAccounts(ctx, found)).map(toAccountView), nextToken: null };
    },
  });
  http.route({
    method: "GET",
    url: one,
    schema: { tags, summary: "Get an account", params },
    handler: async (request) =>
      toAccountView(await getAccount(organizationOf(request), request.params.id)),
  });
  http.route({
    method: "GET",
    url: `${one}/children`,
    schema: {
      tags,
      summary: "The accounts below an account: there are none, accounts have no hierarchy",
      params,
      querystring: ObjectField(orgPageQuery),
    },
    handler: async (request) => {
      await getAccount(organizationOf(request), request.params.id);
      return { data: [], nextToken: null };
    },
  });
  addAccountWrites(http);
}

function addAccountWrites(http: CoreServer): void {
  http.route({
    method: "POST",
    url,
    schema: {
      tags,
      summary: "Create an account",
      params: ObjectField(orgParams),
      body: CreateAccount,
    },
    handler: async (request) =>
      toAccountView(await createAccount(organizationOf(request), fromAccount(request.body))),
  });
  http.route({
    method: "PUT",
    url: one,
    schema: { tags, summary: "Replace an account", params, body: ReplaceAccount },
    handler: async (request) => {
      const { body } = request;
      const replaced = await replaceAccount(
        organizationOf(request),
        request.params.id,
        fromAccount(body),
        {
          version: body.version,
          check: (account) => refuseChanged(toAccountView(account), body, ACCOUNT_READ_ONLY),
        },
      );
      return toAccountView(replaced);
    },
  });
  http.route({
    method: "DELETE",
    url: one,
    config: { oneSnapshot: true },
    schema: { tags, summary: "Archive the customer that an account is", params },
    handler: async (request) =>
      toAccountView(await deleteAccount(organizationOf(request), request.params.id)),
  });
}
