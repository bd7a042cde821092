import { type AddressInfo, createServer, type Socket } from "node:net";

export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  /** Headers and text as they came over the wire. */
  readonly data: string;
}

/** What the server does with the next mail: take it, refuse it for now, or take it and drop the line. */
export type SmtpMood = "takes" | "refuses" | "drops";

/** A mail server that speaks enough of SMTP to take mails, and can be told to fail. */
export async function startSmtpServer() {
  const mails: ReceivedMail[] = [];
  let mood: SmtpMood = "takes";
  const talk = (socket: Socket): void => {
    let pending = "";
    let from = "";
    let to = "";
    let data: string | undefined;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const take = (line: string): void => {
      if (data !== undefined) {
        if (line !== ".") {
          data += `${line}\n`;
          return;
        }
        mails.push({ from, to, data });
        data = undefined;
        if (mood === "drops") socket.destroy();
        else say("250 taken");
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "MAIL") from = line;
      if (verb === "RCPT") to = line;
      if (verb === "RCPT" && mood === "refuses") say("450 not now");
      else if (verb === "DATA") {
        data = "";
        say("354 go on");
      } else if (verb === "QUIT") socket.end("221 bye\r\n");
      else say("250 fine");
    };
    socket.on("data", (chunk) => {
      pending += chunk.toString("utf8");
      for (let end = pending.indexOf("\r\n"); end >= 0; end = pending.indexOf("\r\n")) {
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        take(line);
      }
    });
    socket.on("error", () => socket.destroy());
    say("220 test");
  };
  const server = createServer(talk);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    be: (next: SmtpMood) => {
      mood = next;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
