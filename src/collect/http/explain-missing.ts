import { CollectError } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { isInOtherMode } from "../store/other-mode.ts";

/**
 * A refusal as the caller of `path` gets it. What a path names and is not there is a 404; what a
 * parameter refers to in vain is a mistake in the request, 400 (as real replies of Stripe show). When
 * the object exists in the account's other mode, the message says so. The transaction must still be
 * able to read.
 */
export async function explainMissing(
  scope: Scope,
  path: Readonly<Record<string, string>>,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof CollectError) || error.sought === undefined) return error;
  const { what, id } = error.sought;
  const isPath = Object.values(path).includes(id);
  const [here, there] = scope.livemode ? ["live", "test"] : ["test", "live"];
  const reason = (await isInOtherMode(scope, what, id))
    ? `; a similar object exists in ${there} mode, but a ${here} mode key was used to make this request.`
    : "";
  return new CollectError(
    isPath ? "not_found" : "invalid",
    error.type,
    error.code,
    `${error.message}${reason}`,
    error.field === undefined ? {} : { param: error.field },
  );
}
