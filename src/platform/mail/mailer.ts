import { createTransport } from "nodemailer";

/** A mail that is ready to go. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Stays the same when a mail is sent again after a crash, so that a receiver can tell. */
  readonly messageId: string;
}

/** Hands mails to an SMTP server; rejects when the server does not take one. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** On real time. A server that stalls is given up, and tried again later. */
const TIMEOUT_MS = 15_000;

/** A mailer over the server that an `smtp://` or `smtps://` address names, with its user and password. */
export function createMailer(smtpUrl: string, from: string): Mailer {
  const transport = createTransport(
    {
      url: smtpUrl,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  return {
    async send(mail) {
      // As one address: a comma in it does not make two of it.
      await transport.sendMail({ ...mail, to: { name: "", address: mail.to } });
    },
    close: () => transport.close(),
  };
}
