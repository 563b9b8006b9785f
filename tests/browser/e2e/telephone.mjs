// A real SIP telephone (baresip) and a real browser that hum, each at its own
// pitch; and what of that is heard at the other end.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

import { QUIET, executablePath } from '../support/browser.mjs';
import { within } from './demo_gateway.mjs';

/** A tone in a WAV file of 16 bits, mono. */
export function tone(hz, rate, seconds = 10) {
  const samples = Int16Array.from({ length: seconds * rate }, (_, n) => 8_000 * Math.sin((2 * Math.PI * hz * n) / rate));
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

/**
 * Hums, for so many `seconds` until it hangs up, and writes down what it hears. Without `dials` it answers by itself; at port
 * `control` it is told what to do. What it `said` holds the SIP messages that come and go.
 */
export class Telephone {
  static async start(folder, { host, port, user, hz, seconds, dials, control }) {
    const home = join(folder, user);
    await mkdir(home);
    await writeFile(join(home, 'own.wav'), tone(hz, 8_000, seconds));
    const libraries = ['/usr/lib', ...(await readdir('/usr/lib')).map((name) => join('/usr/lib', name))];
    const modules = libraries.map((at) => join(at, 'baresip/modules')).find(existsSync);
    assert.ok(modules, 'baresip is missing: apt install baresip-core');
    const loads = ['g711.so', 'aubridge.so', 'aufile.so', 'sndfile.so'].map((name) => `module ${name}`);
    await writeFile(join(home, 'config'), [
      'poll_method epoll',
      `sip_listen ${host}:${port}`,
      `net_interface ${host}`,
      `audio_source aufile,${join(home, 'own.wav')}`,
      'audio_player aubridge,null',
      'audio_alert aubridge,null',
      `module_path ${modules}`,
      ...loads,
      'module_app account.so',
      'module_app menu.so',
      `snd_path ${home}`,
      ...(control ? ['module_app ctrl_tcp.so', `ctrl_tcp_listen ${host}:${control}`] : []),
      '',
    ].join('\n'));
    const account = `<sip:${user}@${host}:${port}>;regint=0;answermode=auto;audio_codecs=PCMA/8000/1\n`;
    await writeFile(join(home, 'accounts'), account);
    await writeFile(join(home, 'contacts'), '');
    const words = dials ? ['-e', `/dial ${dials}`] : [];
    const program = spawn('baresip', ['-s', '-f', home, ...words], { cwd: home, stdio: ['pipe', 'pipe', 'pipe'] });
    const telephone = Object.assign(new Telephone(), { home, program, host, control, said: '' });
    for (const stream of [program.stdout, program.stderr]) stream.on('data', (text) => (telephone.said += text));
    await within(10_000, 'baresip is ready', () => telephone.said.includes('baresip is ready'));
    return telephone;
  }

  /** How pure the tone is in the best half second of what it has heard; that is written when the call is over. */
  async purity(hz) {
    const name = (await readdir(this.home)).find((file) => file.endsWith('-dec.wav'));
    if (!name) return 0;
    const file = await readFile(join(this.home, name));
    const data = file.indexOf('data') + 8;
    const samples = new Int16Array(file.buffer.slice(file.byteOffset + data, file.byteOffset + data + ((file.length - data) & ~1)));
    const rate = file.readUInt32LE(24);
    let best = 0;
    for (let at = 0; at + rate / 2 <= samples.length; at += rate / 4) {
      best = Math.max(best, share(samples.subarray(at, at + rate / 2), hz, rate));
    }
    return best;
  }

  /** `hold`, `resume` …: JSON in a netstring. */
  async tell(command) {
    const text = JSON.stringify({ command });
    await new Promise((done, failed) => {
      const connection = connect(this.control, this.host, () => connection.write(`${text.length}:${text},`));
      connection.setTimeout(5_000, () => connection.destroy(new Error(`baresip does not answer to ${command}`)));
      connection.once('error', failed).once('data', () => done(connection.destroy()));
    });
  }

  async stop() {
    await ended(this.program);
  }
}

/** Ends a program, and waits until its ports and files are free; one that does not end by itself is killed. */
export async function ended(program) {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const exit = new Promise((done) => program.once('exit', done));
  const patience = setTimeout(() => program.kill('SIGKILL'), 5_000);
  program.kill('SIGTERM');
  await exit;
  clearTimeout(patience);
}

/** How a browser is started whose microphone hums. */
export const humming = (wav) => ({
  executablePath,
  args: [
    ...QUIET,
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${wav}`,
    // Everybody is on this machine.
    '--allow-loopback-in-peer-connection',
  ],
});

/** The page's connections are known to the test as `peers`. */
export const listensIn = (page) => page.addInitScript(() => {
  window.peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...words) {
      super(...words);
      peers.push(this);
    }
  };
});

/** How many packets a page sends within a second in its latest talk. */
export const sends = (page) => page.evaluate(async () => {
  const sent = async () => {
    const stats = [...(await peers.at(-1).getStats()).values()];
    return stats.find((stat) => stat.type === 'outbound-rtp').packetsSent;
  };
  const before = await sent();
  await new Promise((done) => setTimeout(done, 1_000));
  return (await sent()) - before;
});

/** The loudest pitch that a page hears in its latest talk. */
export const pitch = (page) => page.evaluate(async () => {
  const [receiver] = peers.at(-1).getReceivers();
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 8192 });
  context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  await new Promise((done) => setTimeout(done, 2_500));
  analyser.getFloatFrequencyData(bins);
  const loudest = bins.indexOf(Math.max(...bins));
  return { hz: (loudest * context.sampleRate) / analyser.fftSize, decibels: bins[loudest] };
});
