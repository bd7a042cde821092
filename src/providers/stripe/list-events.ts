import type Stripe from "stripe";
import { type Instant, Temporal } from "../../domain/time.ts";
import type { EventPage, ListedEvent } from "../account.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { fromReadError } from "./errors.ts";
import { EVENT_TYPES, toVerified } from "./webhooks.ts";

const PAGE = 100;
/** So many types one request may name (Stripe API reference: "List all events"). */
const TYPES_AT_ONCE = 20;

const inParts = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size),
  );

const toListed = (event: Stripe.Event): ListedEvent => ({
  ...toVerified(event),
  createdAt: Temporal.Instant.fromEpochMilliseconds(event.created * 1000),
  payload: JSON.stringify(event),
});

/**
 * The account's events of the types that we hear, newest first, page by page. Stripe keeps them for
 * 30 days. Throws ProviderReadError.
 */
export async function* listEvents(
  stripe: Stripe,
  { environment }: ProviderConnection,
  { since }: { readonly since: Instant | undefined },
): AsyncGenerator<EventPage> {
  const livemode = environment === "PRODUCTION";
  const created = since && { gte: Math.floor(since.epochMilliseconds / 1000) };
  for (const types of inParts(EVENT_TYPES, TYPES_AT_ONCE)) {
    let after: string | undefined;
    do {
      const page = await listPage(stripe, {
        limit: PAGE,
        types,
        ...(created === undefined ? {} : { created }),
        ...(after === undefined ? {} : { starting_after: after }),
      });
      yield { events: page.data.filter((event) => event.livemode === livemode).map(toListed) };
      after = page.has_more ? page.data.at(-1)?.id : undefined;
    } while (after !== undefined);
  }
}

async function listPage(
  stripe: Stripe,
  params: Stripe.EventListParams,
): Promise<Stripe.ApiList<Stripe.Event>> {
  try {
    return await stripe.events.list(params);
  } catch (error) {
    throw fromReadError(error);
  }
}
