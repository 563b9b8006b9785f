// Stands in for the gateway on pages that show how the snippet behaves: it
// serves the real snippet, the demo website and pages that a test hands in,
// writes down what the snippet sends, and answers as the test says.
//
// What the gateway itself does is shown in e2e/, against the gateway.

import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** The page that shows every way of writing a number, from the top of the repository. */
export const CONFORMANCE = '/tests/browser/conformance.html';
const SNIPPET = join(REPOSITORY, 'src/http/snippet/assets');
const DEMO = join(REPOSITORY, 'src/demo/site');

// Wide enough for the gateway's own policy to fit in.
export const STRICT = "default-src 'self'; object-src 'none'; base-uri 'none'";

export const TARGET = '+33199000001';
export const VISIT = '019ab000-0000-7000-8000-000000000001';
export const VISITOR = '019ab000-0000-7000-8000-00000000000a';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A script as the gateway serves it (`terse` in script.rs; e2e/served.test.mjs holds the two together). */
function terse(name) {
  const source = readFileSync(join(SNIPPET, name), 'utf8');
  const code = source.indexOf('*/\n') + 3;
  const lines = source.slice(code).split('\n').map((line) => line.trim());
  const kept = lines.filter((line) => line && !line.startsWith('//')).map(tight);
  const served = kept.map((line) => line + (/[;{},(]$/.test(line) ? '' : '\n')).join('');
  return source.slice(0, code) + served.replaceAll(';}', '}');
}
function tight(line) {
  const signs = ['=>', '===', '!==', '!=', '||=', '+=', '=', '&&', '||', '?', ':', '+', '-', '*', '<', '>', ',', ';', '{', '}', '(', ')'];
  const code = (text) =>
    signs.reduce((text, sign) => text.replaceAll(` ${sign}`, sign).replaceAll(`${sign} `, sign), text);
  const literals = /('(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\/(?:\\.|[^/\\])*\/)/;
  return line.split(literals).map((text, i) => (i % 2 ? text : code(text))).join('');
}
export const integrity = (script, hash = 'sha384') => `${hash}-${createHash(hash).update(script).digest('base64')}`;
export const callScript = () => terse('whence-call.v1.js');
export const moreScript = () => terse('whence-more.v1.js').replace('INTEGRITY', integrity(callScript(), 'sha256'));
export const snippet = () => terse('whence.v1.js').replace('INTEGRITY', integrity(moreScript(), 'sha256'));

const SCRIPTS = {
  '/whence.v1.js': snippet,
  '/whence-more.v1.js': moreScript,
  '/whence-call.v1.js': callScript,
};

/** What the gateway answers to a visit that was lent `number`. */
export function lent(number, target = TARGET) {
  return {
    visit: VISIT,
    visitor: VISITOR,
    keep_alive_ms: 60_000,
    channel: 'Direct',
    swaps: [{ target, number, rule: 'lease' }],
  };
}

/** What it answers without consent: the channel's static number, if it has one. */
export function anonymous(number = null) {
  return {
    visit: null,
    visitor: null,
    keep_alive_ms: 60_000,
    channel: 'Direct',
    swaps: [{ target: TARGET, number, rule: number ? 'channel_static' : 'original' }],
  };
}

export async function start() {
  const heard = new EventEmitter();
  const stub = {
    /** Bodies of `POST /api/v1/visits`, oldest first. */
    visits: [],
    /** Visit ids of `POST /api/v1/visits/{id}/alive`. */
    alives: [],
    /** Taps, events and identities: `{ visit, what, body, headers }`. */
    reports: [],
    /** What was asked for below `/calls/`. */
    proxied: [],
    /** Pages by path. */
    pages: new Map(),
    /** `(body) => ({ status?, headers?, json?, until? })`; `until` is a promise to wait for. */
    answer: (body) => ({ json: body.consent ? lent('+33199000042') : anonymous() }),
    answerAlive: () => ({ json: lent('+33199000042') }),
    answerReport: () => ({ json: {} }),
    /** Waits until the snippet has sent `n` visits. */
    async told(n) {
      while (stub.visits.length < n) await once(heard, 'visit');
    },
    /** Waits until the snippet has sent `n` taps, events or identities. */
    async reported(n) {
      while (stub.reports.length < n) await once(heard, 'report');
    },
    reset() {
      Object.assign(stub, fresh());
      stub.pages.clear();
    },
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
  const { answer, answerAlive, answerReport } = stub;
  const fresh = () => ({ visits: [], alives: [], reports: [], proxied: [], answer, answerAlive, answerReport });

  const server = createServer(async (request, response) => {
    // A site may have the gateway at a path of its own.
    const pathname = new URL(request.url, 'http://stub').pathname.replace(/^\/calls(?=\/)/, '');
    if (pathname !== request.url.split('?')[0]) stub.proxied.push(pathname);
    const alive = pathname.match(/^\/api\/v1\/visits\/([^/]+)\/alive$/);
    const report = pathname.match(/^\/api\/v1\/visits\/([^/]+)\/(taps|events|identify)$/);
    if (request.method === 'POST' && pathname === '/api/v1/visits') {
      const body = JSON.parse(await text(request));
      stub.visits.push({ ...body, headers: request.headers });
      heard.emit('visit');
      await reply(request, response, stub.answer(body));
    } else if (request.method === 'POST' && alive) {
      stub.alives.push(alive[1]);
      await reply(request, response, stub.answerAlive(alive[1]));
    } else if (SCRIPTS[pathname]) {
      response.writeHead(200, { 'content-type': TYPES['.js'], 'access-control-allow-origin': '*' });
      response.end(SCRIPTS[pathname]());
    } else if (request.method === 'POST' && report) {
      const body = JSON.parse(await text(request));
      stub.reports.push({ visit: report[1], what: report[2], body, headers: request.headers });
      heard.emit('report');
      await reply(request, response, stub.answerReport());
    } else if (pathname === '/react.js') {
      response.setHeader('content-type', TYPES['.js']);
      response.end(react());
    } else if (stub.pages.has(pathname)) {
      response.setHeader('content-type', TYPES['.html']);
      response.end(stub.pages.get(pathname));
    } else if (pathname === CONFORMANCE) {
      file(response, join(REPOSITORY, pathname));
    } else if (pathname === '/src/http/snippet/assets/whence.v1.js') {
      response.setHeader('content-type', TYPES['.js']);
      response.end(snippet());
    } else if (pathname.startsWith('/demo/')) {
      response.setHeader('content-security-policy', STRICT);
      file(response, join(DEMO, normalize(pathname.slice('/demo/'.length) || 'index.html')));
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  stub.origin = `http://127.0.0.1:${server.address().port}`;
  return stub;
}

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function reply(request, response, { status = 201, headers = {}, json, until }) {
  await until;
  response.writeHead(status, {
    'content-type': 'application/json',
    'access-control-allow-origin': request.headers.origin ?? '*',
    'access-control-expose-headers': 'Whence-Reason',
    ...headers,
  });
  response.end(json ? JSON.stringify(json) : '');
}

function file(response, path) {
  if (!path.startsWith(REPOSITORY) || !existsSync(path) || !statSync(path).isFile()) {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
  createReadStream(path).pipe(response);
}

/** React as one script that sets `React` and `ReactDOM`: its modules in a loader of ten lines. */
function react() {
  const require = createRequire(import.meta.url);
  const modules = {
    scheduler: 'scheduler/cjs/scheduler.production.js',
    react: 'react/cjs/react.production.js',
    'react-dom': 'react-dom/cjs/react-dom.production.js',
    'react-dom/client': 'react-dom/cjs/react-dom-client.production.js',
  };
  const bodies = Object.entries(modules).map(([name, path]) => {
    const [folder, ...rest] = path.split('/');
    const source = readFileSync(join(dirname(require.resolve(`${folder}/package.json`)), ...rest), 'utf8');
    return `${JSON.stringify(name)}: (exports, require, module) => {${source}\n}`;
  });
  return `(() => {
    const process = { env: { NODE_ENV: 'production' } };
    const bodies = { ${bodies.join(',\n')} };
    const loaded = {};
    const require = (name) => {
      if (!loaded[name]) {
        const module = (loaded[name] = { exports: {} });
        bodies[name](module.exports, require, module);
      }
      return loaded[name].exports;
    };
    window.React = require('react');
    window.ReactDOM = require('react-dom/client');
  })();`;
}

/** A page that carries the snippet. */
export function page(body, { attributes = 'data-consent="granted"', head = '', src = '/whence.v1.js' } = {}) {
  return `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Boulangerie</title>${head}
    <script async src="${src}" data-site="boulangerie" ${attributes}></script></head><body>${body}</body></html>`;
}
