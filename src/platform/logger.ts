import { destination, type Logger, pino } from "pino";

const SECRET_PATHS = [
  "authorization",
  "*.authorization",
  "credential",
  "*.credential",
  "api_key",
  "*.api_key",
  "secret",
  "*.secret",
  "password",
  "*.password",
  "token",
  "*.token",
  "req.headers.authorization",
];

/** JSON lines on standard error; standard output stays free for what a person shall read. */
export const createLogger = (level: string): Logger =>
  pino(
    { level, base: null, redact: { paths: SECRET_PATHS, censor: "[secret]" } },
    destination({ fd: 2, sync: false }),
  );
