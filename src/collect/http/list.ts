import type { Page } from "../store/page.ts";
import type { WireObject } from "../wire.ts";

export interface WireList<T> extends WireObject {
  readonly object: "list";
  readonly url: string;
  readonly has_more: boolean;
  readonly data: readonly T[];
}

/** A page as the list object of Stripe's API; `url` is the path that answers it. */
export const toList = <Row, T>(
  url: string,
  page: Page<Row>,
  toWire: (row: Row) => T,
): WireList<T> => ({
  object: "list",
  url,
  has_more: page.hasMore,
  data: page.rows.map(toWire),
});

export interface PagingParams {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
}

const DEFAULT_LIMIT = 10;

/** The store's page query for the parameters of `paging` (params.ts). */
export const toPageQuery = (params: PagingParams) => ({
  limit: params.limit ?? DEFAULT_LIMIT,
  startingAfter: params.starting_after,
  endingBefore: params.ending_before,
});
