import type { TObject, TProperties } from "typebox";
import type { CollectTx } from "../../scope.ts";
import type { WireObject } from "../../wire.ts";
import { hash, type ParamsOf } from "../params.ts";

/** Who administers accounts: what of them they see and change follows from the environment. */
export interface Administrator {
  /** PRODUCTION manages the keys of both modes, SANDBOX those of test mode alone. */
  readonly environment: "PRODUCTION" | "SANDBOX";
}

/** The modes (livemode) whose keys an administrator manages. */
export const modesOf = ({ environment }: Administrator): readonly boolean[] =>
  environment === "PRODUCTION" ? [false, true] : [false];

export interface AdminCall<P extends TProperties> {
  /** Commits with the reply. */
  readonly tx: CollectTx;
  readonly administrator: Administrator;
  readonly path: Readonly<Record<string, string>>;
  readonly params: ParamsOf<P>;
  /** ISO instant on real time. */
  readonly nowAt: string;
}

/** An endpoint of ours under /ledgerline: JSON or form in, JSON out. */
export interface AdminEndpoint {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly params: TObject;
  handle(call: Omit<AdminCall<TProperties>, "params"> & { params: unknown }): Promise<WireObject>;
}

interface Definition<P extends TProperties> {
  readonly method: AdminEndpoint["method"];
  readonly path: string;
  readonly params: P;
  readonly handler: (call: AdminCall<P>) => Promise<WireObject>;
}

/** Declares an endpoint for administrators. */
export const adminEndpoint = <P extends TProperties>(definition: Definition<P>): AdminEndpoint => ({
  method: definition.method,
  path: definition.path,
  params: hash(definition.params),
  handle: ({ params, ...call }) => definition.handler({ ...call, params: params as ParamsOf<P> }),
});
