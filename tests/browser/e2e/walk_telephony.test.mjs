// The walk of a telephony admin: a shop gets its line, its hours and its numbers; a call is seen live and read afterwards,
// down to its SIP messages; one that nobody takes is missed, and something is watched from then on.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from '../support/browser.mjs';
import { sipp, within } from './demo_gateway.mjs';
import { freePort, startGateway } from './own_gateway.mjs';
import { Telephone } from './telephone.mjs';
import { caller, says, startLine, startWalk } from './walk.mjs';

const MOBILE = '+33612345678';
const [POSTER, WORKSHOP] = ['+33199002001', '+33199002002'];
const TABLE = `number,label,outlet,destination,channel,source,medium,campaign
${POSTER},Poster at the station,lyon,lyon-shop,Offline,poster,print,spring
${WORKSHOP},Card of the workshop,lyon,workshop,Offline,card,print,
`;
const trunk = (port) => `
[[trunk]]
name = "carrier"
from = ["127.0.0.1"]
to = ["sip:127.0.0.2:${port}"]
country = "FR"
`;
const plan = (workshop) => `
[[outlets]]
id = "head-office"
name = "Boulangerie Martin"

[[sites]]
id = "boulangerie"
name = "boulangerie-martin.example"
outlet = "head-office"
origins = ["https://boulangerie-martin.example"]

[[destinations]]
id = "on-duty"
name = "On duty"
outlet = "head-office"
steps = [{ number = "${MOBILE}", trunk = "carrier", ring_s = 20 }]

[[destinations]]
id = "workshop"
name = "Workshop"
outlet = "head-office"
line = "sip:workshop@${workshop}"
ring_s = 2
`;

let folder, telephone, workshop, gateway, browser;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whence-walk-'));
  const [port, control] = [await freePort('udp'), await freePort('tcp')];
  telephone = await Telephone.start(folder, { host: '127.0.0.2', port, user: MOBILE, hz: 440, seconds: 120, control });
  workshop = await startLine('no_answer');
  gateway = await startGateway({ trunks: trunk(port), plan: plan(workshop.address) });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await workshop?.stop();
  await telephone?.stop();
  await rm(folder, { recursive: true });
});

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** The day on which the shop is closed, soon and not today: the call of this walk is to find it open. `at` is a moment of it. */
function closedDay() {
  const day = new Date(Date.now() + 3 * 24 * 60 * 60 * 1000);
  return { name: DAYS[day.getUTCDay()], at: `${day.toISOString().slice(0, 10)}T15:00` };
}

