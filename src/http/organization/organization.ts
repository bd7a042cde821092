import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { notFound } from "../../errors.ts";
import type { OperationContext } from "../../operations/context.ts";
import { fromPageToken, type Page, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { IdField, TextField } from "../schemas/fields.ts";

/** Where the integrations API stands; `{orgId}` must be that of the token's environment. */
export const ORGANIZATION = "/organizations/:orgId";

/** The path parameters of this surface. */
export const orgParams = { orgId: TextField({ max: 64 }) };
export const orgIdParams = { ...orgParams, id: IdField() };

/** `pageSize` and `nextToken` of the lists of this surface. */
export const orgPageQuery = {
  pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  nextToken: Type.Optional(TextField({ max: 512 })),
};

export const DEFAULT_PAGE_SIZE = 100;

/** The request's operation context. Throws not_found when the organization is not the token's. */
export function organizationOf(request: FastifyRequest): OperationContext {
  const ctx = operationOf(request);
  const { orgId } = request.params as { orgId: string };
  if (orgId.toLowerCase() !== ctx.environment.orgId) throw notFound("organization", orgId);
  return ctx;
}

/** Where a page of this surface begins, and how long it is. */
export const readPageQuery = (query: {
  readonly pageSize?: number | undefined;
  readonly nextToken?: string | undefined;
}) => ({
  after: fromPageToken(query.nextToken, "nextToken"),
  limit: query.pageSize ?? DEFAULT_PAGE_SIZE,
});

/** A page in the words of this surface. */
export const toTokenPage = <Row, View>(page: Page<Row>, toView: (row: Row) => View) => ({
  data: page.rows.map(toView),
  nextToken: toPageToken(page.next),
});
