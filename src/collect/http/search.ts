import { parseSearch, type SearchQuery } from "../domain/search-query.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { Page, PageQuery } from "../store/page.ts";
import type { WireObject } from "../wire.ts";
import { endpoint } from "./endpoint.ts";
import { integer, optional, text } from "./params.ts";

/** The parameters of every search (Stripe docs: Search). */
const searching = {
  query: text(),
  limit: optional(integer(1, 100)),
  page: optional(text(500)),
};

const DEFAULT_LIMIT = 10;

/** A page token is the id of the last object before the page. */
function readToken(token: string): string {
  const id = Buffer.from(token, "base64url").toString();
  if (/^[\w.-]{1,255}$/.test(id)) return id;
  throw refused("parameter_invalid", "This page token is not one of ours.", "page");
}

/** The store's page query for the parameters of `searching`. */
const toSearchPage = (params: {
  readonly limit?: number | undefined;
  readonly page?: string | undefined;
}): PageQuery => ({
  limit: params.limit ?? DEFAULT_LIMIT,
  startingAfter: params.page === undefined ? undefined : readToken(params.page),
});

interface WireSearchResult<T> extends WireObject {
  readonly object: "search_result";
  readonly url: string;
  readonly has_more: boolean;
  readonly next_page: string | null;
  readonly data: readonly T[];
}

/** What a search found, as Stripe's API shows it. */
function toSearchResult<T extends { readonly id: string }>(
  url: string,
  hasMore: boolean,
  data: readonly T[],
): WireSearchResult<T> {
  const last = data.at(-1);
  return {
    object: "search_result",
    url,
    has_more: hasMore,
    next_page: hasMore && last !== undefined ? Buffer.from(last.id).toString("base64url") : null,
    data,
  };
}

/** `GET <path>`: what `search` finds of one kind of object, rendered by `render` in the order found. */
export const searchEndpoint = <Row, T extends { readonly id: string }>(
  path: string,
  object: string,
  search: (scope: Scope, page: PageQuery, query: SearchQuery) => Promise<Page<Row>>,
  render: (scope: Scope, rows: readonly Row[]) => Promise<readonly T[]> | readonly T[],
) =>
  endpoint({
    method: "GET",
    path,
    params: searching,
    returns: { listOf: object },
    handler: async ({ scope, params }) => {
      const query = parseSearch(params.query);
      const { rows, hasMore } = await search(scope, toSearchPage(params), query);
      return toSearchResult(path, hasMore, await render(scope, rows));
    },
  });
