/** Refused for good: a person must act. All else is tried again. */
export class Refusal extends Error {}
/** About the moment, the token or the address, and not about the invoice. */
const PASSING = [401, 403, 404, 405, 408, 409, 425, 429];

export interface Request {
  readonly token?: string | undefined;
  readonly method?: string;
  readonly body?: object;
  readonly key?: string;
}

/** One request of JSON. Throws Refusal; anything else that it throws may be tried again. */
export async function call<T>(
  url: string,
  { token = "", method = "GET", body, key }: Request,
): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, {
    method,
    headers: key === undefined ? headers : { ...headers, "idempotency-key": key },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok) {
    const isRefused = response.status < 500 && !PASSING.includes(response.status);
    throw new (isRefused ? Refusal : Error)(`${response.status} ${text.slice(0, 500)}`);
  }
  // Amounts stay the text that they are: as numbers they could lose digits.
  return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? context?.source : value,
  );
}
