// A mail server on this machine that takes everything (RFC 5321), in the clear.

import { createServer } from 'node:net';

export async function openMailbox() {
  const mails = [];
  const server = createServer((socket) => {
    let [buffer, data] = ['', null];
    let to = '';
    socket.write('220 post.example\r\n');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      buffer += chunk;
      for (let at; (at = buffer.indexOf('\r\n')) >= 0; ) {
        const line = buffer.slice(0, at);
        buffer = buffer.slice(at + 2);
        if (data !== null) {
          if (line !== '.') {
            data += `${line}\n`;
            continue;
          }
          mails.push({ to, text: decoded(data) });
          data = null;
        } else if (/^DATA/i.test(line)) {
          data = '';
          socket.write('354 go on\r\n');
          continue;
        } else if (/^QUIT/i.test(line)) {
          socket.end('221 bye\r\n');
          continue;
        } else if (/^RCPT TO:<(.*?)>/i.test(line)) {
          to = /<(.*?)>/.exec(line)[1];
        }
        socket.write('250 so be it\r\n');
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    mails,
    settings: {
      WHENCE_MAIL__SERVER: '127.0.0.1',
      WHENCE_MAIL__PORT: String(server.address().port),
      WHENCE_MAIL__SECURITY: 'none',
      WHENCE_MAIL__FROM: 'bonjour@boulangerie-martin.example',
    },
    close: () => new Promise((done) => server.close(done)),
  };
}

/** Quoted-printable undone, as far as links need it. */
const decoded = (text) => text.replace(/=\n/g, '').replace(/=3D/g, '=');
