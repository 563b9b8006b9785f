// `whence serve` with settings and a plan of the test's own, at ports that are free.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BINARY, within } from './demo_gateway.mjs';
import { ended } from './telephone.mjs';

const USER = ['ada@example.org', 'correct horse battery'];

/**
 * `trunks` (or other settings) and `plan`: as they stand in the files. `scopes`: what the test does by the API; `role`: what
 * its user may at the console.
 */
export async function startGateway({ trunks, plan, scopes = 'calls:read', role = 'admin' }) {
  const data = await mkdtemp(join(tmpdir(), 'whence-own-'));
  const [web, sip] = [`127.0.0.1:${await freePort('tcp')}`, `127.0.0.1:${await freePort('udp')}`];
  const settings = join(data, 'whence.toml');
  await writeFile(settings, `
[http]
listen = "${web}"
public_url = "http://${web}"
[sip]
listen = ["udp:${sip}"]
[database]
url = "sqlite:${join(data, 'whence.db')}"
[vault]
folder = "${join(data, 'recordings')}"
keys = "${join(data, 'vault.keys')}"
[imports]
folder = "${join(data, 'imports')}"
[calls]
spool = "${join(data, 'spool')}"
${trunks}`);
  await writeFile(join(data, 'plan.toml'), plan);
  await run('plan', 'apply', join(data, 'plan.toml'), '--config', settings);
  const key = (await run('key', 'create', '--name', 'e2e', '--scopes', scopes, '--config', settings)).trim().split(/\s/).at(-1);
  await runWith(`${USER[1]}\n`, 'user', 'create', USER[0], '--role', role, '--config', settings);
  const gateway = spawn(BINARY, ['serve', '--config', settings], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [gateway.stdout, gateway.stderr]) stream.on('data', (text) => (said += text));
  await within(30_000, 'the gateway is ready', async () => {
    if (gateway.exitCode !== null) throw new Error(`the gateway ended:\n${said}`);
    return fetch(`http://${web}/readyz`).then((answer) => answer.ok, () => false);
  });

  return {
    web: `http://${web}`,
    sip,
    /** Address and password. */
    user: USER,
    /** Asks the API and gives what it answers. */
    async api(path) {
      const answer = await fetch(`http://${web}/api/v1/${path}`, { headers: { Authorization: `Bearer ${key}` } });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    /** Sends the API something and gives what it answers. */
    async send(method, path, body) {
      const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
      const answer = await fetch(`http://${web}/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    /** Signs somebody in to the console, in a context of its own. */
    async signedIn(browser, options) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      await page.goto(`http://${web}/console/`);
      await page.fill('input[name=email]', USER[0]);
      await page.fill('input[name=password]', USER[1]);
      await page.click('main form button');
      // At a gateway where nothing has rung yet, the first steps.
      await page.waitForURL(/\/console\/(overview|setup)/);
      return { context, page };
    },
    async stop() {
      await ended(gateway);
      await rm(data, { recursive: true });
    },
  };
}

const run = (...words) => runWith('', ...words);

/** With `input` typed to it. */
async function runWith(input, ...words) {
  const program = spawn(BINARY, words, { env: environment(), stdio: 'pipe' });
  program.stdin.end(input);
  let [printed, why] = ['', ''];
  program.stdout.on('data', (text) => (printed += text));
  program.stderr.on('data', (text) => (why += text));
  const code = await new Promise((done) => program.once('close', done));
  if (code !== 0) throw new Error(`whence ${words.join(' ')}: ${code}\n${why}`);
  return printed;
}

/** Without settings of whoever runs the tests. */
const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(WHENCE_|RUST_LOG)/.test(name)));

export async function freePort(kind) {
  const taken = kind === 'udp' ? createSocket('udp4') : createServer();
  await new Promise((done) => (kind === 'udp' ? taken.bind(0, '127.0.0.1', done) : taken.listen(0, '127.0.0.1', done)));
  const { port } = taken.address();
  await new Promise((done) => taken.close(done));
  return port;
}
