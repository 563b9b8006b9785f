// A visitor calls from the page: a real browser with a microphone that hums at
// one pitch, a real SIP telephone (baresip) that hums at another, the gateway
// between them. Each pitch is found at the other end.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { QUIET, executablePath } from '../support/browser.mjs';
import { startDemo, WEB, within } from './demo_gateway.mjs';

const [VISITOR_HZ, LINE_HZ] = [440, 1000];
const LINE = { host: '127.0.0.2', port: 5072 };

let demo, browser, telephone, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whence-page-call-'));
  await writeFile(join(folder, 'visitor.wav'), tone(VISITOR_HZ, 48_000));
  await writeFile(join(folder, 'line.wav'), tone(LINE_HZ, 8_000));
  demo = await startDemo((plan) => plan.replace('sip:counter@127.0.0.1:5070', `sip:line@${LINE.host}:${LINE.port}`));
  telephone = await startTelephone();
  browser = await chromium.launch({
    executablePath,
    args: [
      ...QUIET,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${join(folder, 'visitor.wav')}`,
      // Everybody is on this machine.
      '--allow-loopback-in-peer-connection',
    ],
  });
});
after(async () => {
  await browser?.close();
  telephone?.kill('SIGTERM');
  await demo?.stop();
  await rm(folder, { recursive: true });
});

/** A tone of ten seconds in a WAV file of 16 bits, mono. */
function tone(hz, rate) {
  const samples = Int16Array.from({ length: 10 * rate }, (_, n) => 8_000 * Math.sin((2 * Math.PI * hz * n) / rate));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(2 * rate, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

/** baresip answers by itself, hums, and writes down what it hears. */
async function startTelephone() {
  const home = join(folder, 'baresip');
  await mkdir(home);
  const libraries = ['/usr/lib', ...(await readdir('/usr/lib')).map((name) => join('/usr/lib', name))];
  const modules = libraries.map((at) => join(at, 'baresip/modules')).find(existsSync);
  assert.ok(modules, 'baresip is missing: apt install baresip-core');
  const loads = ['g711.so', 'aubridge.so', 'aufile.so', 'sndfile.so'].map((name) => `module ${name}`);
  await writeFile(join(home, 'config'), [
    'poll_method epoll',
    `sip_listen ${LINE.host}:${LINE.port}`,
    `net_interface ${LINE.host}`,
    `audio_source aufile,${join(folder, 'line.wav')}`,
    'audio_player aubridge,null',
    'audio_alert aubridge,null',
    `module_path ${modules}`,
    ...loads,
    'module_app account.so',
    'module_app menu.so',
    `snd_path ${folder}`,
    '',
  ].join('\n'));
  const account = `<sip:line@${LINE.host}:${LINE.port}>;regint=0;answermode=auto;audio_codecs=PCMA/8000/1\n`;
  await writeFile(join(home, 'accounts'), account);
  await writeFile(join(home, 'contacts'), '');
  const program = spawn('baresip', ['-f', home], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [program.stdout, program.stderr]) stream.on('data', (text) => (said += text));
  await within(10_000, 'baresip is ready', () => said.includes('baresip is ready'));
  return program;
}

/** How much of the power of these samples is at this pitch, from 0 to 1. */
function share(samples, hz, rate) {
  let [sine, cosine, power] = [0, 0, 0];
  samples.forEach((value, n) => {
    const angle = (2 * Math.PI * hz * n) / rate;
    sine += value * Math.sin(angle);
    cosine += value * Math.cos(angle);
    power += value * value;
  });
  return power ? (2 * (sine * sine + cosine * cosine)) / samples.length / power : 0;
}

/** How pure the tone is in the best half second of what the telephone has heard. */
async function purity(hz) {
  const name = (await readdir(folder)).find((file) => file.endsWith('-dec.wav'));
  if (!name) return 0;
  const file = await readFile(join(folder, name));
  const data = file.indexOf('data') + 8;
  const samples = new Int16Array(file.buffer.slice(file.byteOffset + data, file.byteOffset + data + ((file.length - data) & ~1)));
  const rate = file.readUInt32LE(24);
  let best = 0;
  for (let at = 0; at + rate / 2 <= samples.length; at += rate / 4) {
    best = Math.max(best, share(samples.subarray(at, at + rate / 2), hz, rate));
  }
  return best;
}

async function caller() {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  // The connection of the snippet, so that the test can listen in.
  await page.addInitScript(() => {
    window.peers = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...words) {
        super(...words);
        peers.push(this);
      }
    };
  });
  await page.goto(`${WEB}/demo/contact.html?utm_source=google&utm_medium=cpc&utm_campaign=test`);
  await page.click('button[value=yes]');
  await page.waitForFunction(() => whence.debug().reply?.visit && whence.call);
  return page;
}

const button = '[data-whence-call]';
const state = (page, wanted) => page.waitForSelector(`${button}[data-whence-state=${wanted}]`, { timeout: 20_000 });

test('both hear each other, and the call is of the visit', async () => {
  const page = await caller();
  const visit = await page.evaluate(() => whence.debug().reply.visit);

  await page.click(button);
  await state(page, 'talking');
  const pitch = await page.evaluate(async () => {
    const [receiver] = peers[0].getReceivers();
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 8192 });
    context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    await new Promise((done) => setTimeout(done, 2_500));
    analyser.getFloatFrequencyData(bins);
    const loudest = bins.indexOf(Math.max(...bins));
    return { hz: (loudest * context.sampleRate) / analyser.fftSize, decibels: bins[loudest] };
  });
  await page.locator('section[role=dialog] .end').click();
  await state(page, 'ended');

  assert.ok(Math.abs(pitch.hz - LINE_HZ) < 20 && pitch.decibels > -60, `the browser hears ${JSON.stringify(pitch)}`);
  // What it hears is written when the call is over.
  await within(5_000, 'the telephone has heard the visitor', async () => (await purity(VISITOR_HZ)) > 0.8);
  assert.ok((await purity(LINE_HZ)) < 0.1, 'and not itself');

  const call = await within(10_000, 'the call is written down', async () =>
    (await demo.api('calls')).items.find((call) => call.outcome));
  assert.deepEqual([call.outcome, call.hung_up_by, call.trunk], ['answered', 'caller', 'page']);
  const whole = await demo.api(`calls/${call.id}`);
  const [origin] = whole.attribution.shares;
  assert.deepEqual([origin.visit, origin.probability, origin.evidence.rule], [visit, 1, 'made_on_page']);
  assert.equal(origin.campaign, 'test');
  for (const stream of whole.streams) {
    assert.ok(stream.received > 50 && stream.sent > 50 && stream.strangers === 0, JSON.stringify(stream));
  }
  await page.context().close();
});

test('who gives no microphone is told so, in the language of the page', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('no', 'NotAllowedError');
    };
  });
  await page.goto(`${WEB}/demo/contact.html`);
  await page.click('button[value=no]');
  await page.waitForFunction(() => window.whence?.call);

  await page.click(button);

  await state(page, 'ended');
  assert.equal(await page.locator('section[role=dialog] [role=status]').innerText(), 'Sans micro, pas d’appel');
  await context.close();
});
