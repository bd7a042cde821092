import { destination, type Logger, pino } from "pino";

const SECRET_FIELDS = [
  "authorization",
  "cookie",
  "credential",
  "credentials_key",
  "api_key",
  "client_secret",
  "webhook_secret",
  "secret",
  "password",
  "token",
];
/** At the top, one level down, and where request headers stand. */
const SECRET_PATHS = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.headers.${field}`]);

/** JSON lines on standard error; standard output stays free for what a person shall read. */
export const createLogger = (level: string): Logger =>
  pino(
    { level, base: null, redact: { paths: SECRET_PATHS, censor: "[secret]" } },
    destination({ fd: 2, sync: false }),
  );
