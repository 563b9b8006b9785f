// `whence demo` as a newcomer starts it: its own data, the ports it prints.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const WEB = 'http://127.0.0.1:8080';
export const SIP = '127.0.0.1:5060';
const HERE = import.meta.dirname;
const PLAN = join(HERE, '../../../config/demo-plan.toml');
export const BINARY = process.env.WHENCE_TEST_BINARY ?? join(HERE, '../../../target/release/whence');

/** `change`: what is made of the demo's plan, if anything; `settings`: those that it has from the environment. */
export async function startDemo(change, settings) {
  const data = await mkdtemp(join(tmpdir(), 'whence-e2e-'));
  if (change) await applyPlan(data, change(await readFile(PLAN, 'utf8')));
  const gateway = spawn(BINARY, ['demo', '--data', data], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [gateway.stdout, gateway.stderr]) stream.on('data', (text) => (said += text));
  const ended = new Promise((done) => gateway.once('exit', done));
  await within(30_000, 'the demo is ready', async () => {
    if (gateway.exitCode !== null) throw new Error(`the demo ended:\n${said}`);
    return fetch(`${WEB}/readyz`).then((answer) => answer.ok, () => false);
  });
  const key = (await readFile(join(data, 'api-key'), 'utf8')).trim();

  return {
    said: () => said,
    /** Asks the API and gives what it answers. */
    async api(path) {
      const answer = await fetch(`${WEB}/api/v1/${path}`, { headers: { Authorization: `Bearer ${key}` } });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    /** Sends the API something and gives what it answers. */
    async send(method, path, body) {
      const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
      const answer = await fetch(`${WEB}/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    /** Makes a key of one scope, by which messages of `source` come. */
    async key(scope, source) {
      const args = ['key', 'create', '--name', source, '--scopes', scope, '--source', source];
      const maker = spawn(BINARY, args, { env: database(data), stdio: ['ignore', 'pipe', 'pipe'] });
      let printed = '';
      for (const stream of [maker.stdout, maker.stderr]) stream.on('data', (text) => (printed += text));
      const code = await new Promise((done) => maker.once('close', done));
      if (code !== 0) throw new Error(`whence key create: ${code}\n${printed}`);
      return printed.trim();
    },
    async stop() {
      gateway.kill('SIGTERM');
      await ended;
      await rm(data, { recursive: true });
    },
  };
}

/** Signs the demo's user in, in a context of its own. */
export async function signedIn(browser, demo, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const [, password] = /demo@example\.org\s+(.+)/.exec(demo.said());
  await page.goto(`${WEB}/console/`);
  await page.fill('input[name=email]', 'demo@example.org');
  await page.fill('input[name=password]', password.trim());
  await page.click('main form button');
  // At a gateway where nothing has rung yet, the first steps.
  await page.waitForURL(/\/console\/(overview|setup)/);
  return { context, page };
}

/** The demo finds a plan there and leaves it as it is. */
async function applyPlan(data, text) {
  const plan = join(data, 'plan.toml');
  await writeFile(plan, text);
  const apply = spawn(BINARY, ['plan', 'apply', plan], { env: database(data), stdio: ['ignore', 'ignore', 'pipe'] });
  let why = '';
  apply.stderr.on('data', (text) => (why += text));
  const code = await new Promise((done) => apply.once('exit', done));
  if (code !== 0) throw new Error(`whence plan apply: ${code}\n${why}`);
}

/** Where the demo keeps what it knows. */
function database(data) {
  return { ...process.env, WHENCE_DATABASE__URL: `sqlite:${join(data, 'whence.db')}` };
}

/** SIPp plays one call of `scenario` to `number`, through the demo or another gateway. */
export async function sipp(scenario, number, from, gateway = SIP) {
  const logs = await mkdtemp(join(tmpdir(), 'whence-e2e-sipp-'));
  const words = ['-sf', join(HERE, scenario), '-s', number, '-key', 'caller', from, '-i', '127.0.0.1'];
  const bounds = ['-m', '1', '-nostdin', '-timeout', '30', '-timeout_error', '-trace_err', '-error_file', 'errors'];
  const program = spawn('sipp', [...words, ...bounds, gateway], { cwd: logs, stdio: ['ignore', 'ignore', 'ignore'] });
  const code = await new Promise((done) => program.once('exit', done));
  const errors = await readFile(join(logs, 'errors'), 'utf8').catch(() => '');
  await rm(logs, { recursive: true });
  if (code !== 0) throw new Error(`SIPp: ${code}\n${errors}`);
}

/** Asks again until `found` gives something, at most for `patience` milliseconds. */
export async function within(patience, what, found) {
  const end = Date.now() + patience;
  for (;;) {
    const got = await found();
    if (got) return got;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
