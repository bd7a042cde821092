import { faultPoint } from "../../platform/fault-points.ts";
import { isVersion } from "../api-version.ts";
import { isPermitted, type KeyResource, resourceOfObject } from "../domain/key-permissions.ts";
import { CollectError, refused } from "../errors.ts";
import { type CollectContext, frameScope, inFrame, inSnapshot } from "../in-scope.ts";
import { onBaseClock, type Scope } from "../scope.ts";
import type { KeyOwner } from "../store/secret-keys.ts";
import { authenticate } from "./authenticate.ts";
import type { Endpoint } from "./endpoint.ts";
import { toErrorReply } from "./error-body.ts";
import { expandObject, planExpansion, type Resources, type Step } from "./expand.ts";
import { explainMissing } from "./explain-missing.ts";
import { decodeForm, type Form } from "./form.ts";
import { answerOnce, hashRequest, type Reply, readIdempotencyKey } from "./idempotency.ts";
import { hash, listOf, optional, text } from "./params.ts";
import { readParams } from "./read-params.ts";
import { onRequestClock } from "./request-clock.ts";

/** Throws 403 when a restricted key has no right to what the request does. */
function assertPermitted(
  { permissions, accountId }: KeyOwner,
  resource: KeyResource,
  wanted: "read" | "write",
): void {
  if (isPermitted(permissions, resource, wanted)) return;
  throw new CollectError(
    "forbidden",
    "invalid_request_error",
    "invalid_argument",
    `The provided key does not have the required permissions for this endpoint on account '${accountId}'. Having the '${wanted}' permission on ${resource} would allow this request to continue.`,
  );
}

const resourceOfStep = ({ returns }: Step): KeyResource =>
  resourceOfObject(typeof returns === "string" ? returns : returns.listOf);

/** A request as the transport got it. */
export interface IncomingRequest {
  readonly id: string;
  /** Without the query. */
  readonly url: string;
  readonly query: string;
  readonly body: string;
  readonly path: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly account: string | undefined;
  readonly version: string | undefined;
  readonly idempotencyKey: string | undefined;
}

export interface DispatchContext extends CollectContext {
  readonly resources: Resources;
  /** The environment whose API token this is; it administers accounts. */
  readonly findAdministrator: (token: string) => Promise<"PRODUCTION" | "SANDBOX" | undefined>;
}

const EXPAND = hash({ expand: optional(listOf(text(500), 20)) });

/** Takes `expand` out of the form; every endpoint knows it. */
function takeExpand(form: Form): string[] {
  const value = form.get("expand");
  form.delete("expand");
  if (value === undefined) return [];
  const { expand } = readParams(EXPAND, new Map([["expand", value]])) as { expand: string[] };
  return expand;
}

function checkVersion(version: string | undefined): string | undefined {
  if (version === undefined || isVersion(version)) return version;
  throw refused("invalid_argument", `Invalid Stripe API version: ${version.slice(0, 40)}`);
}

/**
 * Answers one request: who asks, what exactly, and only then what to do. Everything the handler does
 * commits in one transaction with the stored reply of its idempotency key; refusals are thrown.
 */
export async function dispatch(
  context: DispatchContext,
  endpoint: Endpoint,
  request: IncomingRequest,
): Promise<Reply> {
  const owner = await authenticate(context.db, request);
  assertPermitted(owner, endpoint.resource, endpoint.method === "GET" ? "read" : "write");
  const version = checkVersion(request.version);
  const form = decodeForm(request.body, decodeForm(request.query));
  const requestHash = hashRequest(endpoint.method, request.url, form);
  const plans = takeExpand(form).map((path) =>
    planExpansion(context.resources, endpoint.returns, path),
  );
  for (const step of plans.flat()) {
    if (step.load !== undefined) assertPermitted(owner, resourceOfStep(step), "read");
  }
  const params = readParams(endpoint.params, form);
  // Reading and deleting are repeatable as they are; their keys mean nothing.
  const key = endpoint.method === "POST" ? readIdempotencyKey(request.idempotencyKey) : undefined;
  const { path } = request;
  const worker = endpoint.readOnly
    ? owner
    : await onRequestClock(context, owner, { template: endpoint.path, path, params });
  const frame = await frameScope(context, worker, {
    reference: { id: request.id, idempotencyKey: key },
    version,
  });
  const answer = async (scope: Scope): Promise<Reply> => {
    const result = await endpoint
      .handle({ scope, path: request.path, params })
      .catch(async (error: unknown) => {
        throw await explainMissing(scope, request.path, error);
      });
    if ("refusal" in result) {
      const { status, body } = toErrorReply(result.refusal, request.id);
      return { status, body: JSON.stringify(body) };
    }
    return { status: 200, body: JSON.stringify(await expandObject(scope, result, plans)) };
  };
  if (endpoint.readOnly) return inSnapshot(context, frame, answer);
  const reply = await inFrame(context, frame, (scope) => {
    if (key === undefined) return answer(scope);
    return answerOnce(onBaseClock(scope), key, requestHash, request.id, () => answer(scope));
  });
  faultPoint("collect/request/committed");
  return reply;
}
