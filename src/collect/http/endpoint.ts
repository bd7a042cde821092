import type { TObject, TProperties } from "typebox";
import { type KeyResource, resourceOfPath } from "../domain/key-permissions.ts";
import type { CollectError } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { WireObject } from "../wire.ts";
import { hash, type ParamsOf } from "./params.ts";

/** The names in a path template: "/v1/invoices/:invoice/lines/:line" -> "invoice" | "line". */
type PathNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathNames<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** One request to one endpoint, authenticated and checked. Its scope's transaction commits with the reply. */
export interface Call<Path extends string, P extends TProperties> {
  readonly scope: Scope;
  /** Path parameters: `call.path.invoice`. */
  readonly path: Readonly<Record<PathNames<Path>, string>>;
  /** The declared parameters, read from the form body (POST) or the query (GET, DELETE). */
  readonly params: ParamsOf<P>;
}

/**
 * A refusal whose effects stay: the transaction commits and the caller gets the error (a declined
 * payment). Any other refusal is thrown, and undoes what the handler did.
 */
export interface CommittedRefusal {
  readonly refusal: CollectError;
}

/** What a handler returns to refuse and yet keep what it did. */
export const commitAndRefuse = (refusal: CollectError): CommittedRefusal => ({
  refusal,
});

/** What an endpoint answers with, so that `expand` can be checked before anything happens. */
export type Returns = string | { readonly listOf: string };

interface Definition<Path extends string, P extends TProperties> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: Path;
  /** `expand` is known to every endpoint and not declared. */
  readonly params: P;
  /** The `object` of the reply ("invoice"), or of a list's elements (`{ listOf: "invoice" }`). */
  readonly returns: Returns;
  /** A GET that may change something (test cards become payment methods when read). */
  readonly writes?: true;
  readonly handler: (call: Call<Path, P>) => Promise<WireObject | CommittedRefusal>;
}

/** An endpoint whose parameter types are checked already; the server's view of it. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly params: TObject;
  readonly returns: Returns;
  /** What a restricted key needs rights to. */
  readonly resource: KeyResource;
  /** Whether its transaction may change anything. */
  readonly readOnly: boolean;
  handle(call: {
    readonly scope: Scope;
    readonly path: Readonly<Record<string, string>>;
    readonly params: unknown;
  }): Promise<WireObject | CommittedRefusal>;
}

/** Declares an endpoint. GET handlers run in a read-only transaction, unless they say that they write. */
export function endpoint<const Path extends string, P extends TProperties>(
  definition: Definition<Path, P>,
): Endpoint {
  return {
    method: definition.method,
    path: definition.path,
    params: hash(definition.params),
    returns: definition.returns,
    resource: resourceOfPath(definition.path),
    readOnly: definition.method === "GET" && definition.writes !== true,
    handle: (call) =>
      definition.handler({
        scope: call.scope,
        path: call.path as Readonly<Record<PathNames<Path>, string>>,
        params: call.params as ParamsOf<P>,
      }),
  };
}
