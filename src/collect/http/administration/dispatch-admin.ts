import { instantText, Temporal } from "../../../domain/time.ts";
import { inTransaction } from "../../../platform/database/database.ts";
import { hashKey } from "../../domain/secret-key.ts";
import { CollectError } from "../../errors.ts";
import { findKeyOwner } from "../../store/secret-keys.ts";
import { readKey } from "../authenticate.ts";
import type { DispatchContext, IncomingRequest } from "../dispatch.ts";
import { decodeForm } from "../form.ts";
import { readParams } from "../read-params.ts";
import type { AdminEndpoint, Administrator } from "./admin-endpoint.ts";
import { formFromJson } from "./from-json.ts";

/**
 * Who administers: whoever has an API token of an environment, or the secret key that the server's own
 * settings name, which stands for the sandbox. Throws 401.
 */
async function findAdministrator(
  context: DispatchContext,
  authorization: string | undefined,
): Promise<Administrator> {
  const token = readKey(authorization);
  if (token !== undefined && token !== "") {
    const environment = await context.findAdministrator(token);
    if (environment !== undefined) return { environment };
    const owner = await findKeyOwner(context.db, hashKey(token));
    if (owner?.isConfigured && !owner.hasExpired)
      return { environment: owner.livemode ? "PRODUCTION" : "SANDBOX" };
  }
  throw new CollectError(
    "unauthenticated",
    "invalid_request_error",
    "invalid_argument",
    "Accounts are managed with an API token of this server (SANDBOX_API_TOKEN or PRODUCTION_API_TOKEN), or with COLLECT_SECRET_KEY, as a bearer token.",
  );
}

/** Answers one request of an administrator; what its handler does commits with the reply. */
export async function dispatchAdmin(
  context: DispatchContext,
  endpoint: AdminEndpoint,
  request: IncomingRequest & { readonly isJson: boolean },
): Promise<string> {
  const administrator = await findAdministrator(context, request.authorization);
  const query = decodeForm(request.query);
  const form = request.isJson ? formFromJson(request.body, query) : decodeForm(request.body, query);
  const params = readParams(endpoint.params, form);
  const nowAt = instantText(Temporal.Now.instant());
  const reply = await inTransaction(context.db, (tx) =>
    endpoint.handle({ tx, administrator, path: request.path, params, nowAt }),
  );
  return JSON.stringify(reply);
}