test('a telephony admin connects a shop and follows its calls', async () => {
  const options = { locale: 'en', timezoneId: 'Europe/Paris' };
  const { page, open, stop, tabTo, end } = await startWalk(browser, gateway, 'telephony', options);
  const main = page.locator('main');
  const apply = async () => {
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL('**saved=1**');
  };

  await page.locator('.setup-done', { hasText: 'A trunk' }).getByRole('link', { name: 'See it' }).click();
  await page.locator('.health-up').waitFor();
  await says(main, 'carrier Up', 'Calls come from 127.0.0.1');
  await stop('trunk');

  await open('outlets');
  await page.fill('input[name=name]', 'Lyon');
  await page.fill('input[name=id]', 'lyon');
  await page.selectOption('select[name=parent]', 'head-office');
  await page.getByRole('button', { name: 'Add' }).click();
  await apply();
  await says(page.locator('table'), 'Boulangerie Martin head-office 1 2', 'Lyon lyon 0 0');
  await stop('outlets');

  // First the shop; when it is closed or nobody takes the call, whoever is on duty.
  await open('destinations/new');
  await page.fill('input[name=name]', 'Shop in Lyon');
  await page.fill('input[name=id]', 'lyon-shop');
  await page.selectOption('select[name=outlet]', 'lyon');
  const step = page.locator('.step-row').first();
  await step.getByLabel('Step 1').selectOption('number');
  await step.getByLabel('What').fill('06 12 34 56 78');
  await step.getByLabel('Over the trunk').fill('carrier');
  await step.getByLabel('Seconds').fill('20');
  await page.selectOption('select[name=fallback]', 'workshop');
  await page.fill('input[name=zone]', 'Europe/Paris');
  await page.selectOption('select[name=outside]', 'on-duty');
  const closed = closedDay();
  const openOn = DAYS.filter((day) => day !== closed.name).join(',').toLowerCase();
  await page.fill('textarea[name=week]', `${openOn} 00:00-12:30 12:30-24:00`);
  await stop('destination');
  await page.getByRole('button', { name: 'Look what would change' }).click();
  await says(main, 'New: destination lyon-shop');
  await apply();
  await open('destinations/lyon-shop');
  await page.fill('input[name=at]', closed.at);
  await page.getByRole('button', { name: 'Tell' }).click();
  await page.waitForURL('**at=**');
  await says(page.locator('#what-if'), 'closed (', 'It opens next', 'Rings +33 6 12 34 56 78 over carrier (On duty) for 20 s');
  await says(page.locator('.week'), '00:00-12:30 12:30-24:00');
  await says(page.locator('.week'), closed.name, 'closed');
  assert.ok(await page.locator('svg.ring-plan').isVisible());
  await stop('on-a-closed-day');

  await open('numbers/table');
  await page.setInputFiles('input[name=file]', { name: 'numbers.csv', mimeType: 'text/csv', buffer: Buffer.from(TABLE) });
  await page.getByRole('button', { name: 'Look what would change' }).click();
  assert.equal(await page.locator('.state', { hasText: 'new' }).count(), 2);
  await stop('table-of-numbers');
  await apply();
  await says(page.locator('tbody tr', { hasText: 'Poster at the station' }), 'in service', 'Lyon Shop in Lyon');
  await stop('numbers');

  await open('pools/new');
  await page.fill('input[name=id]', 'boulangerie');
  await page.selectOption('select[name=site]', 'boulangerie');
  await page.fill('input[name=target]', '01 99 00 00 01');
  await page.selectOption('select[name=destination]', 'lyon-shop');
  await page.fill('textarea[name=numbers]', '+33199001000..+33199001009');
  await page.getByRole('button', { name: 'Look what would change' }).click();
  await apply();
  await open('pools');
  await says(page.locator('tbody tr'), 'boulangerie', '01 99 00 00 01 10');
  await stop('pool');

  await open('live');
  const calls = sipp(caller('line_hangs_up'), POSTER, '+33639980061', gateway.sip);
  const live = page.locator('#live-calls tbody tr', { hasText: 'Talking' });
  await live.getByText('poster / print').waitFor();
  await says(live, '06 39 98 00 61', 'Offline', 'Shop in Lyon');
  await stop('live');
  await telephone.tell('hangup');
  await calls;
  await page.locator('#live-calls').getByText('Nobody calls just now').waitFor();

  await open('calls');
  await says(page.locator('.calls tbody tr'), 'Answered', '06 39 98 00 61', 'Offline', 'Shop in Lyon');
  await stop('calls');
  await tabTo(page.locator('.row-link'));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/console/calls/*');
  await says(page.locator('.journey'), 'Call arrived', 'Answered', 'Ended Hung up by the line');
  await within(30_000, 'its messages are kept', async () => {
    await page.reload();
    return page.locator('.wire').count();
  });
  await tabTo(page.locator('.wire > summary'));
  await page.keyboard.press('Enter');
  await says(page.locator('.rungs'), 'INVITE', '180', '200', 'ACK', 'BYE');
  await stop('a-call');

  await sipp(caller('no_answer'), WORKSHOP, '+33639980062', gateway.sip);
  await within(30_000, 'the missed call is counted', async () => {
    await open('missed?period=today');
    return (await page.locator('#hours .large').first().innerText()) === '1';
  });
  await says(page.locator('.missed tbody tr'), '06 39 98 00 62', 'Missed', 'Workshop', 'waiting for', 'Call back');
  await stop('missed');

  await open('alerts');
  await page.getByRole('link', { name: 'Missed calls', exact: true }).click();
  await page.fill('input[name=name]', 'Lyon misses calls');
  await page.selectOption('select[name=outlet]', 'lyon');
  await page.fill('input[name=minutes]', '60');
  await page.fill('input[name=share_percent]', '20');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL('**/console/alerts/*');
  await says(main, 'Lyon misses calls', '· Lyon', 'more than 20% of at least 10 calls missed within 60 min');
  await open('alerts');
  await says(page.locator('tbody tr'), 'Lyon misses calls');
  await stop('alert');
  await end();
});
