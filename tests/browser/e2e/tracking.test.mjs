// Segment's own library for Node, pointed at the gateway.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Analytics } from '@segment/analytics-node';

import { WEB, startDemo } from './demo_gateway.mjs';

let demo;

before(async () => (demo = await startDemo()));
after(() => demo?.stop());

test('the library says who somebody is and what they did', async () => {
  const writeKey = await demo.key('tracking:write', 'boulangerie');
  const analytics = new Analytics({ host: WEB, writeKey });
  const failures = [];
  analytics.on('error', (failure) => failures.push(failure));

  analytics.identify({ userId: '7', traits: { firstName: 'Ada', email: 'ada@example.org', phone: '06 39 98 00 01' } });
  analytics.track({
    userId: '7',
    event: 'Order Completed',
    timestamp: new Date(Date.now() - 60_000),
    properties: { order_id: '50314b8e', total: 27.5, currency: 'EUR' },
    context: { campaign: { name: 'spring', source: 'newsletter', medium: 'email' } },
  });
  analytics.page({ userId: '7', name: 'Prices' });
  analytics.group({ userId: '7', groupId: 'acme' });
  analytics.alias({ userId: '7', previousId: 'before' });
  analytics.track({ anonymousId: 'nobody of ours', event: 'Song Played' });
  await analytics.closeAndFlush({ timeout: 10_000 });

  assert.deepEqual(failures, []);
  for (const customer of ['7', 'before']) {
    const { items } = await demo.api(`contacts?customer=boulangerie:${customer}`);
    assert.deepEqual(items.map((contact) => contact.given_name), ['Ada'], customer);
  }
  const { items } = await demo.api('contacts?email=ada@example.org');
  const ada = await demo.api(`contacts/${items[0].id}`);
  assert.ok(ada.identities.some((it) => it.kind === 'phone' && it.value === '+33639980001'));
  const told = ada.timeline.map(({ kind, engagement }) => [kind, engagement.name, engagement.amount]);
  assert.deepEqual(told, [['custom', 'Viewed Prices Page', null], ['purchase', '50314b8e', 2750]]);
  const ago = Date.now() - Date.parse(ada.timeline[1].at);
  assert.ok(ago > 55_000 && ago < 75_000, `${ago}`);
  assert.equal(ada.timeline[1].engagement.came_by.channel, 'Email');
});
