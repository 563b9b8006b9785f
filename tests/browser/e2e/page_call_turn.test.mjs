// A visitor whose network lets nothing out but to a TURN server: a real one
// (coturn), with the login that the gateway makes for the call.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { startDemo, WEB, within } from './demo_gateway.mjs';
import { Telephone, ended, humming, listensIn, pitch, tone } from './telephone.mjs';

const [VISITOR_HZ, LINE_HZ] = [440, 1000];
const LINE = { host: '127.0.0.2', port: 5072 };
const TURN = { host: '127.0.0.3', port: 3479, secret: 'between the two of us' };

let demo, browser, telephone, turn, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whence-turn-'));
  await writeFile(join(folder, 'visitor.wav'), tone(VISITOR_HZ, 48_000));
  turn = await startTurn();
  demo = await startDemo(
    (plan) => plan.replace('sip:counter@127.0.0.1:5070', `sip:line@${LINE.host}:${LINE.port}`),
    { WHENCE_MEDIA__ICE_SERVERS: `turn:${TURN.host}:${TURN.port}`, WHENCE_MEDIA__TURN_SECRET: TURN.secret },
  );
  telephone = await Telephone.start(folder, { ...LINE, user: 'line', hz: LINE_HZ });
  browser = await chromium.launch(humming(join(folder, 'visitor.wav')));
});
after(async () => {
  await browser?.close();
  await telephone?.stop();
  await demo?.stop();
  if (turn) await ended(turn);
  await rm(folder, { recursive: true });
});

async function startTurn() {
  const words = [
    '--no-cli', '--no-tls', '--no-dtls', '--no-stdout-log', '--allow-loopback-peers', '--use-auth-secret',
    `--static-auth-secret=${TURN.secret}`, '--realm=whence.example', `--listening-ip=${TURN.host}`,
    `--listening-port=${TURN.port}`, `--relay-ip=${TURN.host}`, `--userdb=${join(folder, 'turn.db')}`,
    `--pidfile=${join(folder, 'turn.pid')}`, `--log-file=${join(folder, 'turn.log')}`, '--simple-log', '--verbose',
  ];
  const program = spawn('turnserver', ['-n', ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [program.stdout, program.stderr]) stream.on('data', (text) => (said += text));
  const failed = new Promise((_, fails) => {
    program.once('error', (cause) => fails(new Error(`coturn is missing: apt install coturn (${cause.message})`)));
    program.once('exit', (code) => fails(new Error(`coturn ended with ${code}:\n${said}`)));
  });
  failed.catch(() => {});
  await Promise.race([failed, listens()]);
  return program;
}

/** A server that listens answers a binding request (RFC 8489 §6). */
async function listens() {
  const socket = createSocket('udp4');
  let answered = false;
  socket.on('message', () => (answered = true));
  const ask = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  await within(10_000, 'coturn answers', () => {
    socket.send(ask, TURN.port, TURN.host);
    return answered;
  });
  socket.close();
}

test('both hear each other by way of the server', async () => {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  await listensIn(page);
  // After that: this one goes to nobody but the server.
  await page.addInitScript(() => {
    const Peer = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Peer {
      constructor(settings) {
        super({ ...settings, iceTransportPolicy: 'relay' });
      }
    };
  });
  await page.goto(`${WEB}/demo/contact.html`);
  await page.click('button[value=yes]');
  await page.waitForFunction(() => whence.debug().reply?.visit && whence.call);

  await page.click('[data-whence-call]');
  await page.waitForSelector('[data-whence-call][data-whence-state=talking]', { timeout: 20_000 });
  const heard = await pitch(page);
  const types = await page.evaluate(async () => {
    const stats = [...(await peers.at(-1).getStats()).values()];
    const pair = stats.find((stat) => stat.type === 'candidate-pair' && stat.nominated && stat.state === 'succeeded');
    const of = (id) => stats.find((stat) => stat.id === id).candidateType;
    return [of(pair.localCandidateId), of(pair.remoteCandidateId)];
  });
  await page.locator('section[role=dialog] .end').click();

  assert.deepEqual(types, ['relay', 'host']);
  assert.ok(Math.abs(heard.hz - LINE_HZ) < 20 && heard.decibels > -60, `the browser hears ${JSON.stringify(heard)}`);
  await within(5_000, 'the telephone has heard the visitor', async () => (await telephone.purity(VISITOR_HZ)) > 0.8);
  await context.close();
});
