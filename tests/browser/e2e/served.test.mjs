// What the stub serves in the other tests is what the gateway serves.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { callScript, moreScript, snippet } from '../support/stub.mjs';
import { startDemo, WEB } from './demo_gateway.mjs';

let demo;
before(async () => (demo = await startDemo()));
after(() => demo?.stop());

test('the scripts of the gateway are those of the other tests, byte for byte', async () => {
  const scripts = { 'whence.v1.js': snippet(), 'whence-more.v1.js': moreScript(), 'whence-call.v1.js': callScript() };
  for (const [name, script] of Object.entries(scripts)) {
    const answer = await fetch(`${WEB}/${name}`);

    assert.equal(await answer.text(), script);
  }
});
