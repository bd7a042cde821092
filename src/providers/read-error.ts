/** Error codes of what only a change of the key or of its rights can help, whoever the provider is. */
export const ACCESS_CODES = {
  refused: "auth_failed",
  forbidden: "permission_denied",
  /** The app that a person consented to is not known by its keys; the consent may be good still. */
  unknownApp: "invalid_client",
} as const;

const ACCESS = new Set<string>(Object.values(ACCESS_CODES));

export const isAccessCode = (code: string): boolean => ACCESS.has(code);

export interface ReadFailure {
  readonly code: string;
  /** A person must act; otherwise it is worth trying again. */
  readonly permanent: boolean;
  /** Real time that the provider asked for. */
  readonly afterSeconds?: number | undefined;
  /** The provider has too much to do, and is not in trouble. */
  readonly throttled?: boolean | undefined;
  readonly cause?: unknown;
}

/** A read that failed. */
export class ProviderReadError extends Error {
  override readonly name = "ProviderReadError";
  readonly code: string;
  readonly permanent: boolean;
  readonly afterSeconds: number | undefined;
  readonly throttled: boolean;
  constructor(
    message: string,
    { code, permanent, afterSeconds, throttled = false, cause }: ReadFailure,
  ) {
    super(message, { cause });
    this.code = code;
    this.permanent = permanent;
    this.afterSeconds = afterSeconds;
    this.throttled = throttled;
  }
}
