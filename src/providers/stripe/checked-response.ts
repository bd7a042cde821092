import type Stripe from "stripe";

type HttpClientResponse = Awaited<
  ReturnType<ReturnType<typeof Stripe.createNodeHttpClient>["makeRequest"]>
>;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Stripe says of each of its errors of which type it is; an `error` of others is a word or a number. */
const hasError = (body: unknown): boolean =>
  isRecord(body) && isRecord(body.error) && typeof body.error.type === "string";

/**
 * A response of which nobody takes a failure for a success: the official client goes by the `error` of the body
 * alone, which Stripe always sends and something between us and Stripe does not. What such a reply
 * says of the call nobody knows, so that it is read like one that is no JSON.
 */
export function checked(response: HttpClientResponse): HttpClientResponse {
  const read = response.toJSON.bind(response);
  response.toJSON = async () => {
    const body: unknown = await read();
    const status = response.getStatusCode();
    if (status < 300 || hasError(body)) return body;
    throw new Error(`The reply has status ${status} and no error of Stripe's`);
  };
  return response;
}
